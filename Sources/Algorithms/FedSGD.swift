public import Components
public import Federation
internal import Learning
public import Randomness
internal import Tensors

/// One gradient over all of the client's data, or over a few examples drawn anew each round; it sends
/// the step along it.
///
///     Δ_k = -η ∇F_k(w)
///
/// FedAvg with one epoch and one batch: with equal clients and the plain mean it is gradient
/// descent on all data. With `examples` it is distributed SGD, the setting of most papers on
/// Byzantine robustness. `epochs`, `batch-size` and `momentum` of the training options do not apply;
/// `clipping-norm` clips each client's gradient. An optimiser other than `sgd`, and `nesterov`, are
/// refused: their first step is no multiple of the gradient, or another one than η says.
///
/// Source: McMahan et al. 2017, section 2.
public struct FedSGD: LocalTrainer {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The weight clients claim.
    public var weighting = Weighting.samples
    /// The examples that a round's gradient is taken over.
    public var examples = Examples.all
  }

  /// The examples that a round's gradient is taken over.
  public enum Examples: WordOrNumber, ExpressibleByIntegerLiteral {
    /// Every example of the client.
    case all
    /// This many, drawn without replacement; all if the client has fewer.
    case drawn(Int)

    /// `examples: 32` in code.
    public init(integerLiteral value: Int) { self = .drawn(value) }

    /// `all`.
    public static let word = "all"

    /// The value for this number; nil is `all`.
    public init(_ number: Int?) { self = number.map(Self.drawn) ?? .all }

    /// The number, unless it is `all`.
    public var number: Int? {
      if case .drawn(let number) = self { number } else { nil }
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "fedsgd",
    summary: "Clients send one step along the gradient of all their data, or of a few examples.",
    formula: "Δ_k = -η ∇F_k(w)",
    citation: "McMahan et al. 2017, section 2",
    parameters: [
      .init("weighting", "weight a client claims", range: "samples or uniform"),
      .init("examples", "examples a gradient is taken over", range: "1 or more, or 'all'"),
    ])

  /// Weights by number of examples.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// FedSGD with these parameters.
  ///
  /// - Throws: `ParameterError` when no example would be drawn.
  public init(_ parameters: Parameters) throws {
    if case .drawn(let count) = parameters.examples {
      var check = ParameterCheck()
      check("examples", count >= 1, "must be 1 or more, or 'all'", got: count)
      try check.finish()
    }
    self.parameters = parameters
  }

  /// FedSGD over all examples with this weighting.
  public init(weighting: Weighting = .samples) { parameters = Parameters(weighting: weighting) }

  /// FedSGD over a few examples: `FedSGD(examples: 32)`.
  ///
  /// - Throws: `ParameterError` when no example would be drawn.
  public init(weighting: Weighting = .samples, examples: Examples) throws {
    try self.init(Parameters(weighting: weighting, examples: examples))
  }

  /// Refuses optimisers whose first step is not -η times the gradient.
  public func check(_ training: TrainingOptions) throws(ParameterError) {
    var check = ParameterCheck()
    check(
      "optimizer", training.optimizer == .sgd,
      "must be sgd, as fedsgd sends the gradient itself", got: training.optimizer.name)
    check(
      "nesterov", !training.nesterov, "must be false, as fedsgd takes a single step",
      got: training.nesterov)
    try check.finish()
  }

  /// With uniform weighting.
  public var weighsAlike: Bool { parameters.weighting == .uniform }

  /// One pass over the examples.
  public func train(
    _ task: LocalTask, using generator: inout Generator, memory: inout Memory
  ) throws -> Update {
    var local = task.received
    var batch: [Int]?
    let count = task.examples.count
    if case .drawn(let size) = parameters.examples, size < count {
      batch = generator.choice(size, of: count)
    }
    let outcome = try task.singleStep(from: &local, batch: batch, using: &generator)
    return task.update(
      to: local, weight: parameters.weighting.weight(examples: task.examples.count),
      outcome: outcome)
  }
}
