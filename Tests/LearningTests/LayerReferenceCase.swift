import Foundation
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// What PyTorch says about one small network: `learning_layers_pytorch.json`.
struct LayerReferenceCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Parameter: Decodable, Sendable {
    let name: String
    let shape: [Int]
    let values: [Double]
  }

  let name: String
  let rows: Int
  let training: Bool
  let parameters: [Parameter]
  let inputs: [Double]?
  let tokens: [Double]?
  let labels: [Int32]?
  let targets: [Double]?
  let direction: [Double]
  let loss: Double
  let gradient: [Double]
  let parameterProduct: [Double]
  let inputGradient: [Double]?
  let inputProduct: [Double]?
  let targetProduct: [Double]?
  let squaredNorms: [Double]?
  let statistics: [Double]?

  var testDescription: String { name }

  static let all: [LayerReferenceCase] = {
    do {
      return try VectorFile<LayerReferenceCase>(named: "learning_layers_pytorch").cases
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  /// Parameters, inputs, targets and directions are stored in units of 1/32.
  static let unit = 1.0 / 32
  var flatParameters: [Double] { parameters.flatMap(\.values).map { $0 * Self.unit } }
  var flatDirection: [Double] { direction.map { $0 * Self.unit } }
  var flatInputs: [Double] { tokens ?? (inputs ?? []).map { $0 * Self.unit } }

  func batch<Value: BinaryFloatingPoint & Sendable>(_: Value.Type) -> Batch<Value> {
    let values = flatInputs.map { Value($0) }
    if let labels { return Batch(inputs: values, labels: labels) }
    return Batch(
      inputs: values, targets: .dense((targets ?? []).map { Value($0 * Self.unit) }))
  }

  var mode: PassMode { training ? .training(noise: Generator(seed: 1)) : .evaluation }

  func network() throws -> Network {
    let make = try #require(LayerReferenceNetworks.all[name], "no network is called '\(name)'")
    return try make()
  }
}
