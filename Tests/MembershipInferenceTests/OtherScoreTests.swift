import Components
import Foundation
import Learning
import MembershipInference
import Randomness
import TestSupport
import Testing

@Suite("Further membership scores")
struct OtherScoreTests {
  private func world(_ name: UInt64, models: Int = 10, examples: Int = 50) throws -> ShadowTable {
    var generator = testGenerator(name, name: "other scores")
    return try table(models: models, examples: examples, generator: &generator) {
      isMember, example, stream in Double(example % 4) + (isMember ? 1 : 0) + stream.normal()
    }
  }

  @Test("Attack-R counts shadows without the example that find it harder; ties count half")
  func reference() throws {
    let membership = try Membership(
      models: 5, examples: 2,
      [true, false, true, false, false, false, false, false, false, true])
    let outputs = try ModelOutputs(
      losses: [0.5, 1, 9, 2, 0.7, 1, 0.5, 0, 0.1, 9], models: 5, examples: 2)
    let scores = try ReferenceScore().scores(
      of: 0, in: try ShadowTable(outputs, membership))
    // Example 0: shadows without it say 0.7, 0.5, 0.1; example 1: 2, 1, 0.
    #expect(scores == [1.5 / 3, 1.5 / 3])
  }

  @Test("Attack-P is the share of known non-members with a larger loss")
  func population() throws {
    let membership = try Membership(
      models: 1, examples: 6, [true, false, false, false, false, false])
    let outputs = try ModelOutputs(
      losses: [0.5, 2, 0.4, 0.5, 1, 3], models: 1, examples: 6)
    let table = try ShadowTable(outputs, membership, audited: [0, 1])
    #expect(table.population == [2, 3, 4, 5])
    let scores = try PopulationScore().scores(of: 0, in: table)
    #expect(scores[0] == 2.5 / 4 && scores[1] == 1.0 / 4)
    let all = try ShadowTable(outputs, membership)
    #expect(throws: MembershipError.self) { try PopulationScore().scores(of: 0, in: all) }
  }

  @Test("Calibrated scores subtract the shadows' middle")
  func offset() throws {
    let table = try world(1)
    for signal in OffsetScore.Quantity.allCases {
      let values = try table.outputs.signal(signal == .loss ? .loss : .phi)
      for center in LiRA.Center.allCases {
        for reference in OffsetScore.Reference.allCases {
          let scores = try OffsetScore(
            .init(reference: reference, center: center, signal: signal)
          ).scores(of: 4, in: table)
          for example in 0..<table.examples {
            let one = PlainCase(
              values, table.membership, target: 4, example: example, balanced: true)
            let middle = center == .mean ? mean : median
            let level =
              reference == .out
              ? middle(one.outside) : (middle(one.outside) + middle(one.inside)) / 2
            let sign = signal == .loss ? -1.0 : 1
            #expect(isClose(scores[example], sign * (one.own - level), tolerance: 1e-10))
          }
        }
      }
    }
  }

  @Test("BaVarIA with a given prior equals the textbook's predictive density")
  func bavaria() throws {
    let table = try world(2)
    let phi = try table.outputs.signal(.phi)
    let (k0, v0) = (0.5, 4.0)
    let student = try BaVarIA(.init(meanWeight: k0, degrees: v0)).scores(of: 7, in: table)
    let normal = try BaVarIA(.init(predictive: .normal, meanWeight: k0, degrees: v0))
      .scores(of: 7, in: table)
    let offline = try BaVarIA(.init(mode: .offline, meanWeight: k0, degrees: v0))
      .scores(of: 7, in: table)
    let cases = (0..<table.examples).map {
      PlainCase(phi, table.membership, target: 7, example: $0, balanced: true)
    }
    func digamma(_ x: Double) -> Double {
      x < 20 ? digamma(x + 1) - 1 / x : log(x) - 1 / (2 * x) - 1 / (12 * x * x)
    }
    func trigamma(_ x: Double) -> Double {
      x < 20 ? trigamma(x + 1) + 1 / (x * x) : 1 / x + 1 / (2 * x * x) + 1 / (6 * x * x * x)
    }
    /// Mean and scale of the prior of one side, and alpha, beta of the posterior.
    func predictive(
      _ side: (PlainCase) -> [Double]
    ) -> [(student: Double, normal: Double, below: Double)] {
      let m0 = mean(cases.map { mean(side($0)) })
      let logs = cases.map { one -> Double in
        let d = Double(side(one).count - 1)
        return log(scatter(side(one)) / d) - digamma(d / 2) + log(d / 2)
      }
      let d = Double(side(cases[0]).count - 1)
      let excess =
        scatter(logs) / Double(logs.count - 1) - trigamma(d / 2)
      var half = Double.infinity
      if excess > 0 {
        var (low, high) = (-20.0, 20.0)
        for _ in 0..<200 {
          let middle = (low + high) / 2
          if trigamma(exp(middle)) > excess { low = middle } else { high = middle }
        }
        half = exp(low)
      }
      let s0 = exp(mean(logs) + (half.isFinite ? digamma(half) - log(half) : 0))
      return cases.map { one in
        let x = side(one)
        let n = Double(x.count)
        let kn = k0 + n
        let mn = (k0 * m0 + n * mean(x)) / kn
        let alpha = (v0 + n) / 2
        let beta =
          (v0 * s0 + scatter(x) + k0 * n * (mean(x) - m0) * (mean(x) - m0) / kn) / 2
        let scale = beta * (kn + 1) / (alpha * kn)
        let v = 2 * alpha
        let t = (one.own - mn) * (one.own - mn) / scale
        let constant: Double = lgamma((v + 1) / 2) - lgamma(v / 2)
        let density: Double =
          constant - 0.5 * log(v * Double.pi * scale) - (v + 1) / 2 * log(1 + t / v)
        // Pr[T <= t] by Simpson's rule of the density, from the centre.
        let end = (one.own - mn) / scale.squareRoot()
        let heights = (0...2000).map { step -> Double in
          let u = end * Double(step) / 2000
          let weight = step == 0 || step == 2000 ? 1.0 : step % 2 == 1 ? 4 : 2
          return weight * exp(-(v + 1) / 2 * log(1 + u * u / v))
        }
        let peak: Double = exp(constant - 0.5 * log(v * Double.pi))
        let below = 0.5 + peak * heights.reduce(0, +) * end / 6000
        return (density, logNormal(one.own, mn, beta / alpha), below)
      }
    }
    let (inside, outside) = (predictive(\.inside), predictive(\.outside))
    for index in cases.indices {
      #expect(
        isClose(student[index], inside[index].student - outside[index].student, tolerance: 1e-6))
      #expect(
        isClose(normal[index], inside[index].normal - outside[index].normal, tolerance: 1e-6))
      // Offline the tail is that of a normal score within 1e-2.
      let z = NormalDistribution.quantile(outside[index].below)
      #expect(abs(NormalDistribution.quantile(exp(offline[index])) - z) < 1e-2)
    }
  }

  @Test("Modified entropy is compared with the class's threshold of a shadow")
  func modifiedEntropy() throws {
    // Model 1 teaches: in class 0 members have entropies below 0.5, in class 1 below 0.1.
    let p: [[Double]] = [
      [0.7, 0.9, 0.8, 0.6], [0.9, 0.6, 0.99, 0.9],
    ]
    let labels: [Int32] = [0, 0, 1, 1]
    var probabilities: [Double] = []
    for row in p {
      for (value, label) in zip(row, labels) {
        probabilities += label == 0 ? [value, 1 - value] : [1 - value, value]
      }
    }
    let table = try ShadowTable(
      try ModelOutputs(
        probabilities: probabilities, models: 2, examples: 4, classes: 2, labels: labels),
      try Membership(
        models: 2, examples: 4, [false, true, false, true, true, false, true, false]))
    func entropy(_ p: Double) -> Double { -2 * (1 - p) * log(p) }
    let thresholds = [(entropy(0.9) + entropy(0.6)) / 2, (entropy(0.99) + entropy(0.9)) / 2]
    let scores = try ModifiedEntropyScore().scores(of: 0, in: table)
    let expected = zip(p[0], labels).map { thresholds[Int($1)] - entropy($0) }
    #expect(largestDifference(scores, expected) < 1e-12)
    let bare = try ModifiedEntropyScore(.init(shadows: 0)).scores(of: 0, in: table)
    #expect(largestDifference(bare, p[0].map { -entropy($0) }) < 1e-12)
  }

  @Test("Gap and agreement count right answers; boundary distances of wrong answers are 0")
  func labelOnly() throws {
    // Two queries each: right, right; right, wrong; wrong, wrong.
    let outputs = try ModelOutputs(
      logits: [2, 0, 1, 0, 2, 0, 0, 1, 0, 1, 0, 2], models: 1, examples: 3, queries: 2, classes: 2,
      labels: [0, 0, 0])
    let table = try ShadowTable(
      outputs, try Membership(models: 1, examples: 3, [true, true, false]))
    #expect(try GapScore().scores(of: 0, in: table) == [1, 1, 0])
    #expect(try LabelAgreementScore().scores(of: 0, in: table) == [1, 0.5, 0])
    #expect(
      try BoundaryDistance.scores(distances: [3, 2], isCorrect: [true, false]) == [3, 0])
    #expect(throws: MembershipError.self) {
      try BoundaryDistance.scores(distances: [-1], isCorrect: [true])
    }
    #expect(throws: MembershipError.self) {
      try LabelAgreementScore().scores(of: 0, in: try world(4))
    }
  }

  @Test("The shadow classifier learns that members are surer", arguments: [0, 16])
  func classifier(hidden: Int) throws {
    var generator = testGenerator(UInt64(hidden))
    let table = try table(models: 6, examples: 400, generator: &generator) {
      isMember, _, stream in (isMember ? 3 : 0) + stream.normal()
    }
    let scores = try ShadowClassifier(.init(hidden: hidden)).scores(of: 0, in: table)
    let judged = try JudgedScores([scores], of: [0], in: table)
    // The optimum is Phi(3/sqrt 2) = 0.983; within 0.03, 6 deviations.
    #expect(ROC(judged).areaUnderCurve > 0.95)
  }

  @Test(
    "Quantile regression finds each example's level", arguments: QuantileRegression.Head.allCases)
  func quantile(head: QuantileRegression.Head) throws {
    var generator = testGenerator()
    // phi of a non-member is 4 x; members are 2 higher. Without x the area is 0.61, with it 0.92.
    let count = 800
    var (features, logits, members): ([Float], [Double], [Bool]) = ([], [], [])
    for index in 0..<count {
      let x = generator.normal()
      let isMember = index < 200
      features.append(Float(x))
      members.append(isMember)
      logits += [4 * x + (isMember ? 2 : 0) + generator.normal(), 0]
    }
    let labels = [Int32](repeating: 0, count: count)
    let table = try ShadowTable(
      try ModelOutputs(logits: logits, models: 1, examples: count, classes: 2, labels: labels),
      try Membership(models: 1, examples: count, members),
      data: try LabeledExamples(features: features, labels: labels, shape: [1], classes: 2),
      audited: Array(0..<400))
    func area(_ scores: [Double]) throws -> Double {
      ROC(try JudgedScores([scores], of: [0], in: table)).areaUnderCurve
    }
    #expect(try area(LossScore().scores(of: 0, in: table)) < 0.75)
    let scores = try QuantileRegression(.init(head: head, ridge: 1e-4)).scores(of: 0, in: table)
    // The optimum is Phi(sqrt 2) = 0.921, its deviation 0.013.
    #expect(try area(scores) > 0.88)
    let others = (200..<400).map { scores[$0] }
    switch head {
    case .gaussian:
      // Standard normal on non-members: mean within 4 deviations, spread likewise.
      #expect(abs(mean(others)) < 0.3 && abs(scatter(others) / 199 - 1) < 0.4)
    case .pinball:
      // At most 10% of non-members above the level of 10%: 20 of 200, within 4 deviations.
      let above = others.count { $0 > 1 }
      #expect(above > 3 && above < 38)
    }
  }

  @Test("Every score has a card with a citation, and a name of its own")
  func cards() {
    let cards = membershipScoreCatalogue.map { $0.card }
    #expect(Set(cards.map(\.name)).count == cards.count)
    for card in cards {
      #expect(!card.citation.isEmpty && !card.formula.isEmpty && !card.needs.isEmpty)
      #expect(card.summary.count <= 150)
    }
  }
}
