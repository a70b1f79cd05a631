public import Components
public import Federation
public import Randomness
internal import Tensors

/// The benign mean pushed back as far as the benign updates are apart.
///
///     m = μ - γp,  γ the largest with  max_i ‖m - x_i‖ ≤ max_{i,j} ‖x_i - x_j‖
///     p = μ/‖μ‖, sign(μ) or σ: `direction`
///
/// No crafted update is farther from a benign one than two benign ones are from each other, so rules
/// that score by distances cannot tell; needs no knowledge of the rule. All colluders send the same.
///
/// γ is exact: each benign update allows γ up to the positive root of a quadratic, and the least of
/// these roots is the answer. Published code searches it by halving from 10 (5 in another) and
/// cannot get farther than twice that.
///
/// Example: on (1), (3) with p = 1: μ = 2, the bound is 2, γ = 1, and (1) is sent.
///
/// Source: Shejwalkar, Houmansadr 2021, *Manipulating the Byzantine: Optimizing Model Poisoning
/// Attacks and Defenses for Federated Learning*, section IV.C (Min-Max).
public struct MinMax: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The direction p of the push.
    public var direction = Perturbation.unit
    /// Whose updates count as benign.
    public var knowledge = ThreatModel.Knowledge.omniscient
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "min-max",
    summary: "The benign mean pushed back as far as two benign updates are apart.",
    formula: "m = μ - γp, largest γ with max_i ‖m - x_i‖ ≤ max_ij ‖x_i - x_j‖",
    citation: "Shejwalkar and Houmansadr 2021, section IV.C",
    needs: [.ownUpdates, .honestUpdates],
    control: .accuracyLoss().or(.displacement()),
    parameters: [
      .init("direction", "direction p of the push", range: "unit, sign or std"),
      .init("knowledge", "whose updates count as benign", range: "omniscient, partial or own"),
    ])

  /// Along the unit vector, omniscient.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) { self.parameters = parameters }

  /// The attack with this direction and knowledge.
  public init(
    direction: Perturbation = .unit, knowledge: ThreatModel.Knowledge = .omniscient
  ) {
    self.init(Parameters(direction: direction, knowledge: knowledge))
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
    delta.add(push, scale: -Float(Self.reach(of: benign, from: delta, along: push)))
    return view.colluders.map { _ in CraftedUpdate(delta) }
  }

  /// The largest γ for which mean - γ push is no farther from any row than two rows are apart.
  static func reach(of benign: UpdateView, from mean: Vector, along push: Vector) -> Double {
    let length = push.squaredNorm
    guard length > 0 else { return 0 }
    let pairs = benign.squaredDistances
    var bound = 0.0
    for i in 0..<benign.count {
      for j in 0..<i { bound = max(bound, pairs[i, j]) }
    }
    // ‖mean - x - γ push‖² = a - 2γb + γ²‖push‖² with a = ‖mean - x‖², b = ⟨mean - x, push⟩.
    let distances = benign.squaredDistances(to: mean)
    let products = benign.innerProducts(with: push)
    let center = mean.dot(push)
    var reach = Double.infinity
    for (a, product) in zip(distances, products) {
      let b = center - product
      let room = max(0, bound - a)
      // The positive root, in the form that cancels nothing.
      let root = (b * b + length * room).squareRoot()
      reach = min(reach, b >= 0 ? (b + root) / length : room / (root - b))
    }
    return reach.isFinite ? reach : 0
  }
}
