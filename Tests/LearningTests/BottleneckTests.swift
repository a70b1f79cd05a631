import Foundation
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// Values and bounds of the variational bottleneck; its derivatives are in `DerivativeTests`.
@Suite("Variational bottleneck")
struct BottleneckTests {
  /// A bottleneck alone, 2 values in and out, with 3 features under a squared error.
  let network: Network

  init() throws {
    network = try Network(
      input: [2], [.variationalBottleneck(features: 3, penalty: 0.25)], loss: .meanSquaredError)
  }

  /// Encoder of means `m` and spreads `s` whatever comes in; decoder of the sums of all features and
  /// of the first alone.
  private func parameters(means m: [Double], spreads s: [Double]) -> [Double] {
    [Double](repeating: 0, count: 12) + m + s + [1, 1, 1, 1, 0, 0] + [0, 0]
  }

  private func loss(
    _ parameters: [Double], target: [Double] = [0, 0], mode: PassMode = .evaluation
  ) throws -> (loss: Double, gradient: [Double]) {
    var gradient = [Double](repeating: .nan, count: network.parameterCount)
    let loss = try network.differentiate(
      parameters: parameters, batch: Batch(inputs: [0.5, -2], targets: .dense(target)), mode: mode,
      workspace: Workspace(for: network, batchSize: 1), gradient: &gradient)
    return (loss, gradient)
  }

  @Test("owns an encoder and a decoder, and keeps the width")
  func layout() throws {
    #expect(
      network.layout.segments.map(\.name) == [
        "bottleneck1.encoder.weight", "bottleneck1.encoder.bias", "bottleneck1.decoder.weight",
        "bottleneck1.decoder.bias",
      ])
    #expect(network.layout.segments.map(\.shape) == [[6, 2], [6], [2, 3], [2]])
    #expect(network.classes == 2)
  }

  @Test("in evaluation the means go on, and the penalty is the divergence in bits")
  func evaluation() throws {
    let (m, s) = ([0.5, -1, 2], [0.0, 1, -3])
    var divergence = 0.0
    for (m, s) in zip(m, s) {
      let sigma = log(1 + exp(s))
      divergence -= (1 + 2 * log(sigma) - m * m - sigma * sigma) / 2
    }
    let (loss, _) = try loss(parameters(means: m, spreads: s))
    let error = (1.5 * 1.5 + 0.5 * 0.5) / 2
    #expect(isClose(loss, error + 0.25 * divergence / log(2), tolerance: 1e-14))
  }

  @Test("what an evaluation counts is the loss without the penalty")
  func evaluated() throws {
    let network = try Network(
      input: [2], [.variationalBottleneck(features: 3, penalty: 1000), .dense(outputs: 2)])
    let examples = try LabeledExamples(features: [1, 2], labels: [1], shape: [2], classes: 2)
    let zero = Vector(zeros: network.parameterCount)
    let metrics = try network.evaluate(
      parameters: zero, on: examples, workspace: Workspace(for: network))
    #expect(isClose(metrics.loss, log(2), tolerance: 1e-6))
  }

  // The mean and the mean square of 4,000 normal values lie within 5 standard errors, 1/sqrt(4000) and
  // sqrt(2/4000), of 0 and 1 but for a probability below 6e-7 each.
  @Test("in training the samples are normal around the means, with the stated deviation")
  func samples() throws {
    let parameters = parameters(means: [3, 0, 0], spreads: [0, -40, -40])
    let sigma = log(2.0)
    let noise = testGenerator()
    var sum = 0.0
    var squares = 0.0
    let count = 4000
    for step in 0..<count {
      // The second output is the first feature's sample z; its error against 0 is z^2 / 2, and its
      // gradient by the decoder's bias is z.
      let gradient = try loss(parameters, mode: .training(noise: noise.fork("step", UInt64(step))))
        .gradient
      let standard = (gradient[network.parameterCount - 1] - 3) / sigma
      sum += standard
      squares += standard * standard
    }
    let n = Double(count)
    #expect(abs(sum / n) < 5 / n.squareRoot())
    #expect(abs(squares / n - 1) < 5 * (2 / n).squareRoot())
  }

  @Test("the same stream gives the same noise, in both precisions; two bottlenecks have their own")
  func repeats() throws {
    let parameters = parameters(means: [1, 2, 3], spreads: [1, 0, -1])
    let mode = PassMode.training(noise: testGenerator())
    let first = try loss(parameters, mode: mode).gradient
    #expect(try loss(parameters, mode: mode).gradient == first)
    var single = Vector(zeros: network.parameterCount)
    try network.differentiate(
      parameters: Vector(parameters.map(Float.init)),
      batch: Batch(inputs: [0.5, -2], targets: .dense([0, 0])), mode: mode,
      workspace: Workspace(for: network, batchSize: 1), gradient: &single)
    for (got, want) in zip(single.array, first) {
      #expect(isClose(Double(got), want, tolerance: 1e-5))
    }

    let two = try Network(
      input: [1],
      [
        .variationalBottleneck(features: 1, penalty: 0),
        .variationalBottleneck(features: 1, penalty: 0),
      ], loss: .meanSquaredError)
    // Each passes its one mean, 0, of deviation ln 2, on; the second adds what comes in.
    let values: [Double] = [0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0]
    var gradient = [Double](repeating: 0, count: two.parameterCount)
    try two.differentiate(
      parameters: values, batch: Batch(inputs: [0], targets: .dense([0])), mode: mode,
      workspace: Workspace(for: two, batchSize: 1), gradient: &gradient)
    // The gradients of the decoders' weights are 2 z times the sample z' that each of them saw; one
    // noise for both would make z twice the first's.
    #expect(abs(gradient[10] / gradient[4] - 2) > 1e-6)
  }

  @Test("extreme spreads give finite losses and gradients", arguments: [-800.0, -100, 60, 800])
  func extremes(_ spread: Double) throws {
    let (loss, gradient) = try loss(
      parameters(means: [0, 1, 2], spreads: [spread, spread, spread]),
      mode: .training(noise: testGenerator()))
    #expect(loss.isFinite && gradient.allSatisfy(\.isFinite))
    if spread < 0 {
      // ln σ = s: the slope of -ln σ by s is -1, for each bias of a spread.
      for slope in gradient[15..<18] { #expect(isClose(slope, -0.25 / log(2), tolerance: 1e-9)) }
    }
  }

  @Test("what cannot be is refused by name")
  func refusals() throws {
    func message(_ layer: Layer) -> String {
      do {
        return "\(try Network(input: [2], [layer]).parameterCount) parameters"
      } catch {
        return "\(error)"
      }
    }
    let features = message(.variationalBottleneck(features: 0))
    #expect(features.contains("bottleneck1") && features.contains("must be at least 1"))
    #expect(message(.variationalBottleneck(penalty: -1)).contains("the penalty"))
    #expect(message(.variationalBottleneck(penalty: .nan)).contains("the penalty"))
  }
}
