import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Optimisers")
struct OptimizerTests {
  /// What PyTorch computed: see `Tests/Vectors/optimizers_pytorch.json`.
  struct Reference: Decodable {
    var features: [Float]
    var labels: [Int32]
    var batches: [[Int]]
    var parameters: [Double]
    var runs: [Run]
    var curves: [Curve]

    static func load() throws -> Reference {
      try #require(try VectorFile<Reference>(named: "optimizers_pytorch").cases.first)
    }

    var examples: LabeledExamples {
      get throws {
        try LabeledExamples(features: features, labels: labels, shape: [4], classes: 3)
      }
    }

    func network(labelSmoothing: Double) throws -> Network {
      try Network(
        input: [4],
        [.dense(outputs: 5), .activation(.tanh), .batchNorm(), .dense(outputs: 3)],
        loss: .crossEntropy(labelSmoothing: labelSmoothing))
    }

    /// The starting point in the network's layout: running means 0, variances 1.
    func start(_ network: Network) -> [Double] {
      var values = parameters[...]
      var start: [Double] = []
      var isMean = true
      for segment in network.layout.segments {
        if segment.kind == .statistics {
          start += [Double](repeating: isMean ? 0 : 1, count: segment.range.count)
          isMean = false
        } else {
          start += values.prefix(segment.range.count)
          values = values.dropFirst(segment.range.count)
        }
      }
      return start
    }
  }

  struct Run: Decodable {
    var optimizer: String
    var momentum: Double
    var nesterov: Bool
    var weightDecay: Double
    var clippingNorm: Double?
    var beta1: Double
    var beta2: Double
    var epsilon: Double
    var schedule: String
    var warmUp: Int
    var labelSmoothing: Double
    var learningRate: Double
    var rates: [Double]
    var losses: [Double]
    var parametersAfter: [Double]
    var statisticsAfter: [Double]

    var options: OptimizerOptions {
      let adam = AdamCoefficients(beta1: beta1, beta2: beta2, epsilon: epsilon)
      let optimizers: [String: Optimizer] = [
        "sgd": .sgd, "adam": .adam(adam), "adamw": .adamW(adam),
      ]
      return OptimizerOptions(
        optimizers[optimizer] ?? .sgd, learningRate: learningRate, momentum: momentum,
        nesterov: nesterov, weightDecay: weightDecay, clippingNorm: clippingNorm)
    }

    var plan: LearningRateSchedule {
      let shapes: [String: LearningRateSchedule.Shape] = [
        "constant": .constant, "step": .step(.init(every: 4, factor: 0.3)),
        "cosine": .cosine(.init(length: 8, minimum: 0.005)),
      ]
      return LearningRateSchedule(shapes[schedule] ?? .constant, warmUp: warmUp)
    }
  }

  struct Curve: Decodable {
    var schedule: String
    var warmUp: Int
    var count: Int
    var rates: [Double]
  }

  /// Parameters and statistics in PyTorch's two lists.
  private func split(_ values: [Double], _ network: Network) -> ([Double], [Double]) {
    var lists: ([Double], [Double]) = ([], [])
    for segment in network.layout.segments {
      if segment.kind == .statistics {
        lists.1 += values[segment.range]
      } else {
        lists.0 += values[segment.range]
      }
    }
    return lists
  }

  @Test("take PyTorch's steps: every decay, clipping, schedule and smoothing, in both precisions")
  func agreesWithPyTorch() throws {
    let reference = try Reference.load()
    let examples = try reference.examples
    #expect(reference.runs.count == 60)
    for run in reference.runs {
      let network = try reference.network(labelSmoothing: run.labelSmoothing)
      let workspace = Workspace(for: network)
      let label: Comment = """
        \(run.optimizer) momentum \(run.momentum) nesterov \(run.nesterov) decay \
        \(run.weightDecay) clipping \(run.clippingNorm ?? 0) \(run.schedule)
        """
      var options = run.options
      var double = reference.start(network)
      var single = Vector(double.map(Float.init))
      var doubleState = OptimizerState<Double>(for: network, options: options)
      var singleState = OptimizerState<Float>(for: network, options: options)
      for (step, batch) in reference.batches.enumerated() {
        options.learningRate = run.plan.rate(
          at: step, of: reference.batches.count, base: run.learningRate)
        #expect(isClose(options.learningRate, run.rates[step], tolerance: 1e-15), label)
        let mode = PassMode.training(noise: testGenerator())
        let loss = try optimizerStep(
          network: network, parameters: &double, state: &doubleState, examples: examples,
          batch: batch, options: options, mode: mode, workspace: workspace)
        #expect(isClose(loss, run.losses[step], tolerance: 1e-12), label)
        try optimizerStep(
          network: network, parameters: &single, state: &singleState, examples: examples,
          batch: batch, options: options, mode: mode, workspace: workspace)
      }
      #expect(doubleState.steps == reference.batches.count)
      let found = split(double, network)
      #expect(largestDifference(found.0, run.parametersAfter) < 1e-12, label)
      #expect(largestDifference(found.1, run.statisticsAfter) < 1e-12, label)
      let rough = split(single.array.map(Double.init), network)
      #expect(largestDifference(rough.0, run.parametersAfter) < 1e-5, label)
      #expect(largestDifference(rough.1, run.statisticsAfter) < 1e-5, label)
    }
  }

  @Test("schedules with a warm-up are PyTorch's")
  func schedules() throws {
    let shapes: [String: LearningRateSchedule.Shape] = [
      "constant": .constant, "step": .step(.init(every: 7, factor: 0.5)),
      "cosine": .cosine(.init(minimum: 0.01)),
    ]
    let curves = try Reference.load().curves
    #expect(curves.count == 18)
    for curve in curves {
      let schedule = LearningRateSchedule(
        try #require(shapes[curve.schedule]), warmUp: curve.warmUp)
      for (index, expected) in curve.rates.enumerated() {
        let rate = schedule.rate(at: index, of: curve.count, base: 0.3)
        #expect(
          isClose(rate, expected, tolerance: 1e-14),
          "\(curve.schedule), warm-up \(curve.warmUp), at \(index)")
      }
    }
  }

  @Test("a cosine stays at its minimum, and a warm-up as long as training is all there is")
  func scheduleEnds() {
    let cosine = LearningRateSchedule(.cosine(.init(length: 10, minimum: 0.2)), warmUp: 3)
    for index in 13..<40 { #expect(cosine.rate(at: index, of: 40, base: 1) == 0.2) }
    #expect(cosine.rate(at: 12, of: 40, base: 1) > 0.2)
    let rise = LearningRateSchedule(.cosine(), warmUp: 4)
    #expect((0..<4).map { rise.rate(at: $0, of: 4, base: 1) } == [0.2, 0.4, 0.6, 0.8])
  }

  static let kinds: [OptimizerOptions] = [
    OptimizerOptions(learningRate: 0.1, weightDecay: 0.3),
    OptimizerOptions(learningRate: 0.1, weightDecay: 0.3, clippingNorm: 0.1),
    OptimizerOptions(learningRate: 0.1, momentum: 0.9, weightDecay: 0.3),
    OptimizerOptions(learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.3),
    OptimizerOptions(learningRate: 0.1, momentum: 0.9, weightDecay: 0.3, clippingNorm: 0.1),
    OptimizerOptions(.adam(), learningRate: 0.1, weightDecay: 0.3),
    OptimizerOptions(.adamW(), learningRate: 0.1, weightDecay: 0.3, clippingNorm: 0.1),
  ]

  @Test("leave running statistics alone: neither decay nor momentum touches them", arguments: kinds)
  func statistics(_ options: OptimizerOptions) throws {
    let reference = try Reference.load()
    let network = try reference.network(labelSmoothing: 0)
    let workspace = Workspace(for: network)
    var state = OptimizerState<Float>(for: network, options: options)
    let start = reference.start(network)
    var parameters = Vector(start.map(Float.init))
    for batch in reference.batches {
      try optimizerStep(
        network: network, parameters: &parameters, state: &state, examples: reference.examples,
        batch: batch, options: options, workspace: workspace)
    }
    let (before, after) = (
      split(start, network), split(parameters.array.map(Double.init), network)
    )
    #expect(after.1 == before.1)
    #expect(zip(after.0, before.0).allSatisfy { $0 != $1 })
  }

  @Test("a step is the gradient, then the update along it", arguments: kinds)
  func updateAlongGradient(_ options: OptimizerOptions) throws {
    let reference = try Reference.load()
    let network = try reference.network(labelSmoothing: 0.1)
    let workspace = Workspace(for: network)
    var whole = reference.start(network)
    var parts = whole
    var wholeState = OptimizerState<Double>(for: network, options: options)
    var partsState = wholeState
    var gradient = [Double](repeating: 0, count: whole.count)
    for batch in reference.batches.prefix(4) {
      let loss = try optimizerStep(
        network: network, parameters: &whole, state: &wholeState, examples: reference.examples,
        batch: batch, options: options, workspace: workspace)
      let same = try network.lossAndGradient(
        parameters: parts, examples: reference.examples, batch: batch, workspace: workspace,
        gradient: &gradient)
      try network.update(&parts, along: gradient, state: &partsState, options: options)
      #expect(isClose(loss, same, tolerance: 1e-13))
    }
    #expect(largestDifference(whole, parts) < 1e-13)
    #expect(largestDifference(wholeState.first, partsState.first) < 1e-13)
    #expect(largestDifference(wholeState.second, partsState.second) < 1e-13)
    #expect(wholeState.steps == 4)
  }

  @Test(
    "training in two parts with the state kept is training at once, bit by bit", arguments: kinds)
  func keepsState(_ options: OptimizerOptions) throws {
    let reference = try Reference.load()
    let network = try reference.network(labelSmoothing: 0)
    let workspace = Workspace(for: network)
    let start = Vector(reference.start(network).map(Float.init))
    var once = start
    var stream = testGenerator()
    let summary = try trainEpochs(
      network: network, parameters: &once, examples: reference.examples, epochs: 2, batchSize: 12,
      options: options, workspace: workspace, generator: &stream)
    #expect(summary.steps == 2)
    var twice = start
    var state = OptimizerState<Float>(for: network, options: options)
    stream = testGenerator()
    for _ in 0..<2 {
      try trainEpochs(
        network: network, parameters: &twice, state: &state, examples: reference.examples,
        epochs: 1, batchSize: 12, options: options, workspace: workspace, generator: &stream)
    }
    #expect(twice == once)
    #expect(state.steps == 2)
    // A used workspace starts the next run from zero all the same.
    var again = start
    stream = testGenerator()
    try trainEpochs(
      network: network, parameters: &again, examples: reference.examples, epochs: 2, batchSize: 12,
      options: options, workspace: workspace, generator: &stream)
    #expect(again == once)
  }

  @Test("a gradient that is no number is not clipped to one")
  func notANumber() throws {
    let network = try Network(input: [2], [.dense(outputs: 2)])
    let options = OptimizerOptions(learningRate: 0.1, clippingNorm: 1)
    var state = OptimizerState<Double>(for: network, options: options)
    var parameters = [Double](repeating: 1, count: network.parameterCount)
    var gradient = parameters
    gradient[0] = .nan
    try network.update(&parameters, along: gradient, state: &state, options: options)
    #expect(parameters.allSatisfy { $0.isNaN })
  }

  @Test(
    "options out of range are refused, each by name",
    arguments: [
      (
        OptimizerOptions(learningRate: -0.1),
        "the learning rate must be a number of at least 0, got -0.1"
      ),
      (
        OptimizerOptions(.adam(), learningRate: .nan),
        "the learning rate must be a number of at least 0, got nan"
      ),
      (
        OptimizerOptions(.adamW(), learningRate: 1, weightDecay: -1),
        "the weight decay must be a number of at least 0, got -1.0"
      ),
      (
        OptimizerOptions(.adam(AdamCoefficients(beta1: 1)), learningRate: 1),
        "beta1 must be at least 0 and below 1, got 1.0"
      ),
      (
        OptimizerOptions(.adamW(AdamCoefficients(beta2: .nan)), learningRate: 1),
        "beta2 must be at least 0 and below 1, got nan"
      ),
      (
        OptimizerOptions(.adam(AdamCoefficients(epsilon: 0)), learningRate: 1),
        "epsilon must be a number greater than 0, got 0.0"
      ),
      (
        OptimizerOptions(learningRate: 1, nesterov: true),
        "the momentum must be greater than 0 with nesterov, got 0.0"
      ),
      (
        OptimizerOptions(.adam(), learningRate: 1, momentum: 0.9),
        "the momentum must be 0 with adam, got 0.9"
      ),
      (
        OptimizerOptions(.adamW(), learningRate: 1, nesterov: true),
        "nesterov must be false with adamw, got true"
      ),
      (
        OptimizerOptions(learningRate: 1, clippingNorm: 0),
        "the clipping norm must be a number greater than 0, got 0.0"
      ),
      (
        OptimizerOptions(learningRate: 1, clippingNorm: .nan),
        "the clipping norm must be a number greater than 0, got nan"
      ),
    ])
  func refuses(_ options: OptimizerOptions, _ message: String) throws {
    let network = try Network(input: [2], [.dense(outputs: 2)])
    var parameters = Vector(zeros: network.parameterCount)
    var state = OptimizerState<Float>(for: network, options: options)
    let error = try #require(throws: LearningError.self) {
      try network.update(&parameters, along: parameters, state: &state, options: options)
    }
    #expect(error.description == "optimizer step: \(message)")
  }

  @Test("state of another optimiser is refused")
  func foreignState() throws {
    let network = try Network(input: [2], [.dense(outputs: 2)])
    var parameters = Vector(zeros: network.parameterCount)
    var state = OptimizerState<Float>(for: network, options: OptimizerOptions(learningRate: 1))
    let error = try #require(throws: LearningError.self) {
      try network.update(
        &parameters, along: parameters, state: &state,
        options: OptimizerOptions(.adam(), learningRate: 1))
    }
    #expect(error.description == "optimizer step: got 0 values of optimizer state, expected 12")
  }
}
