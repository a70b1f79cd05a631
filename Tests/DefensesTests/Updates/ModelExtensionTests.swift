import Algorithms
import Components
import Defenses
import Federation
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Defenses that extend the model")
struct ModelExtensionTests {
  let network: Network

  init() throws {
    network = try Network(
      input: [6], [.dense(outputs: 8), .activation(.tanh), .dense(outputs: 3)], initialBound: 0.25)
  }

  @Test("PRECODE puts its bottleneck before the last layer and changes nothing else")
  func precode() throws {
    let extended = try PRECODE(features: 5, beta: 0.5).network(extending: network)
    #expect(
      extended.layers == [
        .dense(outputs: 8), .activation(.tanh),
        .variationalBottleneck(features: 5, penalty: 0.5), .dense(outputs: 3),
      ])
    #expect(extended.inputShape == [6] && extended.classes == 3)
    // 8 x 10 + 10 of the encoder, 5 x 8 + 8 of the decoder.
    #expect(extended.parameterCount == network.parameterCount + 90 + 48)
    var generator = testGenerator()
    let parameters = extended.initialParameters(using: &generator)
    #expect(parameters.array.allSatisfy { abs($0) <= 0.25 })
    guard case .sampled("bottleneck1") = try PRECODE(features: 5).counter(network: extended) else {
      Issue.record("the attacker reads the draws")
      return
    }
    guard case .nonAdaptiveOnly = try PRECODE().counter(network: network) else {
      Issue.record("without a bottleneck there is nothing to leave out")
      return
    }
  }

  @Test("PRECODE refuses models without layers to protect, and numbers out of range")
  func refusals() throws {
    for layers: [Layer] in [
      [.flatten, .dense(outputs: 3)], [.dense(outputs: 4), .dense(outputs: 3), .activation(.tanh)],
    ] {
      let model = try Network(input: [6], layers)
      #expect(throws: FederationError.self) { try PRECODE().network(extending: model) }
    }
    #expect(throws: ParameterError.self) { try PRECODE(features: 0) }
    for beta in [-1, .nan, .infinity] {
      #expect(throws: ParameterError.self) { try PRECODE(beta: beta) }
    }
  }

  @Test("a pipeline's model is that of all extensions, in the order of naming")
  func pipeline() throws {
    let pipeline = try RoundPipeline(
      algorithm: [FedAvg()], transport: Federation.Plain(), attack: [],
      defense: [PRECODE(features: 2, beta: 0), PRECODE(features: 4, beta: 1), Mean()])
    let layers = try pipeline.network(extending: network).layers
    #expect(layers.count == 5)
    #expect(layers[2] == .variationalBottleneck(features: 2, penalty: 0))
    #expect(layers[3] == .variationalBottleneck(features: 4, penalty: 1))
  }

  @Test("one example's draws are read off its gradient, which the model with them then gives")
  func draws() throws {
    let precode = try PRECODE(features: 8)
    let bench = try InversionBench(under: [precode])
    let sent = try bench.sent([0], [precode])
    let draw = try BottleneckDraw(
      sent.array.map { Double($0) }, parameters: bench.parameters, of: bench.network)
    #expect(draw.rest < 1e-9 && draw.noise.count == 8)
    var layers = bench.network.layers
    layers[layers.count - 2] = .variationalBottleneck(
      features: 8, penalty: 1e-3, evaluationNoise: draw.noise)
    let known = try bench.network.with(layers: layers)
    func distance(_ network: Network) throws -> Double {
      var gradient = Vector(zeros: network.parameterCount)
      try network.differentiate(
        parameters: bench.parameters, batch: bench.examples.batch([0]),
        workspace: Workspace(for: network), gradient: &gradient)
      let pairs = zip(gradient.array, sent.array)
      let error = pairs.reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
      return (error / sent.array.reduce(0.0) { $0 + Double($1 * $1) }).squareRoot()
    }
    #expect(try distance(known) < 1e-4)
    // Under the means it is another gradient altogether.
    #expect(try distance(bench.network) > 0.1)

    // Two examples' gradients are of rank two, which one example does not explain.
    let two = try BottleneckDraw(
      bench.sent([0, 1], [precode]).array.map { Double($0) }, parameters: bench.parameters,
      of: bench.network)
    #expect(two.rest > 1e-3)
  }

  @Test("of a batch, leaving out what the draws disturb sees more than matching all of it")
  func batch() throws {
    let bench = try InversionBench()
    let result = try bench.medians(
      [PRECODE(features: 32)], batches: [[0, 1], [2, 3], [4, 5]],
      settings: InversionBench.settings(steps: 200))
    #expect(result.adaptive > result.plain + 1, "\(result)")
  }
}
