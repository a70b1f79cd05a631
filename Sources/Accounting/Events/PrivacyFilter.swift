/// A budget that a run must stay within, and everything charged to it.
///
/// Every release is asked for before it is made: `spend` notes it and says yes, or says no and
/// notes nothing. What is charged together is composed together: steps of training, adaptive
/// clipping, private metrics and repeated runs of a tuning share one budget.
///
///     var filter = try PrivacyFilter(epsilon: 3, delta: 1e-5)
///     while try filter.spend(step) { train() }
///     filter.events          // what was made: within (3, 1e-5) together
///
/// The kinds and the order of the events must not depend on the data. How many are made may: those
/// that were not made only leave budget unused.
///
/// Source of the idea: Rogers, Roth, Ullman and Vadhan, Privacy Odometers and Filters, NeurIPS
/// 2016.
public struct PrivacyFilter: Sendable {
  /// The epsilon that is never exceeded; infinite for a ledger without a limit.
  public let epsilon: Double
  /// The delta of that epsilon.
  public let delta: Double
  /// Who composes.
  public let accountant: any PrivacyAccountant
  /// Everything charged so far, one entry for each kind.
  public private(set) var events: [PrivacyEvent] = []
  /// How many more of which kind were found to fit.
  private var headroom: (kind: PrivacyEvent, left: Int)?

  /// A fresh budget.
  ///
  /// - Throws: `AccountingError.invalid` unless epsilon is above 0 and 0 < delta < 1.
  public init(
    epsilon: Double, delta: Double, accountant: any PrivacyAccountant = PLDAccountant()
  ) throws(AccountingError) {
    guard epsilon > 0 else {
      throw .invalid("epsilon", Mechanism.text(epsilon), "must be above 0")
    }
    guard delta > 0, delta < 1 else {
      throw .invalid(
        "delta", Mechanism.text(delta), "must be above 0 and below 1, such as 1e-5")
    }
    self.epsilon = epsilon
    self.delta = delta
    self.accountant = accountant
  }

  /// How many releases were charged.
  public var count: Int { events.reduce(0) { $0 + $1.count } }

  /// What everything charged so far promises at `delta`.
  public func spent() throws(AccountingError) -> PrivacyBound {
    try accountant.epsilon(delta: delta, of: events)
  }

  /// Notes `event` if the budget allows it; whether it does.
  ///
  /// - Throws: `AccountingError` if the event has no bound with those before it; nothing is noted.
  /// - Complexity: O(1) for a kind whose room is known; otherwise a search of about ten questions
  ///   to the accountant, once each time the kind changes.
  public mutating func spend(_ event: PrivacyEvent) throws(AccountingError) -> Bool {
    guard event.count > 0 else { return true }
    let kind = try event.repeated(1)
    if headroom?.kind != kind { headroom = (kind, try room(for: kind)) }
    guard let left = headroom?.left, event.count <= left else { return false }
    headroom?.left = left == .max ? left : left - event.count
    try note(event)
    return true
  }

  /// Notes `event` whatever the budget is: for releases that have already been made.
  ///
  /// - Throws: As `spend`.
  public mutating func record(_ event: PrivacyEvent) throws(AccountingError) {
    try accountant.check(events + [event])
    try note(event)
    headroom = nil
  }

  private mutating func note(_ event: PrivacyEvent) throws(AccountingError) {
    let kind = try event.repeated(1)
    for index in events.indices where try events[index].repeated(1) == kind {
      let (sum, overflow) = events[index].count.addingReportingOverflow(event.count)
      guard !overflow else {
        throw .invalid("count", "\(event.count)", "makes more releases than can be counted")
      }
      events[index] = try kind.repeated(sum)
      return
    }
    events.append(event)
  }

  /// How many more of `kind` fit.
  private func room(for kind: PrivacyEvent) throws(AccountingError) -> Int {
    try accountant.check(events + [kind])
    if epsilon == .infinity { return .max }
    guard try accountant.epsilon(delta: delta, of: events + [kind]).upper <= epsilon else {
      return 0
    }
    let before = events
    let found = try Calibration(.epsilon(epsilon, delta: delta), by: accountant)
      .mostSteps { steps throws(AccountingError) in before + [try kind.repeated(steps)] }
    return found.value
  }
}
