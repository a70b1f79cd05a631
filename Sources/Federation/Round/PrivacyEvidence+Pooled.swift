public import Accounting

extension PrivacyEvidence {
  /// A share of canaries that were recognised, with the error of so many.
  public struct Recognition: Sendable, Hashable {
    /// Those that were in and are recognised, as a share.
    public var rate: Double
    /// The ends of Clopper and Pearson's 95% interval of it.
    public var interval: ClosedRange<Double>

    /// Whether all of the interval is above `cap`.
    public func isAbove(_ cap: Double) -> Bool { interval.lowerBound > cap }
  }
}

extension [PrivacyEvidence.Audit] {
  /// The share recognised of the canaries that were in, of all audits together; nil where there are none
  /// or a result does not say how many there were.
  ///
  /// The interval is of the rate at the thresholds that the canaries outside set, a tenth of which
  /// pass in expectation: how far they are from a tenth by chance is not in it.
  public var recognition: PrivacyEvidence.Recognition? {
    let members = compactMap(\.members)
    let recognised = compactMap(\.recognised)
    guard !isEmpty, members.count == count, recognised.count == count else { return nil }
    let (right, all) = (recognised.reduce(0, +), members.reduce(0, +))
    guard all > 0 else { return nil }
    let lower = ClopperPearson.lower(successes: right, trials: all, significance: 0.025)
    let upper = ClopperPearson.upper(successes: right, trials: all, significance: 0.025)
    return .init(rate: Double(right) / Double(all), interval: lower...upper)
  }

  /// The guesses of all audits together as those of one: each canary is in one of the runs alone, and
  /// what is private in each of them is private in all of them side by side. Nil where there are none.
  ///
  /// - Throws: `AccountingError.invalid` for counts that do not fit together.
  public func pooled() throws(AccountingError) -> OneRunAudit? {
    guard !isEmpty else { return nil }
    return try OneRunAudit(
      canaries: reduce(0) { $0 + $1.canaries }, guesses: reduce(0) { $0 + $1.guesses },
      correct: reduce(0) { $0 + $1.correct })
  }
}
