import Components
import Datasets
import Defenses
import Federation
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport

/// Gradients of digits under a small smooth network, with what a defense makes of them.
struct InversionBench {
  let network: Network
  let parameters: Vector
  let examples: LabeledExamples
  let shape: ImageShape

  /// The bench, with the model as defenses extend it.
  init(under defenses: [any RoundComponent] = []) throws {
    var generator = testGenerator(name: "inversion bench")
    let small = try Network(
      input: [1, 8, 8],
      [
        .convolution(Convolution(outputs: 6, kernel: 3, padding: 1)), .activation(.sigmoid),
        .convolution(Convolution(outputs: 6, kernel: 3, padding: 1)), .activation(.sigmoid),
        .flatten, .dense(outputs: 10),
      ], initialBound: 0.5)
    network = try defenses.compactMap { $0 as? any ModelExtension }.reduce(small) {
      try $1.network(extending: $0)
    }
    parameters = network.initialParameters(using: &generator)
    examples = try Digits().load(using: &generator).train
    shape = try ImageShape([1, 8, 8])
  }

  /// The gradient of examples after a client's step views and transforms, as a round makes it.
  func sent(_ indices: [Int], _ defenses: [any RoundComponent], seed: UInt64 = 0) throws -> Vector {
    var generator = testGenerator(seed, name: "defended client")
    let views = defenses.compactMap { $0 as? any StepView }
    var batch = try examples.batch(indices)
    for view in views { batch = try view.view(batch, of: network, using: &generator) }
    var gradient = Vector(zeros: network.parameterCount)
    try network.differentiate(
      parameters: parameters, batch: batch, mode: .training(noise: generator.fork("step")),
      workspace: Workspace(for: network, batchSize: 8), gradient: &gradient)
    for view in views {
      try view.adjust(
        &gradient, at: parameters, batch: batch, of: network, using: &generator)
    }
    var update = Update(
      client: 0, startedRound: 0, delta: gradient, weight: 1, steps: 1, loss: 0)
    var memory = Memory()
    for transform in defenses.compactMap({ $0 as? any UpdateTransform }) {
      try transform.transform(
        &update, segments: network.layout.segments, using: &generator, memory: &memory)
    }
    return update.delta
  }

  func problem(_ observed: Vector, _ indices: [Int]) throws -> InversionProblem {
    try InversionProblem(
      network: network, parameters: parameters,
      observed: ObservedUpdate(observed, unit: .gradient),
      knowledge: AttackerKnowledge(
        batchSize: indices.count, labels: .known(indices.map { examples.labels[$0] }),
        inputRange: .unit(channels: 1)))
  }

  func psnr(_ inputs: [[Float]], _ indices: [Int]) throws -> Double {
    try BatchScore(
      of: inputs, against: indices.map { examples.features(of: $0) }, shape: shape
    ).psnr?.median ?? 0
  }

  func gray(_ indices: [Int]) throws -> Double {
    try psnr(indices.map { _ in ReconstructionBaseline.gray(shape) }, indices)
  }

  static func settings(steps: Int, restarts: Int = 1) -> AttackSettings {
    var settings = InversionPreset.invertingGradients.settings
    (settings.labels, settings.steps, settings.restarts) = (.known, steps, restarts)
    settings.priors = [.totalVariation(1e-4)]
    return settings
  }

  /// The attack on a defended client, with and without knowing the defense.
  func evaluate(
    _ defenses: [any RoundComponent], _ indices: [Int], settings: AttackSettings, seed: UInt64 = 0
  ) throws -> AdaptiveEvaluation {
    let bench = try InversionBench(under: defenses)
    return try AdaptiveEvaluation(
      GradientMatchingAttack(settings),
      on: bench.problem(bench.sent(indices, defenses, seed: seed), indices),
      counters: InversionCounter.counters(to: defenses, network: bench.network),
      using: testGenerator(seed, name: "attacker")
    ) { try psnr($0.inputs, indices) }
  }

  /// Median scores over several examples, plain and adaptive.
  func medians(
    _ defenses: [any RoundComponent], batches: [[Int]], settings: AttackSettings
  ) throws -> (plain: Double, adaptive: Double) {
    var (plain, adaptive): ([Double], [Double]) = ([], [])
    for (seed, indices) in batches.enumerated() {
      let result = try evaluate(defenses, indices, settings: settings, seed: UInt64(seed))
      plain.append(result.plain.score ?? 0)
      adaptive.append(result.adaptive?.score ?? 0)
    }
    return (ScoreSpread(plain)?.median ?? 0, ScoreSpread(adaptive)?.median ?? 0)
  }
}
