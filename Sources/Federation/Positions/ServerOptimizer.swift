public import Components
public import Tensors

/// Position *server step*: how the aggregate changes the global model.
public protocol ServerOptimizer: RoundComponent {
  /// Moves `model` along `aggregate` (both as long as the model); `memory` is the server's.
  func step(_ model: inout Vector, along aggregate: Vector, memory: inout Memory) throws
}

/// The null server step: add the aggregate.
public struct AddAggregate: ServerOptimizer {
  /// Name and meaning.
  public static let card = Card(
    name: "add-aggregate", summary: "The aggregate is added to the global model as it is.")

  /// Plain addition.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// w <- w + aggregate.
  public func step(_ model: inout Vector, along aggregate: Vector, memory: inout Memory) {
    model.add(aggregate, scale: 1)
  }
}
