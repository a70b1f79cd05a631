public import Accounting

/// What a run promises about one unit's privacy, and what an attack on the same run proved of it.
///
/// Accounted from above, audited from below: a promise that is kept has `epsilonUpper` at or above
/// `audit.epsilonLower` but for a share `audit.significance` of audits; an audit above it is a
/// promise broken. Without noise there is no upper end and the audit speaks alone.
///
/// In results this is `RunMetrics.privacy`; tables and files give each field a column of its name,
/// with `privacy` before it: `privacyEpsilonUpper`, `privacyAuditEpsilonLower`.
public struct PrivacyEvidence: Codable, Sendable, Hashable {
  /// Who must be trusted for the promise to hold.
  public enum Trust: String, Codable, Sendable, Hashable, CaseIterable {
    /// Nobody: each client protects what it sends.
    case local
    /// Enough clients to be honest: noise is added in shares before the sum.
    case distributed
    /// The server, who sees updates in the clear.
    case central
  }

  /// The component that makes the promise: `dp-fedavg`, `local-dp`, `dp-sgd`, …
  public var mechanism: String
  /// Who must be trusted.
  public var trust: Trust
  /// What neighbours differ in.
  public var unit: PrivacyUnit
  /// How neighbours differ.
  public var adjacency: Adjacency
  /// The delta of every epsilon here.
  public var delta: Double
  /// The accounted epsilon: of all releases of the run together, the certified upper end; nil where
  /// nothing is promised. Where clients have ledgers of their own, the greatest of theirs.
  public var epsilonUpper: Double?
  /// The epsilon that the mechanism's own formula states, where it differs from the accounted one:
  /// not to be quoted.
  public var epsilonStated: Double?
  /// The greatest share of members that any attack on one unit can recognise, by the share of
  /// strangers that it takes for members; empty where nothing is promised.
  public var caps: [Cap]
  /// Whether what is promised is a trade-off between errors that a Gaussian mechanism has exactly, as
  /// of full cohorts: an audit that rejects all such mechanisms up to `epsilonUpper` then refutes the
  /// promise. Nil in results of programs that did not keep it.
  public var isGaussian: Bool?
  /// What an attack on the run proved; nil where nobody audited.
  public var audit: Audit?

  /// A limit of what attacks can do.
  public struct Cap: Codable, Sendable, Hashable {
    /// The share of strangers taken for members.
    public var falsePositiveRate: Double
    /// The greatest share of members recognised.
    public var truePositiveRate: Double

    /// A limit.
    public init(falsePositiveRate: Double, truePositiveRate: Double) {
      self.falsePositiveRate = falsePositiveRate
      self.truePositiveRate = truePositiveRate
    }
  }

  /// Canaries in the run, each in by the flip of a coin, and the guesses which were.
  public struct Audit: Codable, Sendable, Hashable {
    /// The greatest epsilon that the guesses reject, whatever the mechanism.
    public var epsilonLower: Double
    /// The same if the trade-off between errors is that of some Gaussian mechanism.
    public var gaussianEpsilonLower: Double
    /// How often a bound may be wrong.
    public var significance: Double
    /// How many canaries there were.
    public var canaries: Int
    /// How many guesses were made: fixed before the run.
    public var guesses: Int
    /// How many were right.
    public var correct: Int
    /// Of the canaries that were out, the share that scored at least the threshold below.
    public var falsePositiveRate: Double
    /// Of the canaries that were in, the share that scored at least the lowest threshold with a
    /// false positive rate of at most a tenth.
    public var truePositiveRate: Double
    /// The greatest true positive rate that the promise allows at a false positive rate of a tenth;
    /// nil where nothing is promised.
    public var truePositiveRateCap: Double?
    /// How many canaries were in; nil in results of programs that did not keep it.
    public var members: Int?
    /// How many of those `truePositiveRate` counts; nil likewise.
    public var recognised: Int?

    /// The outcome of an audit.
    public init(
      epsilonLower: Double, gaussianEpsilonLower: Double, significance: Double, canaries: Int,
      guesses: Int, correct: Int, falsePositiveRate: Double, truePositiveRate: Double,
      truePositiveRateCap: Double?, members: Int? = nil, recognised: Int? = nil
    ) {
      self.epsilonLower = epsilonLower
      self.gaussianEpsilonLower = gaussianEpsilonLower
      self.significance = significance
      self.canaries = canaries
      self.guesses = guesses
      self.correct = correct
      self.falsePositiveRate = falsePositiveRate
      self.truePositiveRate = truePositiveRate
      self.truePositiveRateCap = truePositiveRateCap
      self.members = members
      self.recognised = recognised
    }
  }

  /// What is known; what is left out is not.
  public init(
    mechanism: String, trust: Trust, unit: PrivacyUnit, adjacency: Adjacency, delta: Double,
    epsilonUpper: Double? = nil, epsilonStated: Double? = nil, caps: [Cap] = [],
    audit: Audit? = nil
  ) {
    self.mechanism = mechanism
    self.trust = trust
    self.unit = unit
    self.adjacency = adjacency
    self.delta = delta
    self.epsilonUpper = epsilonUpper
    self.epsilonStated = epsilonStated
    self.caps = caps
    self.audit = audit
  }
}

extension PrivacyEvidence {
  /// The false positive rates that `caps` are of.
  public static let cappedRates = [0.001, 0.01, 0.1]

  /// The greatest true positive rate at a false positive rate of `cappedRates`; nil where nothing is
  /// promised.
  public func cap(at rate: Double) -> Double? {
    caps.first { $0.falsePositiveRate == rate }?.truePositiveRate
  }

  /// The caps of `events`.
  static func caps(
    of events: [PrivacyEvent], by accountant: any PrivacyAccountant
  ) throws(AccountingError) -> [Cap] {
    let bounds = try AttackRisk.truePositiveRates(
      falsePositiveRates: cappedRates, of: events, by: accountant)
    return zip(cappedRates, bounds).map {
      Cap(falsePositiveRate: $0, truePositiveRate: $1.upper)
    }
  }
}
