public import Components
public import Learning
public import Tensors

/// Position *personal model*: the model a client uses itself.
///
/// Called in every round a client takes part in, between broadcast and local training: the client
/// trains from its personal model, and its update is relative to that. Where clients have models of
/// their own, these are what the run is judged by.
public protocol Personalizer: RoundComponent {
  /// The coordinates that never leave a client: the round keeps each client's own values of them,
  /// from its last training, and nobody else ever sees them. By default none.
  ///
  /// - Throws: `FederationError.unsuitableModel` if the model has no such part.
  func keptRanges(of network: Network) throws(FederationError) -> [Range<Int>]

  /// The parameters `client` uses, made of the model it received and what it kept; `memory` belongs
  /// to the client.
  ///
  /// What the client keeps has been put back into `model`. By default nothing else is done.
  func personalize(_ model: Vector, for client: Int, memory: inout Memory) throws -> Vector

  /// Whether clients have models of their own at all.
  var isPersonal: Bool { get }
}

extension Personalizer {
  /// Everything is shared.
  public func keptRanges(of network: Network) throws(FederationError) -> [Range<Int>] { [] }

  /// The model as it is.
  public func personalize(_ model: Vector, for client: Int, memory: inout Memory) throws -> Vector {
    model
  }

  /// Yes.
  public var isPersonal: Bool { true }
}

/// The null personalizer: everybody uses the global model.
public struct GlobalModelOnly: Personalizer {
  /// Name and meaning.
  public static let card = Card(
    name: "global-model", summary: "Every client uses the global model.")

  /// No personal model.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// No.
  public var isPersonal: Bool { false }

  /// The global model.
  public func personalize(_ model: Vector, for client: Int, memory: inout Memory) -> Vector {
    model
  }
}
