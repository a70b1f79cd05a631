public import Components
public import Learning
public import Randomness

/// Position *client update*: what a client does to its update before it sends it (clip, noise,
/// sparsify, quantise, …). Transforms run in the order they are named.
public protocol UpdateTransform: RoundComponent {
  /// Changes the update in place; `memory` belongs to this client.
  func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory) throws

  /// The same for a transform that works layer by layer: what the round calls. `segments` are the
  /// model's tensors.
  func transform(
    _ update: inout Update, segments: [Segment], using generator: inout Generator,
    memory: inout Memory) throws

  /// How an attacker who knows this transform models it; nil when there is none.
  var forwardModel: (any ForwardModel)? { get }
}

extension UpdateTransform {
  /// No model: attacks on it are non-adaptive.
  public var forwardModel: (any ForwardModel)? { nil }

  /// The same whatever the tensors.
  public func transform(
    _ update: inout Update, segments: [Segment], using generator: inout Generator,
    memory: inout Memory
  ) throws {
    try transform(&update, using: &generator, memory: &memory)
  }
}

/// The null transform: the update as it is.
public struct UnchangedUpdate: UpdateTransform {
  /// Name and meaning.
  public static let card = Card(
    name: "unchanged-update", summary: "Clients send their updates as they are.")

  /// No change.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Nothing happens.
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) {}
}
