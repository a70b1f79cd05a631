import Components
import Datasets
import Defenses
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Inspection of received models")
struct WeightInspectionTests {
  private let examples: LabeledExamples
  private let network: Network
  private let honest: Vector

  init() throws {
    var generator = testGenerator(name: "inspection")
    examples = try Digits().load(using: &generator).train.subset(Array(0..<200))
    network = try Network(
      input: [1, 8, 8],
      [
        .flatten, .dense(outputs: 40), .relu, .dense(outputs: 40), .relu, .dense(outputs: 10),
      ])
    honest = network.initialParameters(using: &generator)
  }

  private func refusal(_ weights: Vector, of other: Network? = nil) throws -> String? {
    try WeightInspection().refusal(
      of: weights, network: other ?? network, examples: examples)
  }

  @Test("imprints of all three forms are refused", arguments: Imprint.Form.allCases)
  func imprints(form: Imprint.Form) throws {
    var generator = testGenerator()
    for query in [Imprint.Query.mean, .random, .cosine(vertical: 1, horizontal: 2)] {
      let weights = Imprint.weights(query, shape: [1, 8, 8], using: &generator)
      let rows = (0..<200).map { examples.features(of: $0) }
      let thresholds = try Imprint.quantiles(
        weights, of: rows, bins: form == .oneShot ? 1 : 32, form: form)
      let imprint = try Imprint(form: form, query: weights, thresholds: thresholds)
      #expect(try refusal(imprint.plant(in: honest, of: network)) != nil, "\(query)")
    }
  }

  @Test("trap weights and both ways of fishing are refused, with the reason")
  func others() throws {
    var generator = testGenerator()
    let trap = try TrapWeights(scale: 0.8).plant(in: honest, of: network, using: &generator)
    #expect(try refusal(trap)?.contains("mirrors") == true)
    let byClass = try Fishing.byClass(3, parameters: honest, network: network)
    #expect(try refusal(byClass)?.contains("bias") == true)
    let hidden = try Fishing.byClass(3, parameters: honest, network: network, bias: 20)
    #expect(try refusal(hidden)?.contains("rows repeat") == true)
    let byFeature = try Fishing.byFeature(
      2, threshold: 0.1, target: 3, parameters: honest, network: network)
    #expect(try refusal(byFeature) != nil)
  }

  @Test("units that open for one of the client's own examples are refused whatever their weights")
  func narrow() throws {
    var weights = honest.array
    // Biases that let only the brightest example through.
    let dense = try #require(network.layout.segment(named: "fc1.weight")).range
    let bias = try #require(network.layout.segment(named: "fc1.bias")).range
    for unit in 0..<40 {
      let row = weights[(dense.lowerBound + 64 * unit)..<(dense.lowerBound + 64 * unit + 64)]
      let values = (0..<64).map { example in
        zip(row, examples.features(of: example)).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      }.sorted()
      weights[bias.lowerBound + unit] = -(values[63] + values[62]) / 2
    }
    #expect(try refusal(Vector(weights))?.contains("alone") == true)
  }

  @Test("honest models pass, untrained and trained")
  func honestModels() throws {
    #expect(try refusal(honest) == nil)
    var generator = testGenerator()
    for seed in 0..<20 {
      var draws = testGenerator(UInt64(seed))
      #expect(try refusal(network.initialParameters(using: &draws)) == nil, "\(seed)")
    }
    var trained = honest
    try trainSGD(
      network: network, parameters: &trained, examples: examples, epochs: 20, batchSize: 20,
      options: SGDOptions(learningRate: 0.2), workspace: Workspace(for: network),
      generator: &generator)
    #expect(
      try network.evaluate(
        parameters: trained, on: examples, workspace: Workspace(for: network)
      ).accuracy > 0.9)
    #expect(try refusal(trained) == nil)
    let lenet = try LeNetZhu().network(inputShape: [1, 8, 8], classes: 10)
    #expect(try refusal(lenet.initialParameters(using: &generator), of: lenet) == nil)
    let logistic = try Network(input: [1, 8, 8], [.flatten, .dense(outputs: 10)])
    #expect(try refusal(logistic.initialParameters(using: &generator), of: logistic) == nil)
  }

  @Test("thresholds out of range are refused")
  func ranges() {
    func refuses(_ change: (inout WeightInspection.Parameters) -> Void) {
      var parameters = WeightInspection.defaults
      change(&parameters)
      #expect(throws: ParameterError.self) { try WeightInspection(parameters) }
    }
    for share in [0, 1.1, .nan] { refuses { $0.repeatedShare = share } }
    for bias in [0, -1, .nan] { refuses { $0.largestBias = bias } }
    for ratio in [1, .nan] { refuses { $0.rowRatio = ratio } }
  }
}
