import Glibc

/// Composition by Gaussian differential privacy (Dong, Roth and Su, arXiv 1905.02383): exact for Gaussian
/// releases to which every unit contributes, an estimate where the units were sampled.
///
/// Unsampled, the squares of sensitivity over deviation add up to mu^2, and the curve of `GaussianTradeOff`
/// is the answer itself: both ends are certified and as close as rounding allows. Sampled releases tend
/// to a mu by the central limit theorem (Bu, Dong, Long and Su, arXiv 1911.11607),
///
///     mu = q sqrt(T (e^{1/s^2} - 1))                                        Poisson
///     mu = q sqrt(2 T (e^{1/s^2} Phi(3/(2s)) + 3 Phi(-1/(2s)) - 2))          fixed size, s by replacement
///
/// and the epsilon of the limit is often too low, by up to a half: it is never called certified.
public struct GaussianAccountant: PrivacyAccountant, Sendable, Hashable {
  /// The one there is.
  public init() {}

  /// The name on the command line.
  public var name: String { "gdp" }

  /// Why there is no answer for `event`; nil if there is one.
  public func refusal(of event: PrivacyEvent) -> String? {
    switch event.mechanism {
    case .nonPrivate, .gaussian: break
    default: return "only Gaussian noise composes to Gaussian differential privacy exactly"
    }
    switch event.sampling {
    case .everyone, .poisson, .poissonRecords(_, 1): return nil
    case .fixedSize, .shuffledBatches:
      return event.adjacency == .addRemove && event.sampling.rate < 1
        ? "cohorts of a fixed size have no add-remove neighbour; relation replace-one or zero-out has "
          + "an answer"
        : nil
    case .poissonRecords, .truncatedPoisson, .shuffledReports:
      return "there is no central limit theorem for this sampling here"
    }
  }

  /// Whether `events` together have exactly the trade-off between errors of one Gaussian mechanism.
  public func isExact(for events: [PrivacyEvent]) -> Bool {
    events.allSatisfy { refusal(of: $0) == nil && $0.isUnsampled }
  }

  /// The epsilon at `delta`: enclosed if no release was sampled, otherwise an estimate.
  public func epsilon(
    delta: Double, of events: [PrivacyEvent]
  ) throws(AccountingError) -> PrivacyBound {
    try RenyiAccountant.checkDelta(delta)
    try check(events)
    if let bound = Self.nonPrivateEpsilon(delta: delta, of: events) { return bound }
    if events.allSatisfy(\.isUnsampled) {
      return GaussianTradeOff.epsilon(delta: delta, mu: Self.bounds(of: events))
    }
    return PrivacyBound(
      estimate: GaussianCurve.epsilonUpper(delta: delta, mu: try limit(of: events)))
  }

  /// The delta at `epsilon`: enclosed if no release was sampled, otherwise an estimate.
  public func delta(
    epsilon: Double, of events: [PrivacyEvent]
  ) throws(AccountingError) -> PrivacyBound {
    try RenyiAccountant.checkEpsilon(epsilon)
    try check(events)
    if events.contains(where: { $0.mechanism == .nonPrivate && $0.count > 0 }) {
      return PrivacyBound(lower: 0, upper: 1)
    }
    if events.allSatisfy(\.isUnsampled) {
      return GaussianTradeOff.delta(epsilon: epsilon, mu: Self.bounds(of: events))
    }
    let mu = try limit(of: events)
    return PrivacyBound(
      estimate: GaussianTradeOff.delta(epsilon: epsilon, mu: (mu, mu)).upper, trivialUpper: 1)
  }

  /// The mu of the events together: exact but for rounding where none was sampled, otherwise the limit
  /// for many releases.
  ///
  /// - Throws: `AccountingError` if an event is not supported or they have no common relation.
  public func mu(of events: [PrivacyEvent]) throws(AccountingError) -> Double {
    try check(events)
    if events.contains(where: { $0.mechanism == .nonPrivate && $0.count > 0 }) { return .infinity }
    return try limit(of: events)
  }

  private func limit(of events: [PrivacyEvent]) throws(AccountingError) -> Double {
    var square = 0.0
    for (event, count) in PrivacyEvent.charges(of: events) {
      square += Double(count) * event.gaussianSquare
    }
    guard !square.isNaN else {
      throw .numerical(accountant: name, reason: "the limit for many releases is not a number")
    }
    return square.squareRoot()
  }

  static func nonPrivateEpsilon(delta: Double, of events: [PrivacyEvent]) -> PrivacyBound? {
    guard delta < 1 else { return PrivacyBound(lower: 0, upper: 0) }
    let open = events.filter { $0.mechanism == .nonPrivate && $0.count > 0 }
    guard !open.isEmpty else { return nil }
    let certain = open.contains { if case .everyone = $0.sampling { true } else { false } }
    return PrivacyBound(lower: certain ? .infinity : 0, upper: .infinity)
  }

  /// The epsilon of the Gaussian releases to which every unit contributed, or of one sampled one: a
  /// lower bound of all releases together; 0 if there are none.
  ///
  /// One release that a unit is in with probability q, all others contributing zero, has the delta
  /// q delta_mu(ln(1 + (e^epsilon - 1) / q)).
  static func lowerEpsilon(delta: Double, of events: [PrivacyEvent]) -> Double {
    var best = GaussianCurve.epsilonLower(delta: delta, mu: bounds(of: events).lower)
    for event in events where event.count > 0 {
      guard let (mu, rate) = event.sampledShift, delta < rate else { continue }
      let inner = GaussianCurve.epsilonLower(delta: (delta / rate).up(2), mu: mu)
      let outer = inner > 600 ? inner + log(rate) : log1p(rate * expm1(inner))
      best = max(best, outer.down(16))
    }
    return best
  }

  /// The delta of the same; 0 if there are none.
  static func lowerDelta(epsilon: Double, of events: [PrivacyEvent]) -> Double {
    var best = GaussianTradeOff.delta(epsilon: epsilon, mu: bounds(of: events)).lower
    for event in events where event.count > 0 && epsilon < .infinity {
      guard let (mu, rate) = event.sampledShift else { continue }
      let inner = epsilon > 600 ? epsilon - log(rate) : log1p(expm1(epsilon) / rate)
      let bounds = GaussianTradeOff.delta(epsilon: inner.up(16), mu: (mu, mu))
      best = max(best, (rate * bounds.lower).down(2))
    }
    return best
  }

  /// mu of the Gaussian releases that are not sampled: from below, of those to which every unit
  /// contributed; from above, with those of which a unit is in one batch of each pass.
  private static func bounds(of events: [PrivacyEvent]) -> (lower: Double, upper: Double) {
    var certain = 0.0
    var square = 0.0
    var slack = 16.0
    for (event, count) in PrivacyEvent.charges(of: events) where event.isUnsampled {
      let part = Double(count) * event.gaussianSquare
      square += part
      if event.reachesEveryone { certain += part }
      slack += 4
    }
    return (
      certain == 0 ? 0 : certain.squareRoot().down(slack),
      square == 0 ? 0 : square.squareRoot().up(slack)
    )
  }
}

extension PrivacyEvent {
  /// Whether it is Gaussian noise on the contributions of all units.
  fileprivate var isUnsampled: Bool {
    guard case .gaussian = mechanism else { return false }
    if case .shuffledBatches = sampling { return true }
    return reachesEveryone
  }

  /// Of a sampled Gaussian release: mu of what exchanging a unit's contribution for zero does, and the
  /// probability with which the unit is in it.
  fileprivate var sampledShift: (mu: Double, rate: Double)? {
    guard case .gaussian(let noise) = mechanism, sampling.rate < 1 else { return nil }
    switch sampling {
    case .poisson, .fixedSize: return ((1 / noise).down(), sampling.rate.down())
    default: return nil
    }
  }

  /// Whether every unit is surely in the release.
  fileprivate var reachesEveryone: Bool {
    switch sampling {
    case .everyone: true
    case .poisson, .fixedSize, .shuffledBatches, .poissonRecords(_, 1): sampling.rate == 1
    default: false
    }
  }

  /// mu^2 of one release, of a sampled one by its share of the limit.
  fileprivate var gaussianSquare: Double {
    guard case .gaussian(let noise) = mechanism else { return .infinity }
    let doubled = adjacency == .replaceOne
    let ratio = (doubled ? 2 : 1) / noise
    let q = sampling.rate
    guard !isUnsampled else { return ratio * ratio }
    let logRate = 2 * log(q)
    switch sampling {
    case .fixedSize:
      let u = 2 / noise
      // e^{u^2} Phi(3u/2) + 3 Phi(-u/2) - 2, about u^2 / 2 where u is small.
      if u * u > 600 { return 2 * exp(u * u + logRate) }
      let limit =
        u < 1e-3
        ? u * u / 2
        : exp(u * u) * NormalTail.probability(-1.5 * u) + 3 * NormalTail.probability(u / 2) - 2
      return 2 * q * q * limit
    default:
      let square = 1 / (noise * noise)
      if square > 600 { return (doubled ? 2 : 1) * exp(square + logRate) }
      return q * q * (doubled ? 4 * sinh(square) : expm1(square))
    }
  }
}
