import Foundation
import Learning
import Randomness
import TestSupport
import Testing

/// Rectifiers and dropout overwrite what comes in, unless something else still reads it. Networks
/// where something does, against plain formulas.
@Suite("Layers in place")
struct InPlaceTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Layers between two dense ones, or after the inputs, of four values.
    let layers: [Layer]
    let formula: @Sendable (Double) -> Double
  }

  static func relu(_ x: Double) -> Double { max(x, 0) }
  static func leaky(_ x: Double) -> Double { x > 0 ? x : 0.25 * x }
  static let slope = Layer.activation(.leakyReLU(slope: 0.25))
  static let tanhLayer = Layer.activation(.tanh)

  static let samples = [
    Sample(testDescription: "h + relu(h)", layers: [.residual(body: [.relu])]) { $0 + relu($0) },
    Sample(testDescription: "relu(h) + h", layers: [.residual(body: [], shortcut: [.relu])]) {
      relu($0) + $0
    },
    Sample(testDescription: "h + h", layers: [.residual(body: [])]) { 2 * $0 },
    Sample(
      testDescription: "leaky(h) + relu(h)", layers: [.residual(body: [slope], shortcut: [.relu])]
    ) { leaky($0) + relu($0) },
    Sample(
      testDescription: "dropout(relu(h)) + leaky(h)",
      layers: [.residual(body: [.relu, .dropout(0.5)], shortcut: [slope, .dropout(0.5)])]
    ) { relu($0) + leaky($0) },
    Sample(testDescription: "leaky(tanh(h))", layers: [tanhLayer, slope]) { leaky(tanh($0)) },
    Sample(
      testDescription: "leaky(h + leaky(h))", layers: [.residual(body: [slope]), slope]
    ) { leaky($0 + leaky($0)) },
    Sample(
      testDescription: "r + leaky(r), r = leaky(h)", layers: [slope, .residual(body: [slope])]
    ) { leaky($0) + leaky(leaky($0)) },
    Sample(
      testDescription: "h + leaky(h) + tanh(leaky(h) + h)",
      layers: [
        .residual(
          body: [.residual(body: [slope]), tanhLayer], shortcut: [.residual(body: [slope])])
      ]
    ) { $0 + leaky($0) + tanh(leaky($0) + $0) },
    Sample(
      testDescription: "leaky(s) + relu(s), s = tanh(h)",
      layers: [tanhLayer, .residual(body: [slope], shortcut: [.relu])]
    ) { leaky(tanh($0)) + relu(tanh($0)) },
    Sample(
      testDescription: "dropout after dropout",
      layers: [.dropout(0.5), .relu, .dropout(0.25), slope]
    ) { leaky(relu($0)) },
  ]

  @Test(
    "loss, gradients and products are the formula's, behind a dense layer or at the inputs",
    arguments: samples, [true, false])
  func formula(_ sample: Sample, _ isInside: Bool) throws {
    let network = try Network(
      input: [4],
      (isInside ? [.dense(outputs: 4, bias: false)] : []) + sample.layers
        + [.dense(outputs: 1, bias: false)], loss: .meanSquaredError)
    var generator = testGenerator()
    let rows = 3
    let workspace = Workspace(for: network, batchSize: rows)
    let parameters = (0..<network.parameterCount).map { _ in generator.normal() }
    let inputs = (0..<(4 * rows)).map { _ in generator.normal() }
    let batch = Batch(inputs: inputs, targets: .dense([0.5, -1, 2]))

    func plainLoss(_ w: [Double], _ x: [Double]) -> Double {
      var sum = 0.0
      for (row, target) in [0.5, -1, 2].enumerated() {
        let x = Array(x[(4 * row)..<(4 * row + 4)])
        var h = x
        if isInside {
          for i in 0..<4 { h[i] = (0..<4).reduce(0) { $0 + w[4 * i + $1] * x[$1] } }
        }
        let z = (0..<4).reduce(0) { $0 + w[w.count - 4 + $1] * sample.formula(h[$1]) }
        sum += (z - target) * (z - target)
      }
      return sum / Double(rows)
    }
    var gradient = parameters
    let loss = try network.differentiate(
      parameters: parameters, batch: batch, workspace: workspace, gradient: &gradient)
    #expect(isClose(loss, plainLoss(parameters, inputs), tolerance: 1e-13))
    // Along one direction of everything: first and second differences of the plain loss.
    let v = parameters.map { _ in generator.normal() }
    let u = inputs.map { _ in generator.normal() }
    var products = LossProducts<Double>(for: network, rows: rows, parameters: true, inputs: true)
    try network.products(
      along: v, parameters: parameters, inputDirection: u, workspace: workspace, into: &products)
    var inputGradient = inputs
    try network.inputGradient(
      parameters: parameters, batch: batch, workspace: workspace, into: &inputGradient)
    func moved(_ h: Double) -> Double {
      plainLoss(zip(parameters, v).map { $0 + h * $1 }, zip(inputs, u).map { $0 + h * $1 })
    }
    func inner(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let h = 1e-4
    #expect(
      isClose(
        inner(gradient, v) + inner(inputGradient, u), (moved(h) - moved(-h)) / (2 * h),
        tolerance: 1e-6))
    #expect(
      isClose(
        inner(products.parameters, v) + inner(products.inputs, u),
        (moved(h) - 2 * moved(0) + moved(-h)) / (h * h), tolerance: 1e-5))
    #expect(batch.inputs == inputs)
  }
}
