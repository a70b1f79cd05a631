public import Components
public import Tensors

/// Position *broadcast*: what a client receives of the global model.
public protocol Broadcast: RoundComponent {
  /// The parameters `client` receives in `round`, and their size on the wire in bytes; only those of
  /// `support` are sent, the others are the client's own.
  func send(
    _ model: Vector, support: Update.Support, to client: Int, round: Int, memory: inout Memory
  ) throws -> Broadcasted
}

/// A received model and what sending it cost.
public struct Broadcasted: Sendable {
  /// The parameters as the client has them.
  public var parameters: Vector
  /// Bytes from server to client.
  public var bytes: Int

  /// A received model.
  public init(parameters: Vector, bytes: Int) {
    self.parameters = parameters
    self.bytes = bytes
  }
}

/// The null broadcast: the whole model as 32-bit floats.
public struct FullBroadcast: Broadcast {
  /// Name and meaning.
  public static let card = Card(
    name: "full-broadcast", summary: "Every client receives the whole model, 4 bytes a parameter.")

  /// The whole model.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// The model unchanged.
  public func send(
    _ model: Vector, support: Update.Support, to client: Int, round: Int, memory: inout Memory
  ) -> Broadcasted {
    Broadcasted(parameters: model, bytes: support.bytes(dimension: model.count))
  }
}
