internal import Federation
internal import Learning
internal import MembershipInference

/// What a membership attack's guesses were worth.
///
/// Members are compared with non-members that the same client could have had, drawn alike; other
/// clients' members apart. Intervals hold with 95%: resampled clients where at least five are asked
/// about, else as if scores were independent.
struct MembershipJudgement {
  private let guess: MembershipGuess
  private let truth: GroundTruth

  init(_ guess: MembershipGuess, _ truth: GroundTruth) {
    self.guess = guess
    self.truth = truth
  }

  var conclusion: Conclusion {
    get throws {
      let pool = pool
      var conclusion = Conclusion()
      guard pool.members > 0, pool.members < pool.scores.count else {
        conclusion.remarks.append(
          "nothing to judge: \(pool.members) members and \(pool.scores.count - pool.members) "
            + "non-members; no round showed a client that was asked about")
        return conclusion
      }
      let evaluation = try evaluate(pool.scores, pool.truths, pool.clusters)
      let area = evaluation.areaUnderCurve
      let limits = interval(of: area, clusters: evaluation.targets)
      conclusion.figures = [
        "AUC": area.value, "AUC lower": limits.lowerBound, "AUC upper": limits.upperBound,
        "members": Double(evaluation.members), "non-members": Double(evaluation.others),
      ]
      for rate in evaluation.rates {
        let name = "TPR at FPR \(Self.percent(rate.falsePositiveRate))"
        guard rate.isResolved else {
          conclusion.remarks.append(
            "\(name): not resolved; \(evaluation.others) non-members, it takes \(rate.neededOthers)"
          )
          continue
        }
        let limits = interval(of: rate.truePositiveRate, clusters: evaluation.targets)
        conclusion.figures[name] = rate.truePositiveRate.value
        conclusion.figures["\(name) lower"] = limits.lowerBound
        conclusion.figures["\(name) upper"] = limits.upperBound
      }
      let points = evaluation.curve.logarithmicPairs()
      conclusion.curves["ROC"] = Conclusion.Curve(
        x: points.map(\.falsePositiveRate), y: points.map(\.truePositiveRate),
        xLabel: "false positive rate", yLabel: "true positive rate")
      conclusion.tensors["membership scores"] = table
      try judgeOthers(into: &conclusion)
      judgeSources(into: &conclusion)
      try judgeBlindly(into: &conclusion)
      return conclusion
    }
  }

  // MARK: - Parts

  /// Scores with their truth, candidates that were told left out.
  private struct Pool {
    var scores: [Double] = []
    var truths: [Bool] = []
    var clusters: [Int32] = []
    var features: [Float] = []
    var labels: [Int32] = []
    var members: Int { truths.count(where: \.self) }
  }

  /// Members against non-members, or against others' members.
  private func pool(others: Bool) -> Pool {
    var pool = Pool()
    for (slot, client) in guess.scores.keys.sorted().enumerated() {
      let standings = truth.standings(about: client)
      let scores = guess.scores[client] ?? []
      let features = guess.features[client] ?? []
      let labels = guess.labels[client] ?? []
      let width = scores.isEmpty ? 0 : features.count / scores.count
      for (place, score) in scores.enumerated() where standings.indices.contains(place) {
        if guess.known[client]?.contains(place) == true { continue }
        switch standings[place] {
        case .member: break
        case .nonMember: if others { continue }
        case .memberOf: if !others { continue }
        }
        pool.scores.append(score)
        pool.truths.append(standings[place].isMember)
        pool.clusters.append(Int32(slot))
        pool.features += features[(place * width)..<((place + 1) * width)]
        if labels.indices.contains(place) { pool.labels.append(labels[place]) }
      }
    }
    return pool
  }

  private var pool: Pool { pool(others: false) }

  /// All scores with their truth, see `MembershipAttacker`.
  private var table: Conclusion.Tensor {
    var values: [Float] = []
    for client in guess.scores.keys.sorted() {
      let standings = truth.standings(about: client)
      for (place, score) in (guess.scores[client] ?? []).enumerated()
      where standings.indices.contains(place) && guess.known[client]?.contains(place) != true {
        let standing: Float =
          switch standings[place] {
          case .member: 1
          case .nonMember: 0
          case .memberOf: 2
          }
        values += [Float(score), standing, Float(client)]
      }
    }
    return Conclusion.Tensor(shape: [values.count / 3, 3], values: values)
  }

  private func evaluate(
    _ scores: [Double], _ truths: [Bool], _ clusters: [Int32]
  ) throws -> ScoreEvaluation {
    try ScoreEvaluation(
      try JudgedScores(scores: scores, isMember: truths, clusters: clusters),
      options: .init(resamples: 500))
  }

  private func interval(
    of estimate: IntervalEstimate, clusters: Int
  ) -> ClosedRange<Double> {
    clusters >= 5 ? estimate.clustered : estimate.independent
  }

  private func judgeOthers(into conclusion: inout Conclusion) throws {
    let pool = pool(others: true)
    guard pool.members > 0, pool.members < pool.scores.count else { return }
    let area = try evaluate(pool.scores, pool.truths, pool.clusters)
    let limits = interval(of: area.areaUnderCurve, clusters: area.targets)
    conclusion.figures["AUC against others' members"] = area.areaUnderCurve.value
    conclusion.figures["AUC against others' members lower"] = limits.lowerBound
    conclusion.figures["AUC against others' members upper"] = limits.upperBound
  }

  /// How often an example's client is named, of the examples that are some client's.
  private func judgeSources(into conclusion: inout Conclusion) {
    guard !guess.sources.isEmpty else { return }
    var (right, all) = (0, 0)
    for (client, sources) in guess.sources {
      for (standing, source) in zip(truth.standings(about: client), sources) {
        switch standing {
        case .member: right += source == client ? 1 : 0
        case .memberOf(let other): right += source == other ? 1 : 0
        case .nonMember: continue
        }
        all += 1
      }
    }
    guard all > 0 else { return }
    conclusion.figures["source accuracy"] = Double(right) / Double(all)
    conclusion.figures["source accuracy of guessing"] = 1 / Double(truth.clients)
  }

  /// What can be told from the examples alone; an alarm if that is anything.
  private func judgeBlindly(into conclusion: inout Conclusion) throws {
    let pool = pool
    let spare = min(pool.members, pool.scores.count - pool.members)
    guard spare >= 10, pool.labels.count == pool.scores.count, !pool.features.isEmpty else {
      return
    }
    let width = pool.features.count / pool.scores.count
    let examples = try LabeledExamples(
      features: pool.features, labels: pool.labels, shape: [width],
      classes: Int(pool.labels.max() ?? 0) + 1)
    let table = try ShadowTable(
      try ModelOutputs(
        losses: pool.scores.map { _ in 1 }, models: 1, examples: pool.scores.count),
      try Membership(models: 1, examples: pool.scores.count, pool.truths), data: examples)
    let blind = try BlindBaseline(targets: [0], in: table)
    conclusion.figures["blind AUC"] = blind.area
    if blind.isAlarming {
      conclusion.remarks.append(
        "members can be told without any model: blind AUC \(blind.area), 95% interval "
          + "\(blind.interval.lowerBound) to \(blind.interval.upperBound); the two kinds differ, and "
          + "what the attack achieves on them says nothing of the model")
    }
  }

  private static func percent(_ rate: Double) -> String {
    switch rate {
    case 0: "0"
    case 0.01: "1%"
    case 0.001: "0.1%"
    default: "\(100 * rate)%"
    }
  }
}
