import Glibc

/// The accountant of privacy random variables: losses rounded to a mesh with their mean kept, composed
/// by Fourier transforms.
///
/// Rounding errors of k releases are independent and centred, so their sum stays within `epsilonError`
/// but for a probability `deltaError` (Hoeffding) if the mesh is at most
///
///     h = epsilonError / sqrt(k / 2 * ln(12 / deltaError)).
///
/// The interval is [epsilon(delta + deltaError) - epsilonError, epsilon(delta - deltaError) +
/// epsilonError], with the arithmetic charged on top. It is wider than that of `PLDAccountant`, by
/// construction; it is here to be compared with, and as a second opinion that shares no discretisation
/// with the first.
///
/// Source: Gopi, Lee and Wutschitz, "Numerical Composition of Differential Privacy", 2021,
/// arXiv 2106.02848, theorem 5.5 and section 5.
public struct PRVAccountant: PrivacyAccountant {
  /// "prv".
  public let name = "prv"
  /// Half of the interval's width in epsilon, about.
  public let epsilonError: Double
  /// The probability with which rounding errors may add up to more; nil for a thousandth of delta.
  public let deltaError: Double?

  /// An accountant with these errors.
  ///
  /// - Throws: `AccountingError.invalid` unless both are positive.
  public init(epsilonError: Double = 0.01, deltaError: Double? = nil) throws(AccountingError) {
    guard epsilonError > 0, epsilonError.isFinite else {
      throw .invalid("epsilon error", "\(epsilonError)", "must be above 0, such as 0.01")
    }
    if let deltaError {
      guard deltaError > 0, deltaError < 1 else {
        throw .invalid("delta error", "\(deltaError)", "must be a probability above 0")
      }
    }
    self.epsilonError = epsilonError
    self.deltaError = deltaError
  }

  /// An accountant with an error of 0.01 in epsilon.
  public init() {
    epsilonError = 0.01
    deltaError = nil
  }

  /// Says which events have no known pair.
  public func refusal(of event: PrivacyEvent) -> String? {
    if case .fixedSize(let size, let population) = event.sampling, size < population {
      return "the losses of a cohort of fixed size lie between the points of its mesh"
    }
    return event.lossRefusal
  }

  /// The least epsilon at `delta`, between certified ends.
  public func epsilon(
    delta: Double, of events: [PrivacyEvent]
  ) throws(AccountingError) -> PrivacyBound {
    try checkDelta(delta)
    try check(events)
    let history = try LossHistory(events)
    if history.isNonPrivate { return PrivacyBound(lower: .infinity, upper: .infinity) }
    if history.isEmpty || delta == 1 { return PrivacyBound(lower: 0, upper: 0) }
    let error = deltaError ?? delta / 1000
    guard error < delta else {
      throw .numerical(
        accountant: name, reason: "its error of \(error) in delta is not below delta \(delta)")
    }
    var upper = 0.0
    var lower = 0.0
    for side in history.sides {
      guard let losses = try mesh(history, side: side, delta: delta, deltaError: error) else {
        continue
      }
      let theta = losses.tilt(delta: delta)
      let (curve, high) = try LossCurve.upper(losses, theta: theta, delta: delta - error)
      guard high < .infinity || losses.infinity.up(4) >= delta - error else {
        throw .numerical(
          accountant: name,
          reason: "the rounding of all releases together, up to \(losses.lossSlack) in epsilon,"
            + " hides the answer")
      }
      upper = max(upper, high + epsilonError)
      if side == history.sides.first, history.isAttained {
        lower = max(lower, curve.lowerEpsilon(delta: delta + error) - epsilonError)
      }
    }
    return PrivacyBound(lower: min(lower, upper), upper: upper)
  }

  /// The least delta at `epsilon`, between certified ends.
  public func delta(
    epsilon: Double, of events: [PrivacyEvent]
  ) throws(AccountingError) -> PrivacyBound {
    try checkEpsilon(epsilon)
    try check(events)
    let history = try LossHistory(events)
    if history.isNonPrivate { return PrivacyBound(lower: 1, upper: 1) }
    if history.isEmpty { return PrivacyBound(lower: 0, upper: 0) }
    let error = deltaError ?? 1e-12
    var upper = 0.0
    var lower = 0.0
    for side in history.sides {
      guard let losses = try mesh(history, side: side, delta: error, deltaError: error) else {
        continue
      }
      let curve = try LossCurve(
        losses, theta: losses.tilt(epsilon: epsilon), logDelta: log(error))
      let nearer = max(epsilon - epsilonError, 0)
      upper = max(
        upper, epsilon > epsilonError ? curve.upper(epsilon: nearer) + error : 1)
      if side == history.sides.first, history.isAttained {
        lower = max(lower, curve.lower(epsilon: epsilon + epsilonError) - error)
      }
    }
    return PrivacyBound(lower: min(lower, upper), upper: min(1, upper))
  }

  private func mesh(
    _ history: LossHistory, side: LossSide, delta: Double, deltaError: Double
  ) throws(AccountingError) -> ComposedLoss? {
    let spacing = epsilonError / (history.releases / 2 * log(12 / deltaError)).squareRoot()
    return try history.composed(
      LossRequest(
        side: side, spacing: spacing.down(8), logTail: history.logTail(delta: delta),
        method: .keepMean))
  }
}
