internal import Accounting
internal import Experiments
internal import Federation

/// What a run promises and what an audit proved of it, a column a field: the same names and order in
/// every format.
enum PrivacyColumns {
  /// A field's value.
  enum Value: Sendable {
    case text(String)
    case number(Double)
    case integer(Int)
  }

  /// Name, meaning, and the value where there is one.
  struct Column: Sendable {
    var name: String
    var meaning: String
    var value: @Sendable (PrivacyEvidence) -> Value?
  }

  /// The columns in their order.
  static let all: [Column] =
    [
      Column(name: "privacyMechanism", meaning: "component that promises privacy") {
        .text($0.mechanism)
      },
      Column(
        name: "privacyTrust",
        meaning: "who must be trusted for it: nobody (local), enough clients "
          + "(distributed) or the server (central)"
      ) { .text($0.trust.rawValue) },
      Column(name: "privacyUnit", meaning: "what neighbours differ in") {
        .text($0.unit.rawValue)
      },
      Column(name: "privacyAdjacency", meaning: "how neighbours differ") {
        .text($0.adjacency.rawValue)
      },
      Column(name: "privacyDelta", meaning: "the delta of every epsilon") { .number($0.delta) },
      Column(
        name: "privacyEpsilonUpper",
        meaning: "accounted epsilon of the whole run, the certified upper end; empty where nothing "
          + "is promised"
      ) { $0.epsilonUpper.map { .number($0) } },
      Column(
        name: "privacyEpsilonStated",
        meaning: "epsilon that the mechanism's own formula states, where it is another: not to be "
          + "quoted"
      ) { $0.epsilonStated.map { .number($0) } },
      audit(
        "EpsilonLower", "epsilon that the audit's guesses reject, whatever the mechanism"
      ) { .number($0.epsilonLower) },
      audit(
        "GaussianEpsilonLower", "the same if the mechanism's trade-off is Gaussian"
      ) { .number($0.gaussianEpsilonLower) },
      audit("Significance", "how often an audit's bound may be wrong") {
        .number($0.significance)
      },
      audit("Canaries", "canaries that were in by the flip of a coin") { .integer($0.canaries) },
      audit("Guesses", "guesses made about them, their number fixed before the run") {
        .integer($0.guesses)
      },
      audit("Correct", "guesses that were right") { .integer($0.correct) },
      audit("FalsePositiveRate", "share of canaries that were out and score like members") {
        .number($0.falsePositiveRate)
      },
      audit(
        "TruePositiveRate",
        "share of canaries that were in and are recognised at a false positive rate of at most 0.1"
      ) { .number($0.truePositiveRate) },
      audit("Members", "canaries that were in") { $0.members.map { .integer($0) } },
      audit("Recognised", "those of them that TruePositiveRate counts") {
        $0.recognised.map { .integer($0) }
      },
      audit("TruePositiveRateLower", "lower end of Clopper and Pearson's 95% interval of that") {
        [$0].recognition.map { .number($0.interval.lowerBound) }
      },
      audit("TruePositiveRateUpper", "upper end of it") {
        [$0].recognition.map { .number($0.interval.upperBound) }
      },
      audit("TruePositiveRateCap", "the most that the promise allows of TruePositiveRate") {
        $0.truePositiveRateCap.map { .number($0) }
      },
    ]
    + [("0.001", 0.001), ("0.01", 0.01), ("0.1", 0.1)].map { name, rate in
      Column(
        name: "privacyTPRCapAtFPR\(name)",
        meaning:
          "most members that any attack on one unit can recognise at that false positive rate"
      ) { evidence in
        evidence.caps.first { $0.falsePositiveRate == rate }.map { .number($0.truePositiveRate) }
      }
    }

  private static func audit(
    _ name: String, _ meaning: String,
    _ value: @escaping @Sendable (PrivacyEvidence.Audit) -> Value?
  ) -> Column {
    Column(name: "privacyAudit\(name)", meaning: meaning) { $0.audit.flatMap(value) }
  }
}
