import Algorithms
import Components
import Datasets
import Defenses
import Federation
import Foundation
import Learning
import Randomness
import Tensors
import Testing

/// One client, one round, one full batch: the update is minus the learning rate times the gradient
/// of what the defense descends.
@Suite("Defenses against membership inference")
struct MembershipDefenseTests {
  private static let examples = 12

  private func data() throws -> LabeledExamples {
    var generator = Generator(seed: 6).fork("membership defense tests")
    let labels = (0..<Self.examples).map { Int32($0 % 3) }
    let features = labels.flatMap { y in
      (0..<2).map { Float($0 == Int(y) ? 1 : 0) + Float(generator.normal()) }
    }
    return try LabeledExamples(features: features, labels: labels, shape: [2], classes: 3)
  }

  private func scenario(
    _ defense: any Component, epochs: Int = 1, batch: Int = examples, rate: Double = 0.01,
    rounds: Int = 1, model: [Int] = [], algorithm: any Component = FedAvg()
  ) throws -> Scenario {
    let data = try data()
    let network =
      model.isEmpty
      ? try Logistic().network(inputShape: [2], classes: 3)
      : try MLP(.init(hidden: model)).network(inputShape: [2], classes: 3)
    return Scenario(
      data: DataSplit(name: "made up", train: data, test: data, attribution: "made up"),
      shares: ClientShares([Array(0..<Self.examples)]), network: network,
      training: TrainingOptions(
        rounds: rounds, epochs: epochs, batchSize: batch, learningRate: rate, evaluateEvery: 1),
      pipeline: try RoundPipeline(
        algorithm: [algorithm], transport: Federation.Plain(), attack: [],
        defense: [Mean(), defense]),
      threat: ThreatModel(attackers: 0), seed: 3)
  }

  private func start(_ scenario: Scenario) -> Vector {
    var generator = Generator(seed: scenario.seed).fork("initialization", 0, 0)
    return scenario.network.initialParameters(using: &generator)
  }

  /// Class probabilities by the book, in Double; logistic regression.
  private func probabilities(_ w: [Double], _ x: [Float]) -> [Double] {
    let z = (0..<3).map { w[2 * $0] * Double(x[0]) + w[2 * $0 + 1] * Double(x[1]) + w[6 + $0] }
    let e = z.map { exp($0 - (z.max() ?? 0)) }
    let sum = e.reduce(0, +)
    return e.map { $0 / sum }
  }

  /// Checks that one step goes along minus the numerical gradient of `loss`.
  private func expectStep(
    _ defense: any Component, _ comment: String,
    loss: ([Double], LabeledExamples) -> Double
  ) throws {
    let scenario = try scenario(defense)
    let record = try scenario.run()
    let before = start(scenario).array.map(Double.init)
    let after = record.model.array.map(Double.init)
    let data = try data()
    for index in before.indices {
      var (up, down) = (before, before)
      up[index] += 1e-5
      down[index] -= 1e-5
      let slope = (loss(up, data) - loss(down, data)) / 2e-5
      let step = (before[index] - after[index]) / 0.01
      #expect(abs(step - slope) < 1e-3 * (1 + abs(slope)), "\(comment) \(index): \(step) \(slope)")
    }
  }

  private func crossEntropy(_ w: [Double], _ data: LabeledExamples, _ q: (Int) -> [Double])
    -> Double
  {
    (0..<data.count).reduce(0) { sum, example in
      let p = probabilities(w, data.features(of: example))
      return sum - zip(q(Int(data.labels[example])), p).reduce(0) { $0 + $1.0 * log($1.1) }
    } / Double(data.count)
  }

  @Test("lists exactly the files of its folder, and every card documents every parameter")
  func catalogue() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("defenses/MembershipInference")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && !$0.hasSuffix("Catalogue.swift") }
      .map { String($0.dropLast(".swift".count)) }
    #expect(Set(membershipDefenseCatalogue.map { "\($0)" }) == Set(files))
    func keys<C: Component>(_ type: C.Type) throws -> Set<String> {
      Set(try ParameterCoding.node(of: C.defaults).entries?.map(\.key) ?? [])
    }
    for type in membershipDefenseCatalogue {
      #expect(try keys(type) == Set(type.card.parameters.map(\.key)), "\(type)")
    }
  }

  @Test("each descends the loss that its paper gives, by finite differences")
  func gradients() throws {
    var smoothing = LabelSmoothing.Parameters()
    smoothing.epsilon = 0.3
    try expectStep(try LabelSmoothing(smoothing), "label smoothing") { w, data in
      crossEntropy(w, data) { y in (0..<3).map { (($0 == y) ? 0.7 : 0) + 0.1 } }
    }
    var decay = WeightDecay.Parameters()
    decay.lambda = 0.5
    try expectStep(try WeightDecay(decay), "weight decay") { w, data in
      crossEntropy(w, data) { y in (0..<3).map { $0 == y ? 1 : 0 } }
        + w.reduce(0) { $0 + 0.25 * $1 * $1 }
    }
    var hamp = HAMP.Parameters()
    (hamp.gamma, hamp.alpha) = (0.8, 0.7)
    let share = HAMP.share(gamma: 0.8, classes: 3)
    try expectStep(try HAMP(hamp), "hamp") { w, data in
      let entropy = (0..<data.count).reduce(0.0) { sum, example in
        sum - probabilities(w, data.features(of: example)).reduce(0) { $0 + $1 * log($1) }
      }
      return crossEntropy(w, data) { y in (0..<3).map { $0 == y ? share : (1 - share) / 2 } }
        - 0.7 * entropy / Double(data.count)
    }
    // Far above the level it descends, far below it ascends.
    for (level, sign) in [(0.0, 1.0), (100.0, -1.0)] {
      var relax = RelaxLoss.Parameters()
      relax.alpha = level
      try expectStep(try RelaxLoss(relax), "relax-loss at \(level)") { w, data in
        sign * crossEntropy(w, data) { y in (0..<3).map { $0 == y ? 1 : 0 } }
      }
    }
  }

  @Test("HAMP's targets have exactly the entropy asked for")
  func hampTargets() {
    for (gamma, classes) in [(0.95, 10), (0.5, 3), (0.1, 100)] {
      let t = HAMP.share(gamma: gamma, classes: classes)
      let rest = (1 - t) / Double(classes - 1)
      let entropy = -t * log(t) - Double(classes - 1) * rest * log(rest)
      #expect(abs(entropy - gamma * log(Double(classes))) < 1e-9)
      #expect(t > 1 / Double(classes))
    }
    #expect(HAMP.share(gamma: 0, classes: 4) == 1)
  }

  @Test("truncation names the likeliest classes and spreads the rest evenly")
  func truncation() throws {
    let scenario = try scenario(try OutputTruncation())
    let data = try data()
    let holder = ModelHolder(
      network: scenario.network, parameters: start(scenario), members: data, references: data)
    var parameters = OutputTruncation.Parameters()
    (parameters.top, parameters.digits) = (1, 1)
    var generator = Generator(seed: 1)
    let answers = try OutputTruncation(parameters).release(
      [0.72, 0.2, 0.08, 0.1, 0.1, 0.8], by: holder, using: &generator)
    for (a, b) in zip(answers, [0.7, 0.15, 0.15, 0.1, 0.1, 0.8]) { #expect(abs(a - b) < 1e-9) }
    // The label alone: all that is left of any answer is its top class.
    (parameters.top, parameters.digits) = (1, 0)
    let labels = try OutputTruncation(parameters).release(
      [0.72, 0.2, 0.08, 0.97, 0.02, 0.01], by: holder, using: &generator)
    #expect(Array(labels[..<3]) == Array(labels[3...]))
  }

  /// A model that knows its members, and whom it does not know.
  private func holder() throws -> (holder: ModelHolder, answers: [Double]) {
    let scenario = try scenario(
      try LabelSmoothing(), epochs: 200, batch: 4, rate: 0.5, model: [24])
    let trained = try scenario.run().model
    let members = try data()
    var generator = Generator(seed: 2)
    let references = try LabeledExamples(
      features: (0..<80).map { _ in Float(generator.normal()) },
      labels: (0..<40).map { Int32($0 % 3) }, shape: [2], classes: 3)
    let holder = ModelHolder(
      network: scenario.network, parameters: trained, members: members, references: references)
    return (
      holder, try holder.probabilities(on: members) + holder.probabilities(on: references)
    )
  }

  @Test("MemGuard stays within each budget, spends more of a larger one and none of none")
  func budgets() throws {
    let (holder, truth) = try holder()
    let draws = 5
    let answers = Double(draws * truth.count / 3)
    var spent: [Double] = []
    for budget in [0, 0.1, 0.5, 2] {
      var parameters = MemGuard.Parameters()
      parameters.budget = budget
      var sum = 0.0
      for draw in 0..<draws {
        var generator = Generator(seed: UInt64(draw))
        let given = try MemGuard(parameters).release(truth, by: holder, using: &generator)
        sum += zip(given, truth).reduce(0) { $0 + abs($1.0 - $1.1) }
      }
      // A distortion d <= 2 with chance budget/d: its variance is at most 2 budget; 4 deviations of
      // the mean, missed 1 time in 30,000.
      let mean = sum / answers
      let margin = 4 * (2 * budget / answers).squareRoot()
      #expect(mean <= budget + margin, "\(budget): \(mean)")
      spent.append(mean)
    }
    #expect(spent[0] == 0 && spent[1] > 0)
    #expect(spent[1] < spent[2] && spent[2] < spent[3], "\(spent)")
  }

  @Test("MemGuard answers a question that comes again as it did before")
  func once() throws {
    let (holder, truth) = try holder()
    var parameters = MemGuard.Parameters()
    parameters.budget = 0.2
    var generator = Generator(seed: 5)
    let answers = try MemGuard(parameters)
      .release(truth + truth + truth, by: holder, using: &generator)
    #expect(Array(answers[..<truth.count]) == Array(answers[truth.count..<(2 * truth.count)]))
    #expect(Array(answers[..<truth.count]) == Array(answers[(2 * truth.count)...]))
    // Some are as they were and some are not: there was a chance to draw.
    let kept = (0..<(truth.count / 3)).count { answers[3 * $0] == truth[3 * $0] }
    #expect(kept > 0 && kept < truth.count / 3, "\(kept)")
  }

  @Test("MemGuard gives no answer that makes its own attacker surer than the truth does")
  func doubt() throws {
    let (holder, _) = try holder()
    var generator = Generator(seed: 7)
    // Questions about anything, near the attacker's boundary and far from it.
    let truth = (0..<600).flatMap { _ -> [Double] in
      let cuts = [generator.uniform(), generator.uniform()].sorted()
      return [cuts[0], cuts[1] - cuts[0], 1 - cuts[1]]
    }
    var parameters = MemGuard.Parameters()
    parameters.budget = 2
    let memguard = try MemGuard(parameters)
    var (first, second) = (Generator(seed: 8), Generator(seed: 8))
    let given = try memguard.release(truth, by: holder, using: &first)
    let attacker = try memguard.search(for: holder, using: &second)
    let (before, after) = (try attacker.logOdds(truth), try attacker.logOdds(given))
    let changed = before.indices.filter { given[3 * $0] != truth[3 * $0] }
    #expect(changed.count > 50)
    #expect(changed.allSatisfy { abs(after[$0]) < abs(before[$0]) })
  }

  @Test("MemGuard and HAMP keep every label, and MemGuard without a budget every answer")
  func releases() throws {
    let (holder, truth) = try holder()
    var generator = Generator(seed: 4)
    func tops(_ values: [Double]) -> [Int] {
      stride(from: 0, to: values.count, by: 3).map { start in
        (0..<3).max { values[start + $0] < values[start + $1] } ?? 0
      }
    }
    var memguard = MemGuard.Parameters()
    for release in [try MemGuard(memguard), try HAMP()] as [any PredictionRelease] {
      let answers = try release.release(truth, by: holder, using: &generator)
      #expect(tops(answers) == tops(truth), "\(release.cardName)")
      #expect(answers != truth, "\(release.cardName)")
      for start in stride(from: 0, to: answers.count, by: 3) {
        #expect(abs(answers[start..<(start + 3)].reduce(0, +) - 1) < 1e-9)
      }
    }
    memguard.budget = 0
    #expect(try MemGuard(memguard).release(truth, by: holder, using: &generator) == truth)
  }

  @Test("early stopping keeps the received model where nothing improves; all others still learn")
  func trainings() throws {
    // A rate that only makes it worse.
    let stopped = try scenario(try EarlyStopping(), epochs: 3, batch: 3, rate: 500)
    #expect(try stopped.run().model == start(stopped))
    for defense in [
      try EarlyStopping(), try DropoutTraining(), try SelfDistillation(),
      try AdversarialRegularisation(), try RelaxLoss(),
    ] as [any Component] {
      let scenario = try scenario(
        defense, epochs: 4, batch: 4, rate: 0.1, rounds: 4, model: [16])
      let record = try scenario.run()
      #expect(record.model.isFinite && record.model != start(scenario), "\(defense.cardName)")
      let first = try scenario.network.evaluate(
        parameters: start(scenario), on: data(), workspace: Workspace(for: scenario.network))
      #expect(record.finalLoss < first.loss, "\(defense.cardName)")
    }
  }

  @Test("what would be without effect or cannot be is refused in words")
  func refusals() throws {
    #expect(throws: (any Error).self) {
      try scenario(try LabelSmoothing(), algorithm: FedSGD())
    }
    #expect(throws: (any Error).self) { try scenario(try DropoutTraining()).run() }
    var guardian = MemGuard.Parameters()
    guardian.budget = 3
    #expect(throws: (any Error).self) { try MemGuard(guardian) }
    var stop = EarlyStopping.Parameters()
    stop.heldBack = 0
    #expect(throws: (any Error).self) { try EarlyStopping(stop) }
  }
}
