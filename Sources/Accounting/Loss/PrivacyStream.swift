import Glibc

/// A history that grows round by round: what a training loop asks "how much so far?".
///
/// Each kind of event is put on the grid once, when it first happens; one more round of a known kind
/// is one addition, whatever has happened before. An answer composes what there is and does not depend
/// on how many rounds that was.
///
///     var stream = try PrivacyStream(gridSpacing: 1e-3)
///     while try stream.epsilon(delta: 1e-5, with: next).upper <= budget {
///       train()
///       try stream.record(next)
///     }
public struct PrivacyStream: Sendable {
  /// The distance between losses on the grid.
  public let gridSpacing: Double
  /// Mass below exp of this is cut from every release.
  private static let logTail = -160.0
  private var counts: [PrivacyEvent: Int] = [:]
  /// The kinds in the order they first happened.
  private var kinds: [PrivacyEvent] = []
  private var losses: [PrivacyEvent: [LossMasses?]] = [:]
  private var isNonPrivate = false

  /// No releases yet.
  ///
  /// - Throws: `AccountingError.invalid` unless the spacing is positive.
  public init(gridSpacing: Double = 1e-3) throws(AccountingError) {
    self.gridSpacing = try PLDAccountant(gridSpacing: gridSpacing).gridSpacing ?? gridSpacing
  }

  /// How many releases there were.
  public var count: Int { counts.values.reduce(0, +) }

  /// Notes that `event` happened, as often as it says.
  ///
  /// - Throws: `AccountingError` if the event has no bound here or is about other neighbours than
  ///   those before it; nothing is noted then.
  /// - Complexity: O(1), but for the first event of a kind.
  public mutating func record(_ event: PrivacyEvent) throws(AccountingError) {
    guard event.count > 0 else { return }
    let kind = try event.repeated(1)
    if let before = counts[kind] {
      let (sum, overflow) = before.addingReportingOverflow(event.count)
      guard !overflow else {
        throw .invalid("count", "\(event.count)", "makes more releases than can be counted")
      }
      counts[kind] = sum
      return
    }
    try PLDAccountant().check(kinds + [kind])
    if case .shuffledBatches = event.sampling {
      throw .unsupported(
        accountant: "stream", event: "\(event)",
        reason: "a pass of shuffled batches is one release; record it as one when it ends",
        supportedBy: ["pld"])
    }
    var both: [LossMasses?] = []
    for side in LossSide.allCases {
      for method in [Discretization.connectTheDots, .touchTheCurve] {
        let request = LossRequest(
          side: side, spacing: gridSpacing, logTail: Self.logTail, method: method)
        var masses = try event.losses(request)
        if let found = masses, found.spacing != gridSpacing {
          masses = try found.regridded(spacing: gridSpacing, by: method)
        }
        both.append(masses?.withPeaks())
      }
    }
    losses[kind] = both
    counts[kind] = event.count
    kinds.append(kind)
    if event.mechanism == .nonPrivate { isNonPrivate = true }
  }

  /// The least epsilon at `delta` of everything so far, between certified ends.
  public func epsilon(delta: Double) throws(AccountingError) -> PrivacyBound {
    try checkDelta(delta)
    if isNonPrivate { return PrivacyBound(lower: .infinity, upper: .infinity) }
    guard delta < 1 else { return PrivacyBound(lower: 0, upper: 0) }
    var upper = 0.0
    var lower = 0.0
    for (index, side) in LossSide.allCases.enumerated() {
      if let above = composed(2 * index) {
        let found = try LossCurve.upper(above, theta: above.tilt(delta: delta), delta: delta)
          .epsilon
        upper = max(upper, found)
      }
      if side == .gain, let below = composed(2 * index + 1) {
        lower = try LossCurve.lower(below, theta: below.tilt(delta: delta), delta: delta)
      }
    }
    return PrivacyBound(lower: min(lower, upper), upper: upper)
  }

  /// What the epsilon would be after one more `event`.
  public func epsilon(
    delta: Double, with event: PrivacyEvent
  ) throws(AccountingError) -> PrivacyBound {
    var next = self
    try next.record(event)
    return try next.epsilon(delta: delta)
  }

  private func composed(_ index: Int) -> ComposedLoss? {
    var parts: [(masses: LossMasses, count: Int)] = []
    for kind in kinds {
      if let masses = losses[kind]?[index], let count = counts[kind] {
        parts.append((masses, count))
      }
    }
    return parts.isEmpty ? nil : ComposedLoss(parts)
  }
}
