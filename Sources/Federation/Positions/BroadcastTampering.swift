public import Learning
public import Tensors

/// Position *broadcast*, held by a malicious server: what it makes of the model before clients get
/// it. Where a component stands here, the algorithm's broadcast has gone before.
///
/// The threat model must grant `modify-weights`, and `modify-architecture` to whoever replaces the
/// model. What a server reads off the answers it reads as an ``Observer``.
public protocol BroadcastTampering: RoundComponent {
  /// The architecture that clients get in place of `network`; by default that.
  func network(replacing network: Network) throws -> Network

  /// The parameters that a client receives in place of `model`: a function of its arguments and the
  /// component's parameters, so that the server knows them when the answers come.
  func tamper(
    _ model: Vector, of network: Network, for context: BroadcastContext
  ) throws -> Vector
}

extension BroadcastTampering {
  /// The same architecture.
  public func network(replacing network: Network) throws -> Network { network }
}

/// To whom a model is sent, and when.
public struct BroadcastContext: Sendable, Hashable {
  /// The client, from 0.
  public var client: Int
  /// The round, from 0.
  public var round: Int
  /// How many rounds the run has.
  public var rounds: Int
}
