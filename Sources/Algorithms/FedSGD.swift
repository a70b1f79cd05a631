public import Components
public import Federation
internal import Learning
public import Randomness
internal import Tensors

/// One gradient over all of the client's data; it sends the step along it.
///
///     Δ_k = -η ∇F_k(w)
///
/// FedAvg with one epoch and one batch: with equal clients and the plain mean it is gradient
/// descent on all data. `epochs`, `batch-size` and `momentum` of the training options do not apply;
/// `clipping-norm` clips each client's gradient. An optimiser other than `sgd`, and `nesterov`, are
/// refused: their first step is no multiple of the gradient, or another one than η says.
///
/// Source: McMahan et al. 2017, section 2.
public struct FedSGD: LocalTrainer {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The weight clients claim.
    public var weighting = Weighting.samples
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "fedsgd",
    summary: "Clients send one step along the gradient of all their data.",
    formula: "Δ_k = -η ∇F_k(w)",
    citation: "McMahan et al. 2017, section 2",
    parameters: [.init("weighting", "weight a client claims", range: "samples or uniform")])

  /// Weights by number of examples.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// FedSGD with these parameters.
  public init(_ parameters: Parameters) { self.parameters = parameters }

  /// FedSGD with this weighting.
  public init(weighting: Weighting = .samples) { self.init(Parameters(weighting: weighting)) }

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

  /// One pass over the client's examples.
  public func train(
    _ task: LocalTask, using generator: inout Generator, memory: inout Memory
  ) throws -> Update {
    var local = task.received
    let outcome = try task.fullBatchStep(from: &local, using: &generator)
    return task.update(
      to: local, weight: parameters.weighting.weight(examples: task.examples.count),
      outcome: outcome)
  }
}
