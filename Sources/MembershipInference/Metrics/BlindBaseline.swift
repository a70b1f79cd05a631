internal import Learning
internal import Randomness
internal import Tensors

/// How well members can be told from non-members without asking the model: by their features and
/// labels alone.
///
/// If that works, the two kinds come from different distributions, and what an attack achieves on
/// them is not leakage of the model. A classifier is trained on four fifths of the audited examples
/// of a target, members against non-members, and judges the last fifth; the fifths have equal
/// shares of both kinds.
///
/// Source: Das, Zhang, Tramer, "Blind baselines beat membership inference attacks for foundation
/// models" (arXiv 2406.16201).
public struct BlindBaseline: Sendable {
  /// What it achieved.
  public let evaluation: ScoreEvaluation

  /// Whether its area's clustered interval excludes 1/2: results on these examples then say
  /// nothing.
  public var isAlarming: Bool { !evaluation.areaUnderCurve.clustered.contains(0.5) }

  /// Trains and judges.
  ///
  /// - Parameters:
  ///   - targets: Whose members are told apart; a few suffice.
  ///   - hidden: Hidden units; 0 is logistic regression.
  /// - Throws: `MembershipError` if the table has no data, or a target fewer than 10 examples of a
  ///   kind.
  /// - Complexity: 5 trainings a target.
  public init(
    targets: [Int], in table: ShadowTable, hidden: Int = 0, epochs: Int = 20,
    options: ScoreEvaluation.Options = ScoreEvaluation.Options(), workers: Int = 1
  ) throws(MembershipError) {
    guard let data = table.data else {
      throw .missing(
        score: "the blind baseline", what: "the examples' features",
        remedy: "give the examples along with the scores")
    }
    try table.check(targets)
    let audited = table.audited
    let width = data.featureCount + data.classes
    let raw = data.features
    let rows = audited.map { example -> [Float] in
      var row = [Float](repeating: 0, count: data.classes)
      row[Int(data.labels[example])] = 1
      return row + raw[(example * data.featureCount)..<((example + 1) * data.featureCount)]
    }
    let folds = 5
    let parts = try WorkerPool.map(targets.count, workers: workers) {
      (slot, _) throws(MembershipError) -> [Double] in
      let truth = audited.map { table.membership[targets[slot], $0] }
      let members = truth.count(where: \.self)
      guard min(members, truth.count - members) >= 10 else {
        throw .tooFew(
          what: "the blind baseline: examples of one kind of target \(targets[slot])",
          got: min(members, truth.count - members), needed: 10, remedy: "audit more examples")
      }
      var generator = Generator(seed: options.seed).fork("blind folds", UInt64(slot))
      var fold = [Int](repeating: 0, count: truth.count)
      for kind in [true, false] {
        let places = truth.indices.filter { truth[$0] == kind }
        for (turn, place) in generator.permutation(places.count).enumerated() {
          fold[places[place]] = turn % folds
        }
      }
      var scores = [Double](repeating: 0, count: truth.count)
      for held in 0..<folds {
        let lessons = truth.indices.filter { fold[$0] != held }
        let tests = truth.indices.filter { fold[$0] == held }
        let classifier = try BinaryClassifier(
          features: lessons.flatMap { rows[$0] }, labels: lessons.map { truth[$0] ? 1 : 0 },
          width: width, hidden: hidden, epochs: epochs, seed: options.seed)
        let logits = try classifier.logits(tests.flatMap { rows[$0] })
        for (test, logit) in zip(tests, logits) { scores[test] = logit }
      }
      return scores
    }
    let judged = try JudgedScores(
      scores: Array(parts.joined()),
      isMember: targets.flatMap { target in audited.map { table.membership[target, $0] } },
      clusters: targets.indices.flatMap { [Int32](repeating: Int32($0), count: audited.count) })
    evaluation = try ScoreEvaluation(judged, options: options)
  }
}
