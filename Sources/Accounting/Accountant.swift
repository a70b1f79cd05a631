/// A proven interval around an epsilon or a delta.
///
/// The ends are certified: the true value of the events' own epsilon (delta) is not below `lower` and
/// not above `upper`, whatever the rounding of the arithmetic. An estimate, such as a central limit
/// theorem's, has the trivial ends and says so.
public struct PrivacyBound: Codable, Sendable, Hashable {
  /// The true value is at least this.
  public let lower: Double
  /// The true value is at most this; infinite if nothing is promised.
  public let upper: Double
  /// What to quote: `upper` if that is certified, otherwise an estimate that may be too low.
  public let value: Double

  /// A certified interval.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
    value = upper
  }

  /// A value with no guarantee, between the trivial ends.
  public init(estimate: Double, trivialUpper: Double = .infinity) {
    lower = 0
    upper = trivialUpper
    value = estimate
  }

  /// Whether `value` is a guarantee.
  public var isCertified: Bool { value >= upper }
}

/// Computes what a list of events promises together.
///
/// Composition is adaptive: each release may be chosen after seeing the ones before it. The order of
/// events does not matter, nor does whether a count is written as one event or as many.
public protocol PrivacyAccountant: Sendable {
  /// The name used on the command line and in results.
  var name: String { get }

  /// Why this accountant has no bound for `event`; nil if it has one.
  func refusal(of event: PrivacyEvent) -> String?

  /// The least epsilon for which the events together are (epsilon, `delta`)-private.
  ///
  /// - Throws: `AccountingError` if an event is not supported or nothing can be certified. No events
  ///   have epsilon 0; a `nonPrivate` one has epsilon infinity.
  func epsilon(delta: Double, of events: [PrivacyEvent]) throws(AccountingError) -> PrivacyBound

  /// The least delta for which the events together are (`epsilon`, delta)-private.
  func delta(epsilon: Double, of events: [PrivacyEvent]) throws(AccountingError) -> PrivacyBound

  /// delta as a function of epsilon, for many questions about the same events.
  ///
  /// What all questions share is done once; the bounds may be wider than those of single questions.
  func deltas(
    of events: [PrivacyEvent]
  ) throws(AccountingError) -> (Double) throws(AccountingError) -> PrivacyBound
}

extension PrivacyAccountant {
  /// Asks anew each time.
  public func deltas(
    of events: [PrivacyEvent]
  ) throws(AccountingError) -> (Double) throws(AccountingError) -> PrivacyBound {
    { (epsilon) throws(AccountingError) in try self.delta(epsilon: epsilon, of: events) }
  }
}
