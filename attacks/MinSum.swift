public import Components
public import Federation
public import Randomness
internal import Tensors

/// The benign mean pushed back until it is as far from all benign updates together as the remotest
/// benign one is.
///
///     m = μ - γp,  γ the largest with  Σ_i ‖m - x_i‖² ≤ max_i Σ_j ‖x_i - x_j‖²
///     p = μ/‖μ‖, sign(μ) or σ: `direction`
///
/// The crafted update's sum of squared distances, which Krum and its kin score by, is that of a
/// benign one. γ is exact: the sum is A + nγ²‖p‖², with A the sum at the mean.
///
/// The variant `min` bounds by the least remote benign update instead, as the authors' notebooks do:
/// stealthier and weaker than the paper's definition.
///
/// Example: on (1), (3) with p = 1: A = 2, the bound is 4, γ = 1, and (1) is sent.
///
/// Source: Shejwalkar, Houmansadr 2021, *Manipulating the Byzantine: Optimizing Model Poisoning
/// Attacks and Defenses for Federated Learning*, section IV.C (Min-Sum).
public struct MinSum: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The direction p of the push.
    public var direction = Perturbation.unit
    /// Which benign update sets the bound.
    public var variant = Variant.max
    /// Whose updates count as benign.
    public var knowledge = ThreatModel.Knowledge.omniscient
  }

  /// Which benign update sets the bound.
  public enum Variant: String, CaseIterable, Codable, Hashable, Sendable {
    /// The remotest: the paper.
    case max
    /// The most central: the authors' notebooks.
    case min
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "min-sum",
    summary: "The benign mean pushed back until its distances add up as a benign update's do.",
    formula: "m = μ - γp, largest γ with Σ_i ‖m - x_i‖² ≤ max_i Σ_j ‖x_i - x_j‖²",
    citation: "Shejwalkar and Houmansadr 2021, section IV.C",
    needs: [.ownUpdates, .honestUpdates],
    control: .accuracyLoss().or(.displacement()),
    parameters: [
      .init("direction", "direction p of the push", range: "unit, sign or std"),
      .init("variant", "benign update that sets the bound", range: "max (the paper) or min"),
      .init("knowledge", "whose updates count as benign", range: "omniscient, partial or own"),
    ])

  /// The paper's bound along the unit vector, omniscient.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) { self.parameters = parameters }

  /// The attack with this direction, bound and knowledge.
  public init(
    direction: Perturbation = .unit, variant: Variant = .max,
    knowledge: ThreatModel.Knowledge = .omniscient
  ) {
    self.init(Parameters(direction: direction, variant: variant, knowledge: knowledge))
  }

  /// The honest updates only when told to use them.
  public var needs: Set<Capability> { parameters.knowledge.needs }

  /// The same vector for every colluder. O(nd) beyond the shared Gram matrix.
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate] {
    let benign = try view.benign(parameters.knowledge)
    var delta = benign.mean()
    let push = parameters.direction.direction(of: benign, mean: delta)
    let length = push.squaredNorm
    if length > 0 {
      let distances = benign.squaredDistances
      let sums = (0..<benign.count).map { i in
        (0..<benign.count).reduce(0) { $0 + distances[i, $1] }
      }
      let bound = (parameters.variant == .max ? sums.max() : sums.min()) ?? 0
      let atMean = benign.squaredDistances(to: delta).reduce(0, +)
      let gamma = (max(0, bound - atMean) / (Double(benign.count) * length)).squareRoot()
      delta.add(push, scale: -Float(gamma))
    }
    return view.colluders.map { _ in CraftedUpdate(delta) }
  }
}
