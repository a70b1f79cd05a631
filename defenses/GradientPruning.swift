public import Components
public import Federation
public import Learning
public import Randomness
internal import Tensors

/// Clients set the smallest values of their updates to zero.
///
///     tensor:  in each tensor of n values the ⌈(1 - p) n⌉ largest |Δ_j| stay
///     whole:   the same over the whole update
///
/// Where the zeros are is seen, so an attacker compares the other values only: what p leaves is
/// what the search works with. Among equal magnitudes the first stay. Unlike top-k nothing is
/// remembered for later rounds.
///
/// Example: p = 0.5 turns (3, -1, 2, -4) into (3, 0, 0, -4).
///
/// Sources: Zhu, Liu, Han 2019, *Deep Leakage from Gradients*, which finds a share of
/// 0.2 and more to help; Balunović et al. 2022, *Bayesian Framework for Gradient Leakage*,
/// for the attack.
public struct GradientPruning: UpdateTransform {
  /// Where values compete.
  public enum Scope: String, Codable, Hashable, Sendable, CaseIterable {
    /// In each tensor by itself.
    case tensor
    /// In the whole update.
    case whole
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share of values that becomes zero.
    public var ratio = 0.7
    /// Where values compete.
    public var scope = Scope.tensor
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "gradient-pruning",
    summary: "Clients set the smallest values of their updates to zero.",
    formula: "Δ_j stays if |Δ_j| is among the ⌈(1 - p) n⌉ largest of its tensor, else 0",
    citation: "Zhu et al. 2019",
    parameters: [
      .init("ratio", "share of values that becomes zero", range: "in [0, 1)"),
      .init("scope", "where values compete", range: "'tensor' or 'whole'"),
    ])

  /// Seven values of ten, tensor by tensor.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A transform with these parameters.
  ///
  /// - Throws: `ParameterError` if the share is out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.belowOne("ratio", parameters.ratio)
    try check.finish()
    self.parameters = parameters
  }

  /// Pruning of a share of values.
  public init(ratio: Double, scope: Scope = .tensor) throws {
    try self.init(Parameters(ratio: ratio, scope: scope))
  }

  /// Prunes the update as one tensor. O(d).
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) {
    transform(&update, segments: [], using: &generator, memory: &memory)
  }

  /// Prunes; an update that is not finite stays, for the round to judge. O(d).
  public func transform(
    _ update: inout Update, segments: [Segment], using generator: inout Generator,
    memory: inout Memory
  ) {
    guard update.delta.isFinite else { return }
    update.delta = pruned(update.delta, segments)
  }

  private func pruned(_ delta: Vector, _ segments: [Segment]) -> Vector {
    var values = delta.array
    let tensors = UpdateParts.tensors(segments, count: values.count)
    for group in parameters.scope == .tensor ? tensors.map({ [$0] }) : [tensors] {
      let places = group.flatMap { $0.map { $0 } }
      let kept = Int(((1 - parameters.ratio) * Double(places.count)).rounded(.up))
      var stays = [Bool](repeating: false, count: places.count)
      let chosen = largestMagnitudes(min(kept, places.count), of: places.map { values[$0] })
      for index in chosen { stays[Int(index)] = true }
      for (place, stays) in zip(places, stays) where !stays { values[place] = 0 }
    }
    return Vector(values)
  }

  /// The mask that the message shows.
  public var forwardModel: (any ForwardModel)? { Model(pruning: self) }

  private struct Model: ForwardModel {
    let pruning: GradientPruning

    func forward(_ delta: Vector, segments: [Segment]) -> Vector {
      pruning.pruned(delta, segments)
    }

    func pieces(observed: Vector, segments: [Segment]) -> [ForwardPiece] {
      [.scale(observed.map { $0 == 0 ? 0 : 1 })]
    }
  }
}
