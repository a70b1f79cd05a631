import Foundation
import Learning
import TestSupport
import Testing

/// Activations in single precision, over dense grids, against the formulas in double precision.
@Suite("Activation accuracy")
struct ActivationAccuracyTests {
  /// A function with its first two derivatives in double precision, and the stated bounds on the
  /// errors of all three in units of 2^-24: of the value itself or, if larger, of `floor`; of the
  /// slope and the curvature or, if larger, of 1.
  struct Reference: Sendable, CustomTestStringConvertible {
    let function: ActivationFunction
    let floor: Double
    let bounds: [Double]
    let values: @Sendable (Double) -> [Double]
    var testDescription: String { "\(function)" }
  }

  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  static let references: [Reference] = [
    Reference(function: .relu, floor: 0, bounds: [0, 0, 0]) { x in
      x > 0 ? [x, 1, 0] : [0, 0, 0]
    },
    Reference(function: .leakyReLU(slope: 0.01), floor: 0, bounds: [2, 1, 0]) { x in
      x > 0 ? [x, 1, 0] : [0.01 * x, 0.01, 0]
    },
    Reference(function: .elu(alpha: 0.75), floor: 1, bounds: [2, 2, 2]) { x in
      x > 0 ? [x, 1, 0] : [0.75 * expm1(x), 0.75 * exp(x), 0.75 * exp(x)]
    },
    Reference(function: .sigmoid, floor: 1e-30, bounds: [4, 4, 4]) { x in
      let s = sigmoid(x)
      return [s, s * sigmoid(-x), s * sigmoid(-x) * (sigmoid(-x) - s)]
    },
    Reference(function: .tanh, floor: 1e-30, bounds: [4, 4, 8]) { x in
      let slope = 4 * sigmoid(2 * x) * sigmoid(-2 * x)
      return [Foundation.tanh(x), slope, -2 * Foundation.tanh(x) * slope]
    },
    Reference(function: .softplus(beta: 2), floor: 1e-30, bounds: [4, 4, 4]) { x in
      let s = sigmoid(2 * x)
      return [max(x, 0) + log1p(exp(-2 * abs(x))) / 2, s, 2 * s * sigmoid(-2 * x)]
    },
    Reference(function: .gelu, floor: 1, bounds: [4, 4, 4]) { x in
      let normal = erfc(-x / 2.0.squareRoot()) / 2
      let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      return [x * normal, normal + x * density, (2 - x * x) * density]
    },
    Reference(function: .silu, floor: 1, bounds: [4, 20, 20]) { x in
      let (s, t) = (sigmoid(x), sigmoid(-x))
      return [x * s, s * (1 + x * t), s * t * (2 + x * (t - s))]
    },
  ]

  @Test("value, slope and curvature stay within their bounds on [-40, 40]", arguments: references)
  func grid(_ reference: Reference) throws {
    // 2^14 points, as many again near 0.
    var x: [Float] = []
    for index in -8192..<8192 { x.append(Float(index) * (40.0 / 8192) + 0.001) }
    for index in 0..<16384 {
      let size = Float(pow(2.0, -Double(index) / 1024))
      x.append(index % 2 == 0 ? size : -size)
    }
    let values = try Revealing.values(
      of: [.activation(reference.function)], input: [x.count], at: x)
    let (first, second) = try Revealing.derivatives(of: reference.function, at: x)
    var worst = [0.0, 0, 0]
    for (index, x) in x.enumerated() {
      let expected = reference.values(Double(x))
      for (order, got) in [values[index], first[index], second[index]].enumerated() {
        let unit = max(abs(expected[order]), order == 0 ? reference.floor : 1) * 0x1p-24
        let error = abs(Double(got) - expected[order])
        if error > 0 { worst[order] = max(worst[order], error / unit) }
      }
    }
    for (order, bound) in reference.bounds.enumerated() {
      #expect(worst[order] <= bound, "\(reference.function), derivative \(order): \(worst)")
    }
  }
}
