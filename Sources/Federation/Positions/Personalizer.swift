public import Components
public import Tensors

/// Position *personal model*: the model a client uses itself.
///
/// Called in every round a client takes part in, between broadcast and local training: the client
/// trains from its personal model, and its update is relative to that.
public protocol Personalizer: RoundComponent {
  /// The parameters `client` uses, made of the model it received and what it kept; `memory` belongs
  /// to the client.
  func personalize(_ model: Vector, for client: Int, memory: inout Memory) throws -> Vector
}

/// The null personalizer: everybody uses the global model.
public struct GlobalModelOnly: Personalizer {
  /// Name and meaning.
  public static let card = Card(
    name: "global-model", summary: "Every client uses the global model.")

  /// No personal model.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// The global model.
  public func personalize(_ model: Vector, for client: Int, memory: inout Memory) -> Vector {
    model
  }
}
