public import Accounting
public import Federation

extension PromiseAudit {
  /// What a cell promised, and what the guesses of all its runs together prove.
  public struct Finding: Sendable {
    /// The cell's defense, after its labels on the axes that vary.
    public var title: String
    /// What was promised by the first run; the rest differ in figures alone.
    public var promise: PrivacyEvidence
    /// The greatest accounted epsilon of the runs; nil where one of them promises nothing.
    public var epsilonUpper: Double?
    /// How many runs were audited.
    public var runs: Int
    /// The guesses of all of them.
    public var audit: OneRunAudit
    /// How often either bound may be wrong.
    public var significance: Double
    /// The greatest epsilon that the guesses reject, whatever the mechanism.
    public var epsilonLower: Double
    /// The same if the trade-off is that of a Gaussian mechanism.
    public var gaussianEpsilonLower: Double
    /// The greatest `epsilonLower` that so many guesses can have.
    public var greatestProvable: Double
    /// The share of canaries that were recognised at a tenth of false alarms.
    public var recognition: PrivacyEvidence.Recognition?
    /// The most that the promise allows of it; nil where nothing is promised.
    public var cap: Double?

    /// What may be concluded.
    public enum Verdict: String, Sendable {
      /// Nothing contradicts the claim: no proof that it is kept.
      case pass
      /// The guesses contradict the claim.
      case refuted = "claim refuted"
      /// Nothing was claimed.
      case nothing = "nothing claimed"

      /// The bound for any mechanism refutes whatever claim is below it; that for Gaussian mechanisms a
      /// claim that is itself of a Gaussian trade-off.
      init(claim: Double?, isGaussian: Bool, lower: Double, gaussianLower: Double) {
        guard let claim else {
          self = .nothing
          return
        }
        self = lower > claim || (isGaussian && gaussianLower > claim) ? .refuted : .pass
      }
    }

    /// The verdict. Rates decide nothing: they are not bounded at the same significance.
    public var verdict: Verdict {
      Verdict(
        claim: epsilonUpper, isGaussian: promise.isGaussian == true, lower: epsilonLower,
        gaussianLower: gaussianEpsilonLower)
    }

    /// The finding of these runs; nil where none was audited.
    init?(
      title: String, of runs: [PrivacyEvidence], significance: Double
    ) throws {
      let audits = runs.compactMap(\.audit)
      guard let first = runs.first, let audit = try audits.pooled() else { return nil }
      self.title = title
      promise = first
      promise.isGaussian = runs.allSatisfy { $0.isGaussian == true }
      self.runs = audits.count
      self.audit = audit
      self.significance = significance
      func most(_ values: [Double?]) -> Double? {
        values.contains(nil) ? nil : values.compactMap { $0 }.max()
      }
      epsilonUpper = most(runs.map(\.epsilonUpper))
      epsilonLower = try audit.epsilonLower(delta: first.delta, significance: significance)
      gaussianEpsilonLower = try audit.gaussianEpsilonLower(
        delta: first.delta, significance: significance)
      greatestProvable = try OneRunAudit.greatestProvable(
        canaries: audit.canaries, guesses: audit.guesses, delta: first.delta,
        significance: significance)
      recognition = audits.recognition
      cap = most(runs.map { $0.cap(at: 0.1) })
    }
  }
}
