public import Learning
public import Tensors

/// Position *malicious server*: an observer that changes what clients are sent and watches what
/// comes back. The algorithm's broadcast has gone before.
///
/// Clients train from what they are sent, and their updates are what they changed of it. What the
/// server then makes of the updates is as ever: from its own model, by its rule. Needs
/// `weightModification`, which the threat model grants with `modify-weights` among `server-knows`;
/// whoever replaces the model needs `architectureModification` too. The null component is every
/// observer that is not of this kind.
public protocol ServerTampering: Observer {
  /// The architecture that clients get in place of `network`; by default that.
  func network(replacing network: Network) throws -> Network

  /// What `sending.client` gets in place of `model`; `memory` is the observer's own.
  ///
  /// - Returns: As many parameters.
  func tamper(
    _ model: Vector, for sending: Sending, memory: inout Memory
  ) throws -> Vector
}

extension ServerTampering {
  /// The same architecture.
  public func network(replacing network: Network) throws -> Network { network }
}

/// A model about to be sent to a client, as the server that sends it knows.
public struct Sending: Sendable {
  /// The round, from 0.
  public let round: Int
  /// How many rounds the run has.
  public let rounds: Int
  /// Who gets it.
  public let client: Int
  /// The model's structure, as clients train it.
  public let network: Network
  /// What the observer is asked about.
  public let candidates: [Candidates]
}
