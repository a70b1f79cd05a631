public import Components
public import Federation
public import GradientInversion
public import Learning
public import Randomness

/// Clients train on mixtures of their batch's examples.
///
///     x̃_i = λ x_i + (1 - λ) x_π(i),   q̃_i = λ q_i + (1 - λ) q_π(i);   λ from Beta(α, α), λ ≥ 1/2
///
/// One λ and one permutation π for each step. The gradient is then that of mixtures, and an attack
/// on the labels the client has finds no example. Soft labels give the weights away: an attacker
/// who knows of the mixing seeks weights, examples and mixtures together. A batch of one stays as
/// it is.
///
/// Example: λ = 0.75 of a batch (x_1, x_2) that π swaps trains on (0.75 x_1 + 0.25 x_2, 0.25 x_1 +
/// 0.75 x_2).
///
/// Sources: Zhang, Cissé, Dauphin, Lopez-Paz 2018, *mixup*, equation 1; Huang, Gupta, Song, Li,
/// Arora 2021, *Evaluating Gradient Inversion Attacks and Defenses in Federated Learning*,
/// as a defense. The joint search is ours.
public struct MixUp: StepView, CounteredDefense {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Both parameters of the Beta distribution of λ.
    public var alpha = 1.0
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "mixup",
    summary: "Clients train on convex mixtures of two examples of a batch and of their labels.",
    formula: "x̃_i = λ x_i + (1-λ) x_π(i), labels alike; λ ~ Beta(α, α)",
    citation: "Zhang et al. 2018, equation 1; Huang et al. 2021",
    parameters: [.init("alpha", "both parameters of the law of λ", range: "greater than 0")])

  /// λ uniform.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  ///
  /// - Throws: `ParameterError` if alpha is not a finite number above 0.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("alpha", parameters.alpha)
    try check.finish()
    self.parameters = parameters
  }

  /// Mixing with λ from Beta(α, α).
  public init(alpha: Double) throws { try self.init(Parameters(alpha: alpha)) }

  /// - Throws: `FederationError.unsuitableModel` unless the loss takes mixed labels.
  public func check(_ network: Network) throws {
    try BatchMixing.check(network, component: Self.card.name)
  }

  /// The batch mixed with itself in another order. O(B n).
  public func view(
    _ batch: Batch<Float>, of network: Network, using generator: inout Generator
  ) throws -> Batch<Float> {
    let rows = batch.inputs.count / network.inputs
    guard rows > 1 else { return batch }
    let first = generator.gamma(shape: parameters.alpha)
    let second = generator.gamma(shape: parameters.alpha)
    let share = first + second > 0 ? first / (first + second) : 1
    let own = Float(max(share, 1 - share))
    let order = generator.permutation(rows)
    return BatchMixing.mixed(
      batch, weights: (0..<rows).map { [($0, own), (order[$0], 1 - own)] }, network: network)
  }

  /// Seeks the weights of the mixtures with the examples.
  public func counter(network: Network) -> InversionCounter { .mixed }
}
