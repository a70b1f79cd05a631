internal import CryptoCore
internal import Datasets
package import Learning
internal import Randomness
package import Tensors

/// A small network, digits for each client, and the two models.
package struct InconsistentModels {
  /// 64 pixels, 16 hidden units, 10 digits.
  package let network: Network
  /// What each client was shown; client 0 is the target.
  package let shown: [Vector]
  /// Of each client's examples under the model it was shown.
  package let gradients: [Vector]
  /// The cosine that an honest round gives: all under the target's model.
  let control: Double

  /// The models, and gradients of eight examples a client.
  package init(_ setting: ProtocolAttackSetting) throws {
    var draw = setting.generator("inconsistent models")
    let data = try Digits().load(using: &draw).train
    let network = try Network(input: data.shape, [.dense(outputs: 16), .relu, .dense(outputs: 10)])
    self.network = network
    let model = network.initialParameters(using: &draw)
    var dead = model
    // Inputs are in [0, 1] and weights of the 64 within 1/8: no unit reaches 1000.
    for index in network.layout.segment(named: "fc1.bias")?.range ?? 0..<0 { dead[index] = -1000 }
    shown = (0..<setting.clients).map { $0 == 0 ? model : dead }

    let examples = 8
    let chosen = draw.choice(examples * setting.clients, of: data.count)
    let workspace = Workspace(for: network)
    func gradient(_ client: Int, _ parameters: Vector) throws -> Vector {
      var gradient = Vector(zeros: network.parameterCount)
      _ = try network.lossAndGradient(
        parameters: parameters, examples: data,
        batch: Array(chosen[client * examples..<(client + 1) * examples]), workspace: workspace,
        gradient: &gradient)
      return gradient
    }
    gradients = try shown.enumerated().map { try gradient($0.offset, $0.element) }
    var honest = Vector(zeros: network.parameterCount)
    for client in shown.indices { honest = honest + (try gradient(client, model)) }
    control = Self.cosine(honest, gradients[0], network)
  }

  /// SHA-256 of the parameters.
  package static func digest(of parameters: Vector) -> [UInt8] {
    SHA256.hash(
      parameters.array.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
      }
    ).bytes
  }

  /// Over all parameters but the last layer's biases.
  func cosine(_ a: Vector, _ b: Vector) -> Double { Self.cosine(a, b, network) }

  private static func cosine(_ a: Vector, _ b: Vector, _ network: Network) -> Double {
    let count = network.layout.segments.last?.range.lowerBound ?? a.count
    let (a, b) = (Vector(Array(a.array.prefix(count))), Vector(Array(b.array.prefix(count))))
    return a.dot(b) / (a.norm * b.norm)
  }
}
