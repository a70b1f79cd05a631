public import Components
public import Federation
internal import Learning
public import Randomness
internal import Tensors

/// Several epochs of mini-batch SGD at the client; it sends how far it got.
///
///     w_k ← w;  w_k ← SGD(w_k; E epochs, batch B, η);  Δ_k = w_k - w
///
/// With `dp-sgd` in the training options every step is differentially private for the client's
/// records, over Poisson or shuffled batches, and the training loss is not told. The training
/// options may name another optimiser in SGD's place. Its state, momentum included, starts from
/// zero every round. The weight that goes along is the client's claim.
///
/// Source: McMahan et al. 2017, *Communication-Efficient Learning of Deep Networks from
/// Decentralized Data*, algorithm 1.
public struct FedAvg: LocalTrainer {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The weight clients claim.
    public var weighting = Weighting.samples
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "fedavg",
    summary: "Clients train for some epochs and send the change of their model.",
    formula: "Δ_k = SGD(w; E, B, η) - w",
    citation: "McMahan et al. 2017, algorithm 1",
    parameters: [.init("weighting", "weight a client claims", range: "samples or uniform")])

  /// Weights by number of examples.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// FedAvg with these parameters.
  public init(_ parameters: Parameters) { self.parameters = parameters }

  /// FedAvg with this weighting.
  public init(weighting: Weighting = .samples) { self.init(Parameters(weighting: weighting)) }

  /// Yes.
  public var followsDescent: Bool { true }

  /// Yes.
  public var trainsPrivately: Bool { true }

  /// With uniform weighting.
  public var weighsAlike: Bool { parameters.weighting == .uniform }

  /// E passes over the client's examples.
  public func train(
    _ task: LocalTask, using generator: inout Generator, memory: inout Memory
  ) throws -> Update {
    var local = task.received
    let outcome = try task.descend(from: &local, using: &generator)
    return task.update(
      to: local, weight: parameters.weighting.weight(examples: task.examples.count),
      outcome: outcome)
  }
}
