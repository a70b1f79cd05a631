public import Components
public import Learning
public import Tensors

/// Position *received model*: what a client checks before it trains on what the server sent.
///
/// A client that refuses sends nothing: the round goes on without it. Colluders do not inspect
/// while they attack.
public protocol ModelInspection: RoundComponent {
  /// Why the client will not train on `received`; nil if it will. `examples` are its own.
  func refusal(
    of received: Vector, network: Network, examples: LabeledExamples
  ) throws -> String?
}

/// The null inspection: clients train on whatever they receive.
public struct TrustingClient: ModelInspection {
  /// Name and meaning.
  public static let card = Card(
    name: "trusting-client", summary: "Clients train on whatever model they receive.")

  /// No check.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Never.
  public func refusal(
    of received: Vector, network: Network, examples: LabeledExamples
  ) -> String? { nil }
}
