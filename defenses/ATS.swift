public import Components
public import Federation
public import GradientInversion
public import Learning
public import Randomness

/// Clients transform every example before each step, by policies chosen because transformed images
/// are hard to seek.
///
///     x̃ = (t_m ∘ … ∘ t_1)(x),   t_1 … t_m one of the policies, drawn for each example
///
/// A policy is a list of at most a few changes, written `translate-x 0.2, contrast 1.5`; policies
/// are separated by `+`. The sign of shifts, shears and turns is random. ``PolicySearch`` looks for
/// good policies for a model and data, by the paper's scores; the default is one of ours in the
/// spirit of the paper's.
///
/// The defense is measured by how the whole search fares, and fails where gradients still say
/// much, as in the first rounds. An attacker who knows the policies seeks the example before the
/// change, once for each of them, and keeps what comes nearest. Report it by round.
///
/// Example: `flip 1` trains on mirror images.
///
/// Sources: Gao, Guo, Zhang, Qiu, Wen, Liu 2021, *Privacy-preserving Collaborative Learning with
/// Automatic Transformation Search*; Balunović et al. 2022, *Bayesian Framework for
/// Gradient Leakage*, for the attack on early rounds.
public struct ATS: StepView, CounteredDefense {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The policies as they are written.
    public var policies = "translate-x 0.25, contrast 1.4 + shear-x 0.3, rotate 20"
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "ats",
    summary: "Clients transform each example by a policy that makes images hard to reconstruct.",
    formula: "x̃ = (t_m ∘ … ∘ t_1)(x), a policy drawn for each example and step",
    citation: "Gao et al. 2021",
    parameters: [
      .init(
        "policies", "lists of changes, separated by '+'", range: "name and amount, with commas",
        choices: ImageTransformation.Kind.allCases.map { "\($0.rawValue) <amount>" })
    ])

  /// Two policies of two changes.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The policies, each in the signs it is written with.
  public let policies: [[ImageTransformation]]

  /// The defense with these parameters.
  ///
  /// - Throws: `ParameterError` if a policy cannot be read.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    var policies: [[ImageTransformation]] = []
    do {
      policies = try parameters.policies.split(separator: "+", omittingEmptySubsequences: false)
        .map { policy in
          try policy.split(separator: ",", omittingEmptySubsequences: false)
            .map { try ImageTransformation(String($0)) }
        }
    } catch {
      check("policies", false, "\(error)", got: parameters.policies)
    }
    try check.finish()
    self.parameters = parameters
    self.policies = policies
  }

  /// The defense with these policies, as they are written.
  public init(policies: String) throws { try self.init(Parameters(policies: policies)) }

  /// - Throws: `FederationError.unsuitableModel` unless the model takes images.
  public func check(_ network: Network) throws { _ = try shape(network) }

  private func shape(_ network: Network) throws -> ImageShape {
    do {
      return try ImageShape(network.inputShape)
    } catch {
      throw FederationError.unsuitableModel(
        component: Self.card.name, problem: "it transforms images; \(error)")
    }
  }

  /// Every example by a policy of its own. O(B n).
  public func view(
    _ batch: Batch<Float>, of network: Network, using generator: inout Generator
  ) throws -> Batch<Float> {
    let shape = try shape(network)
    var viewed = batch
    for row in 0..<(batch.inputs.count / network.inputs) {
      let policy = try ImageTransformation.drawingSigns(
        of: policies[generator.uniform(below: policies.count)], using: &generator)
      let places = (row * network.inputs)..<((row + 1) * network.inputs)
      viewed.inputs.replaceSubrange(
        places, with: ImageMap(policy, shape: shape).apply(Array(batch.inputs[places])))
    }
    return viewed
  }

  /// Tries every policy in every combination of signs.
  public func counter(network: Network) throws -> InversionCounter {
    .transformed(
      try policies.flatMap { policy in
        try policy.reduce([[]]) { lists, change in
          try lists.flatMap { list in
            try (change.isSigned ? [change, change.reversed] : [change]).map { list + [$0] }
          }
        }
      })
  }
}
