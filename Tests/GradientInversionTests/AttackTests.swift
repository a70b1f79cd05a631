import Components
import Datasets
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Gradient-matching attacks")
struct AttackTests {
  /// A smooth perceptron and the gradient of some examples.
  private struct Tiny {
    let network: Network
    let parameters: Vector
    let inputs: [Float]
    let labels: [Int32]
    let gradient: [Double]

    init(inputs width: Int = 8, rows: Int = 1, name: String) throws {
      var generator = testGenerator(name: name)
      network = try Network(
        input: [width], [.dense(outputs: 12), .activation(.sigmoid), .dense(outputs: 4)],
        initialBound: 0.5)
      parameters = network.initialParameters(using: &generator)
      inputs = (0..<(rows * width)).map { _ in Float(generator.uniform()) }
      labels = (0..<rows).map { Int32(3 - $0) }
      gradient = try SmallProblem.gradient(
        network, parameters, Batch(inputs: inputs.map { Double($0) }, labels: labels))
    }

    func problem(_ knowledge: AttackerKnowledge) throws -> InversionProblem {
      try InversionProblem(
        network: network, parameters: parameters,
        observed: ObservedUpdate(gradient, unit: .gradient), knowledge: knowledge)
    }

    func squaredError(_ found: Reconstruction) -> Double {
      zip(found.inputs.joined(), inputs).reduce(0) {
        $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
      }
    }

    func error(_ found: Reconstruction) -> Double {
      zip(found.inputs.joined(), inputs).reduce(0) { max($0, Double(abs($1.0 - $1.1))) }
    }
  }

  @Test("DLG recovers input and label together, and iDLG the input")
  func dlg() throws {
    let tiny = try Tiny(name: "dlg")
    let problem = try tiny.problem(AttackerKnowledge(batchSize: 1))
    for preset in [InversionPreset.dlg, .idlg] {
      let found = try GradientMatchingAttack(preset.settings, arithmetic: .double).run(
        on: problem, using: testGenerator())
      #expect(found.outcome == .found)
      #expect(found.labels == tiny.labels)
      #expect(tiny.error(found) < 1e-2, "\(preset.name)")
      #expect((found.best?.matching ?? 1) < 1e-6)
    }
  }

  @Test("the answer is the restart of lowest objective, whatever the number of threads")
  func restarts() throws {
    let tiny = try Tiny(name: "restarts")
    var settings = AttackSettings(
      objective: MatchingObjective(.cosine), search: .adam(rate: 0.1, langevin: 0.01), steps: 40)
    settings.restarts = 5
    settings.priors = [.group(1e-3)]
    let problem = try tiny.problem(AttackerKnowledge(batchSize: 1, labels: .known(tiny.labels)))
    let attack = GradientMatchingAttack(settings)
    let one = try attack.run(on: problem, workers: 1, using: testGenerator())
    let three = try attack.run(on: problem, workers: 3, using: testGenerator())
    #expect(one == three)
    let lowest = one.candidates.map(\.objective).min()
    #expect(Set(one.candidates.map(\.objective)).count == 5)
    #expect(one.best?.objective == lowest)
    #expect(one.inputs[0] == one.best?.inputs)
  }

  @Test("a restart's result does not depend on how many others run")
  func independent() throws {
    let tiny = try Tiny(name: "independent")
    var settings = AttackSettings(
      objective: MatchingObjective(.cosine), search: .adam(rate: 0.1), steps: 10)
    let problem = try tiny.problem(AttackerKnowledge(batchSize: 1, labels: .known(tiny.labels)))
    let alone = try GradientMatchingAttack(settings).run(on: problem, using: testGenerator())
    settings.restarts = 3
    let many = try GradientMatchingAttack(settings).run(on: problem, using: testGenerator())
    #expect(alone.candidates[0] == many.candidates[0])
  }

  @Test("a search that leaves the finite numbers begins anew, and then the attack has failed")
  func diverges() throws {
    let tiny = try Tiny(name: "diverges")
    var settings = AttackSettings(
      objective: MatchingObjective(.squared()), search: .adam(rate: 1e38), steps: 20)
    settings.priors = [.squaredNorm(1)]
    settings.restarts = 2
    let problem = try tiny.problem(AttackerKnowledge(batchSize: 1, labels: .known(tiny.labels)))
    let found = try GradientMatchingAttack(settings).run(on: problem, using: testGenerator())
    #expect(found.candidates.allSatisfy { $0.hasDiverged && $0.brokenAttempts == 4 })
    #expect(found.inputs.isEmpty && found.best == nil)
    guard case .attackFailed = found.outcome else {
      Issue.record("a diverged attack must say that it failed")
      return
    }
    #expect(found.outcome.description.hasPrefix("attack failed: "))
    // So has one that stays where it is.
    settings.search = .adam(rate: 0)
    let still = try GradientMatchingAttack(settings).run(on: problem, using: testGenerator())
    #expect(still.outcome.description.hasPrefix("attack failed: ") && still.inputs.isEmpty)
    #expect(still.candidates.allSatisfy { !$0.hasDiverged })
  }

  @Test("the box keeps to valid inputs, in the model's units")
  func box() throws {
    let tiny = try Tiny(name: "box")
    let range = try InputRange(mean: [0.5], deviation: [0.2])
    var settings = AttackSettings(
      objective: MatchingObjective(.cosine), search: .adam(rate: 0.5, sign: .hard), steps: 50)
    settings.box = true
    let problem = try tiny.problem(
      AttackerKnowledge(batchSize: 1, labels: .known(tiny.labels), inputRange: range))
    let found = try GradientMatchingAttack(settings).run(on: problem, using: testGenerator())
    #expect(found.inputs[0].allSatisfy { $0 >= -2.5001 && $0 <= 2.5001 })
    let pixels = range.pixels(found.inputs[0])
    #expect(pixels.allSatisfy { $0 >= -1e-5 && $0 <= 1.00001 })
    #expect(range.pixels([-2.5, 2.5, 0]) == [0, 1, 0.5])
    // The box is in the units of the valid range.
    var unscaled = settings
    unscaled.scaled = false
    #expect(throws: InversionError.self) {
      try GradientMatchingAttack(unscaled).run(on: problem, using: testGenerator())
    }
    // Without the normalisation nobody knows what a valid pixel is.
    let blind = try tiny.problem(AttackerKnowledge(batchSize: 1, labels: .known(tiny.labels)))
    #expect(throws: InversionError.self) {
      try GradientMatchingAttack(settings).run(on: blind, using: testGenerator())
    }
  }

  @Test("Laplace noise is met better by its own likelihood than by the squared distance")
  func bayes() throws {
    let tiny = try Tiny(name: "bayes")
    let range = try InputRange.unit(channels: 1)
    var error: [String: Double] = [:]
    for trial in 0..<16 {
      var generator = testGenerator(UInt64(trial))
      // A scattering of large errors, as a Laplace law's heavy tails give.
      let noisy = tiny.gradient.map { $0 + generator.laplace(scale: 2e-3) }
      let problem = try InversionProblem(
        network: tiny.network, parameters: tiny.parameters,
        observed: ObservedUpdate(noisy, unit: .gradient),
        knowledge: AttackerKnowledge(batchSize: 1, labels: .known(tiny.labels), inputRange: range))
      for (name, noise) in [
        ("normal", InversionPreset.Noise.gaussian(deviation: 2e-3 * 2.0.squareRoot())),
        ("laplace", .laplace(scale: 2e-3)),
      ] {
        var settings = InversionPreset.bayesOptimal(noise: noise, prior: .squaredNorm(1e-3))
          .settings
        settings.labels = .known
        settings.steps = 600
        let found = try GradientMatchingAttack(settings, arithmetic: .double).run(
          on: problem, using: testGenerator(7))
        error[name, default: 0] += tiny.squaredError(found)
      }
    }
    #expect((error["laplace"] ?? 1) < (error["normal"] ?? 0), "\(error)")
  }

  @Test("a mask sees through pruning that a plain distance takes for data")
  func pruning() throws {
    let tiny = try Tiny(name: "pruning")
    let sizes = tiny.gradient.map(abs).sorted()
    let threshold = sizes[sizes.count * 6 / 10]
    let pruned = tiny.gradient.map { abs($0) < threshold ? 0 : $0 }
    let problem = try InversionProblem(
      network: tiny.network, parameters: tiny.parameters,
      observed: ObservedUpdate(pruned, unit: .gradient),
      knowledge: AttackerKnowledge(
        batchSize: 1, labels: .known(tiny.labels), inputRange: .unit(channels: 1)))
    func error(_ mask: MatchingObjective.Mask) throws -> Double {
      var settings = InversionPreset.invertingGradients.settings
      settings.objective.mask = mask
      (settings.labels, settings.priors, settings.steps) = (.known, [], 400)
      return try tiny.error(
        GradientMatchingAttack(settings).run(on: problem, using: testGenerator()))
    }
    let (plain, masked) = (try error(.everything), try error(.observed()))
    #expect(masked < 0.05)
    #expect(plain > 2 * masked)
  }

  @Test("TabLeak recovers rows of the breast cancer table better than random rows")
  func table() throws {
    var generator = testGenerator()
    let data = try BreastCancer().load(using: &generator).train
    let network = try Network(
      input: [30],
      [
        .dense(outputs: 100), .relu, .dense(outputs: 100), .relu, .dense(outputs: 2),
      ])
    let parameters = network.initialParameters(using: &generator)
    let columns = data.featureCount
    let all = (0..<data.count).map { data.features(of: $0) }
    let bounds = (0..<columns).map { column in
      let values = all.map { Double($0[column]) }
      return (lower: (values.min() ?? 0) - 1e-3, upper: (values.max() ?? 1) + 1e-3)
    }
    let deviations = (0..<columns).map { column in
      let values = all.map { Double($0[column]) }
      let mean = values.reduce(0, +) / Double(values.count)
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
        .squareRoot()
    }
    let indices = [3, 40, 77, 120]
    let batch = try data.batch(indices)
    var gradient = Vector(zeros: network.parameterCount)
    try network.differentiate(
      parameters: parameters, batch: batch, workspace: Workspace(for: network, batchSize: 4),
      gradient: &gradient)
    let problem = try InversionProblem(
      network: network, parameters: parameters,
      observed: ObservedUpdate(gradient, unit: .gradient),
      knowledge: AttackerKnowledge(
        batchSize: 4, labels: .known(indices.map { data.labels[$0] }),
        inputRange: InputRange(lower: bounds.map(\.lower), upper: bounds.map(\.upper))))
    let preset = InversionPreset.tableak(
      columns: bounds.map { .number(lower: $0.lower, upper: $0.upper) })
    var settings = preset.settings
    if !isOptimizedBuild { (settings.restarts, settings.steps) = (3, 400) }
    let found = try GradientMatchingAttack(settings).run(
      on: problem, workers: 2, using: testGenerator())
    let kinds = deviations.map { TabularScore.Column.number(deviation: $0) }
    let originals = indices.map { all[$0] }
    let score = try TabularScore(of: found.inputs, against: originals, columns: kinds)
    let random = try TabularScore(
      of: [200, 210, 220, 230].map { all[$0] }, against: originals, columns: kinds)
    let margin = isOptimizedBuild ? 0.3 : 0.15
    #expect(score.accuracy > random.accuracy + margin, "\(score.accuracy) \(random.accuracy)")
  }

  @Test("every preset runs where everything it needs is granted, and nothing more")
  func presetsRun() throws {
    var generator = testGenerator()
    let network = try Network(
      input: [1, 6, 6],
      [
        .convolution(Convolution(outputs: 3, kernel: 3, padding: 1)), .batchNorm(),
        .activation(.sigmoid), .flatten, .dense(outputs: 4),
      ])
    let parameters = network.initialParameters(using: &generator)
    let inputs = (0..<72).map { _ in Float(generator.uniform()) }
    let training = try LocalTraining(rate: 0.1, batchSizes: [1, 1, 1, 1], epochs: 2)
    let single = try SmallProblem.gradient(
      network, parameters, Batch(inputs: inputs.prefix(36).map { Double($0) }, labels: [1]))
    let double = try SmallProblem.gradient(
      network, parameters, Batch(inputs: inputs.map { Double($0) }, labels: [1, 3]))
    let rows = [
      Batch(inputs: Array(inputs[..<36]), labels: [1]),
      Batch(inputs: Array(inputs[36...]), labels: [3]),
    ]
    let trained = try Unrolling<Float>(
      network: network, options: SGDOptions(learningRate: 0.1),
      workspace: Workspace(for: network, batchSize: 2)
    ).train(from: parameters, on: rows + rows)
    for preset in InversionPreset.all {
      let hasSteps = preset.needs.contains(.trainingParameters)
      let isSingle = preset.name == "idlg"
      var knowledge = AttackerKnowledge(batchSize: isSingle ? 1 : 2)
      if preset.needs.contains(.exampleLabels) {
        knowledge.labels = .known(isSingle ? [1] : [1, 3])
      }
      if hasSteps { knowledge.training = training }
      knowledge.knowsOrder = preset.needs.contains(.batchOrder)
      if preset.needs.contains(.inputNormalisation) {
        knowledge.inputRange = try .unit(channels: 1)
      }
      #expect(preset.needs.isSubset(of: knowledge.capabilities.union([.labelCounts])))
      let observed =
        hasSteps
        ? try ObservedUpdate(trained - parameters, unit: .delta)
        : try ObservedUpdate(isSingle ? single : double, unit: .gradient)
      let problem = try InversionProblem(
        network: network, parameters: parameters, observed: observed, knowledge: knowledge)
      var settings = preset.settings
      settings.steps = 25
      let found = try GradientMatchingAttack(settings).run(
        on: problem, workers: 2, using: testGenerator(3))
      #expect(found.outcome == .found, "\(preset.name): \(found.outcome)")
      #expect(found.inputs.count == (isSingle ? 1 : 2), "\(preset.name)")
      #expect(found.inputs.allSatisfy { $0.count == 36 && $0.allSatisfy(\.isFinite) })
      #expect(found.candidates.count == settings.restarts)
    }
  }

  @Test("every preset says what it needs and refuses a scenario that does not grant it")
  func presets() throws {
    #expect(Set(InversionPreset.all.map(\.name)).count == InversionPreset.all.count)
    let tiny = try Tiny(name: "presets")
    let blind = try tiny.problem(AttackerKnowledge())
    for preset in InversionPreset.all {
      #expect(preset.needs.contains(.batchSize))
      #expect(throws: (any Error).self, "\(preset.name)") {
        try GradientMatchingAttack(preset.settings).run(on: blind, using: testGenerator())
      }
    }
  }

  @Test("knowledge is a set that loses one thing at a time")
  func ladder() throws {
    let all = AttackerKnowledge(
      batchSize: 2, labels: .known([1, 1]), training: try LocalTraining(rate: 1, batchSizes: [2]),
      knowsOrder: true, inputRange: try .unit(channels: 1),
      batchStatistics: .init(means: [], variances: []), publicInputs: [[0]],
      mayModifyWeights: true, mayModifyArchitecture: true)
    #expect(all.capabilities.count == 10)
    for capability in all.capabilities where capability != .labelCounts {
      let rest = all.without(capability, classes: 3)
      #expect(rest.capabilities == all.capabilities.subtracting([capability]), "\(capability)")
    }
    #expect(all.without(.exampleLabels, classes: 3).labels == .counts([0, 2, 0]))
    #expect(
      all.without(.labelCounts, classes: 3).capabilities
        == all.capabilities.subtracting([.labelCounts, .exampleLabels]))
  }

  @Test("what does not fit is refused with its name")
  func badInput() throws {
    let tiny = try Tiny(name: "bad")
    func problem(_ gradient: [Double], _ knowledge: AttackerKnowledge) throws {
      _ = try InversionProblem(
        network: tiny.network, parameters: tiny.parameters,
        observed: ObservedUpdate(gradient, unit: .gradient), knowledge: knowledge)
    }
    let knowledge = AttackerKnowledge(batchSize: 1)
    #expect(throws: InversionError.self) { try problem([1, 2], knowledge) }
    #expect(throws: InversionError.self) {
      try problem(tiny.gradient, AttackerKnowledge(labels: .known([4])))
    }
    #expect(throws: InversionError.self) {
      try problem(tiny.gradient, AttackerKnowledge(batchSize: 2, labels: .known([1])))
    }
    #expect(throws: InversionError.self) {
      try problem(tiny.gradient, AttackerKnowledge(labels: .counts([1, 0])))
    }
    #expect(throws: InversionError.self) { try InputRange(lower: [1], upper: [1]) }
    #expect(throws: InversionError.self) { try InputRange(mean: [0], deviation: [0]) }
    var settings = AttackSettings(
      objective: MatchingObjective(.squared(), mask: .without(tensors: ["fc9.weight"])),
      search: .adam(rate: 1), steps: 1)
    let known = try tiny.problem(AttackerKnowledge(labels: .known(tiny.labels)))
    #expect(throws: InversionError.self) {
      try GradientMatchingAttack(settings).run(on: known, using: testGenerator())
    }
    settings.objective.mask = .without(tensors: tiny.network.layout.segments.map(\.name))
    #expect(throws: InversionError.self) {
      try GradientMatchingAttack(settings).run(on: known, using: testGenerator())
    }
  }
}
