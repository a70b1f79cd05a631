import Components
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// A small smooth problem in double precision, with the pieces to perturb.
struct SmallProblem {
  let network: Network
  let parameters: Vector
  let inputs: [Double]
  let labels: [Int32]
  let gradient: [Double]

  init(rows: Int = 2, name: String) throws {
    var generator = testGenerator(name: name)
    network = try Network(
      input: [2, 6, 6],
      [
        .convolution(Convolution(outputs: 3, kernel: 3, stride: 2, padding: 1)),
        .activation(.sigmoid), .flatten, .dense(outputs: 4),
      ])
    parameters = network.initialParameters(using: &generator)
    let width = network.inputs
    inputs = (0..<(rows * width)).map { _ in generator.uniform() }
    labels = (0..<rows).map { Int32($0 % 4) }
    gradient = try Self.gradient(network, parameters, Batch(inputs: inputs, labels: labels))
  }

  static func gradient(
    _ network: Network, _ parameters: Vector, _ batch: Batch<Double>, mode: PassMode = .evaluation
  ) throws -> [Double] {
    var gradient = [Double](repeating: 0, count: network.parameterCount)
    try network.differentiate(
      parameters: parameters.array.map { Double($0) }, batch: batch, mode: mode,
      workspace: Workspace(for: network, batchSize: 4), gradient: &gradient)
    return gradient
  }

  func problem(_ knowledge: AttackerKnowledge) throws -> InversionProblem {
    try InversionProblem(
      network: network, parameters: parameters,
      observed: ObservedUpdate(gradient, unit: .gradient), knowledge: knowledge)
  }
}

@Suite("Gradient-matching objectives")
struct ObjectiveTests {
  /// Checks a probe's gradient along random directions against central differences.
  private func check(
    _ probe: ObjectiveProbe, at point: [Double], name: String, tolerance: Double = 1e-6
  ) throws {
    var generator = testGenerator(name: name)
    let (_, gradient) = try probe.evaluate(point)
    let h = 1e-5
    for _ in 0..<4 {
      let direction = point.map { _ in generator.normal() }
      let up = try probe.evaluate(zip(point, direction).map { $0 + h * $1 }).value
      let down = try probe.evaluate(zip(point, direction).map { $0 - h * $1 }).value
      let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(relativeError((up - down) / (2 * h), slope) < tolerance, "\(name)")
    }
  }

  private static let forms: [MatchingObjective] = [
    MatchingObjective(.squared()), MatchingObjective(.squared(factor: 0.5), layerWeights: .falling),
    MatchingObjective(.absolute(), layerWeights: .rising), MatchingObjective(.cosine),
    MatchingObjective(.layerCosine), MatchingObjective(.layerCosine, layerWeights: .exponential),
    MatchingObjective(.tag()), MatchingObjective(.cosine, mask: .observed(above: 1e-3)),
    MatchingObjective(.squared(), mask: .without(tensors: ["fc1.weight"])),
  ]

  @Test(
    "every distance's gradient by inputs and soft labels is its finite difference", arguments: 0..<9
  )
  func distances(index: Int) throws {
    let small = try SmallProblem(name: "distances")
    var settings = AttackSettings(
      objective: Self.forms[index], search: .adam(rate: 1), steps: 1)
    settings.labels = .joint
    let probe = try ObjectiveProbe(small.problem(AttackerKnowledge(batchSize: 2)), settings)
    var generator = testGenerator(UInt64(index))
    let point = (0..<probe.variableCount).map { _ in generator.normal() }
    try check(probe, at: point, name: "\(Self.forms[index])")
  }

  @Test("distances have the values of their definitions")
  func values() throws {
    let small = try SmallProblem(name: "distances")
    var generator = testGenerator()
    let point = small.inputs.map { _ in generator.uniform() }
    let g = try SmallProblem.gradient(
      small.network, small.parameters, Batch(inputs: point, labels: small.labels))
    let t = small.gradient
    func sum(_ range: Range<Int>, _ term: (Double, Double) -> Double) -> Double {
      range.reduce(0) { $0 + term(g[$1], t[$1]) }
    }
    func cosine(_ range: Range<Int>) -> Double {
      sum(range) { $0 * $1 }
        / (sum(range) { a, _ in a * a } * sum(range) { _, b in b * b }).squareRoot()
    }
    let all = 0..<g.count
    let ranges = small.network.layout.segments.map(\.range)
    let squares = sum(all) { ($0 - $1) * ($0 - $1) }
    let expected: [Double] = [
      squares,
      ranges.enumerated().reduce(0) { total, part in
        total + 0.5 * (4 - Double(part.offset)) / 4
          * sum(part.element) { ($0 - $1) * ($0 - $1) }
      },
      ranges.enumerated().reduce(0) { total, part in
        total + Double(part.offset + 1) / 4 * sum(part.element) { abs($0 - $1) }
      },
      1 - cosine(all),
      ranges.reduce(0) { $0 + 1 - cosine($1) },
    ]
    let tag =
      squares / 2
      + ranges.enumerated().reduce(0) { total, part in
        total + 0.05 * Double(part.offset + 1) / 4 * sum(part.element) { abs($0 - $1) }
      }
    let knowledge = AttackerKnowledge(batchSize: 2, labels: .known(small.labels))
    for (form, value) in zip(Self.forms, expected) + [(Self.forms[6], tag)] {
      let probe = try ObjectiveProbe(
        small.problem(knowledge), AttackSettings(objective: form, search: .adam(rate: 1), steps: 1))
      #expect(relativeError(try probe.evaluate(point).value, value) < 1e-12, "\(form)")
      // The truth has distance 0.
      #expect(abs(try probe.evaluate(small.inputs).value) < 1e-12)
    }
  }

  @Test("a squared distance sums squares, not norms")
  func squaredNorms() throws {
    let small = try SmallProblem(name: "distances")
    let double = try ObservedUpdate(small.gradient.map { 3 * $0 }, unit: .gradient)
    let problem = try InversionProblem(
      network: small.network, parameters: small.parameters, observed: double,
      knowledge: AttackerKnowledge(batchSize: 2, labels: .known(small.labels)))
    let probe = try ObjectiveProbe(
      problem,
      AttackSettings(objective: MatchingObjective(.squared()), search: .adam(rate: 1), steps: 1))
    let norm = small.gradient.reduce(0) { $0 + $1 * $1 }
    #expect(relativeError(try probe.evaluate(small.inputs).value, 4 * norm) < 1e-12)
  }

  private static let priors: [[AttackSettings.Prior]] = [
    [.totalVariation(0.3)], [.totalVariation(0.3, .isotropicColour)], [.squaredNorm(0.7)],
    [.feature(0.4)],
  ]

  @Test("every prior's gradient is its finite difference", arguments: 0..<4)
  func priors(index: Int) throws {
    let small = try SmallProblem(name: "distances")
    var settings = AttackSettings(
      objective: MatchingObjective(.cosine), search: .adam(rate: 1), steps: 1)
    settings.priors = Self.priors[index]
    let range = try InputRange(lower: [-1, 0], upper: [1, 3])
    let probe = try ObjectiveProbe(
      small.problem(
        AttackerKnowledge(batchSize: 2, labels: .known(small.labels), inputRange: range)), settings)
    var generator = testGenerator(UInt64(index))
    let point = (0..<probe.variableCount).map { _ in generator.normal() }
    try check(probe, at: point, name: "\(Self.priors[index])")
  }

  @Test("total variation has its definition's value")
  func variation() throws {
    let small = try SmallProblem(name: "distances")
    let knowledge = AttackerKnowledge(batchSize: 2, labels: .known(small.labels))
    var settings = AttackSettings(
      objective: MatchingObjective(.cosine), search: .adam(rate: 1), steps: 1)
    let plain = try ObjectiveProbe(small.problem(knowledge), settings).evaluate(small.inputs).value
    settings.priors = [.totalVariation(2)]
    let with = try ObjectiveProbe(small.problem(knowledge), settings).evaluate(small.inputs).value
    var (across, down) = (0.0, 0.0)
    for plane in 0..<4 {
      for y in 0..<6 {
        for x in 0..<6 {
          let place = plane * 36 + y * 6 + x
          if x < 5 { across += abs(small.inputs[place + 1] - small.inputs[place]) / 120 }
          if y < 5 { down += abs(small.inputs[place + 6] - small.inputs[place]) / 120 }
        }
      }
    }
    #expect(isClose(with - plain, 2 * (across + down), tolerance: 1e-12))
  }

  @Test("table columns keep their kind and have exact gradients")
  func table() throws {
    var generator = testGenerator()
    let network = try Network(
      input: [5], [.dense(outputs: 6), .activation(.tanh), .dense(outputs: 2)])
    let parameters = network.initialParameters(using: &generator)
    let gradient = try SmallProblem.gradient(
      network, parameters, Batch(inputs: [0.5, 0, 1, 0, -1], labels: [1]))
    let problem = try InversionProblem(
      network: network, parameters: parameters,
      observed: ObservedUpdate(gradient, unit: .gradient),
      knowledge: AttackerKnowledge(batchSize: 1, labels: .known([1])))
    var settings = AttackSettings(
      objective: MatchingObjective(.cosine), search: .adam(rate: 1), steps: 1)
    settings.table = [
      .number(lower: -1, upper: 2), .category(count: 3), .number(lower: -2, upper: 0),
    ]
    let probe = try ObjectiveProbe(problem, settings)
    let point = (0..<5).map { _ in 3 * generator.normal() }
    try check(probe, at: point, name: "table")
    let inputs = probe.inputs(point)
    #expect(inputs[0] > -1 && inputs[0] < 2 && inputs[4] > -2 && inputs[4] < 0)
    #expect(isClose(Double(inputs[1] + inputs[2] + inputs[3]), 1, tolerance: 1e-6))
    settings.table = [.category(count: 3)]
    #expect(throws: InversionError.self) { try ObjectiveProbe(problem, settings) }
  }

  @Test("the batch-norm prior has an exact gradient and no value at the batch's own statistics")
  func batchNorm() throws {
    var generator = testGenerator()
    let network = try Network(
      input: [2, 4, 4],
      [
        .convolution(Convolution(outputs: 3, kernel: 3, padding: 1)), .batchNorm(),
        .activation(.sigmoid), .flatten, .dense(outputs: 3),
      ])
    let parameters = network.initialParameters(using: &generator)
    let inputs = (0..<64).map { _ in generator.uniform() }
    let batch = Batch(inputs: inputs, labels: [0, 2])
    let gradient = try SmallProblem.gradient(network, parameters, batch)
    // The statistics of the convolution's outputs, by a network that ends there.
    let convolution = try Network(
      input: [2, 4, 4], [.convolution(Convolution(outputs: 3, kernel: 3, padding: 1))])
    let outputs = try convolution.predict(
      parameters: Vector(Array(parameters.array.prefix(convolution.parameterCount))),
      on: LabeledExamples(
        features: inputs.map { Float($0) }, labels: [0, 0], shape: [2, 4, 4], classes: 1),
      workspace: Workspace(for: convolution)
    ).logits
    var (means, variances): ([Double], [Double]) = ([], [])
    for channel in 0..<3 {
      let values = (0..<2).flatMap { row in
        (0..<16).map { Double(outputs[row * 48 + channel * 16 + $0]) }
      }
      let mean = values.reduce(0, +) / 32
      means.append(mean)
      variances.append(values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 32)
    }
    var knowledge = AttackerKnowledge(batchSize: 2, labels: .known([0, 2]))
    func probe() throws -> ObjectiveProbe {
      var settings = AttackSettings(
        objective: MatchingObjective(.cosine), search: .adam(rate: 1), steps: 1)
      settings.priors = [.batchNorm(0.5, firstFactor: 10)]
      return try ObjectiveProbe(
        InversionProblem(
          network: network, parameters: parameters,
          observed: ObservedUpdate(gradient, unit: .gradient), knowledge: knowledge), settings)
    }
    // Without the batch's statistics the running ones, 0 and 1, are the target.
    func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let running = try probe().evaluate(inputs).value
    #expect(isClose(running, 5 * (norm(means) + norm(variances.map { $0 - 1 })), tolerance: 1e-5))
    try check(probe(), at: inputs.map { _ in generator.normal() }, name: "running")
    knowledge.batchStatistics = .init(means: [means], variances: [variances])
    #expect(try probe().evaluate(inputs).value < 1e-5)
    try check(probe(), at: inputs.map { _ in generator.normal() }, name: "batch")
    // One training step moves the running statistics by as much as gives them away.
    var after = parameters
    try trainSGD(
      network: network, parameters: &after,
      examples: LabeledExamples(
        features: inputs.map { Float($0) }, labels: [0, 2], shape: [2, 4, 4], classes: 3),
      epochs: 1, batchSize: 2, options: SGDOptions(learningRate: 0.1),
      workspace: Workspace(for: network), generator: &generator)
    let inferred = try AttackerKnowledge.BatchStatistics(
      inferredFrom: parameters, after, network: network, batchSize: 2)
    #expect(largestDifference(inferred.means[0], means) < 1e-5)
    #expect(largestDifference(inferred.variances[0], variances) < 1e-4)
    knowledge.batchStatistics = .init(means: [[0]], variances: [variances])
    #expect(throws: InversionError.self) { try probe() }
  }
}
