public import Learning
public import Tensors

/// What is to be inverted, and with what knowledge.
public struct InversionProblem: Sendable {
  /// The model's structure.
  public let network: Network
  /// The weights that the client started from.
  public let parameters: Vector
  /// What was seen of the client.
  public let observed: ObservedUpdate
  /// What the attacker is told.
  public let knowledge: AttackerKnowledge
  /// Whether the client computed its gradient as in training; dropout noise is never known.
  public let mode: PassMode

  /// A problem.
  ///
  /// - Throws: `InversionError` if weights or update do not fit the model, a weight is not finite,
  ///   or known labels are out of range or not as many as the examples.
  public init(
    network: Network, parameters: Vector, observed: ObservedUpdate, knowledge: AttackerKnowledge,
    mode: PassMode = .evaluation
  ) throws(InversionError) {
    guard parameters.count == network.parameterCount else {
      throw .sizeMismatch(
        what: "weights", got: parameters.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
    guard parameters.isFinite else {
      throw .notFinite(
        what: "the weights", index: parameters.array.firstIndex { !$0.isFinite } ?? 0)
    }
    try observed.check(network)
    if let size = knowledge.batchSize, size < 1 {
      throw .invalid(what: "the batch size", got: "\(size)", requirement: "must be at least 1")
    }
    switch knowledge.labels {
    case .unknown: break
    case .known(let labels):
      _ = try LabelCounts(of: labels, classes: network.classes)
      try Self.check(labels.count, knowledge, "known labels")
    case .counts(let counts):
      guard counts.count == network.classes, counts.allSatisfy({ $0 >= 0 }) else {
        throw .invalid(
          what: "label counts", got: "\(counts)",
          requirement: "must be \(network.classes) numbers of at least 0")
      }
      try Self.check(counts.reduce(0, +), knowledge, "counted labels")
    }
    self.network = network
    self.parameters = parameters
    self.observed = observed
    self.knowledge = knowledge
    self.mode = mode
  }

  private static func check(
    _ count: Int, _ knowledge: AttackerKnowledge, _ what: String
  ) throws(InversionError) {
    guard count >= 1, count == knowledge.batchSize ?? count else {
      throw .sizeMismatch(
        what: what, got: count, expected: "\(knowledge.batchSize ?? 1), the batch size")
    }
  }

  /// The number of examples to look for.
  func examples(for attack: String) throws(InversionError) -> Int {
    if let size = knowledge.batchSize { return size }
    switch knowledge.labels {
    case .known(let labels): return labels.count
    case .counts(let counts): return counts.reduce(0, +)
    case .unknown:
      throw .notKnown(
        attack: attack, missing: "the batch size",
        alternative: "grant it, or try sizes one after another")
    }
  }
}
