public import Components
public import Federation
public import Learning
public import Randomness
internal import Tensors

/// Clients shorten their updates to a norm before they send them.
///
///     whole:   Δ ← Δ min(1, C / |Δ|)
///     layer:   Δ_l ← Δ_l min(1, (C / √L) / |Δ_l|)   for each of L layers
///
/// Both leave a norm of at most C. On its own it hides nothing but the length: the direction, which
/// the cosine attack matches, stays. An attacker who knows C shortens the candidate's update in the
/// same way; layer by layer the proportions of the layers are lost to an attacker who does not.
///
/// Example: C = 5 turns (6, 8) into (3, 4). With two layers of one value each and C = √2, layer by
/// layer, it becomes (1, 1).
///
/// Source: McMahan, Ramage, Talwar, Zhang 2018, *Learning Differentially Private Recurrent Language
/// Models*, flat and per-layer clipping.
public struct UpdateClipping: UpdateTransform {
  /// What is shortened together.
  public enum Scope: String, Codable, Hashable, Sendable, CaseIterable {
    /// The update.
    case whole
    /// Each layer by itself.
    case layer
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The greatest Euclidean norm of an update.
    public var clippingNorm = 1.0
    /// What is shortened together.
    public var scope = Scope.whole
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "update-clipping",
    summary: "Clients shorten their updates to a norm, as a whole or layer by layer.",
    formula: "Δ min(1, C/|Δ|), or Δ_l min(1, (C/√L)/|Δ_l|)",
    citation: "McMahan et al. 2018",
    parameters: [
      .init("clipping-norm", "greatest Euclidean norm of an update", range: "greater than 0"),
      .init("scope", "what is shortened together", range: "'whole' or 'layer'"),
    ])

  /// A norm of 1 for the whole update.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A transform with these parameters.
  ///
  /// - Throws: `ParameterError` if the norm is not a finite number above 0.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("clipping-norm", parameters.clippingNorm)
    try check.finish()
    self.parameters = parameters
  }

  /// Clipping to a norm.
  public init(clippingNorm: Double, scope: Scope = .whole) throws {
    try self.init(Parameters(clippingNorm: clippingNorm, scope: scope))
  }

  /// Shortens the update as a whole. O(d).
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) {
    transform(&update, segments: [], using: &generator, memory: &memory)
  }

  /// Shortens what is too long; an update that is not finite stays, for the round to judge. O(d).
  public func transform(
    _ update: inout Update, segments: [Segment], using generator: inout Generator,
    memory: inout Memory
  ) {
    guard update.delta.isFinite else { return }
    update.delta = Self.clipped(update.delta, groups(segments, count: update.delta.count))
  }

  private typealias Group = (norm: Double, ranges: [Range<Int>])

  private func groups(_ segments: [Segment], count: Int) -> [Group] {
    switch parameters.scope {
    case .whole: return [(parameters.clippingNorm, UpdateParts.tensors(segments, count: count))]
    case .layer:
      let layers = UpdateParts.layers(segments, count: count)
      return layers.map { (parameters.clippingNorm / Double(layers.count).squareRoot(), $0) }
    }
  }

  private static func clipped(_ delta: Vector, _ groups: [Group]) -> Vector {
    var values = delta.array
    for (bound, ranges) in groups {
      let norm = UpdateParts.norm(values, ranges)
      guard norm > bound else { continue }
      let factor = Float(bound / norm)
      for range in ranges {
        for index in range { values[index] *= factor }
      }
    }
    return Vector(values)
  }

  /// The clipping itself, exactly.
  public var forwardModel: (any ForwardModel)? { Model(clipping: self) }

  private struct Model: ForwardModel {
    let clipping: UpdateClipping

    func forward(_ delta: Vector, segments: [Segment]) -> Vector {
      clipped(delta, clipping.groups(segments, count: delta.count))
    }

    func pieces(observed: Vector, segments: [Segment]) -> [ForwardPiece] {
      clipping.groups(segments, count: observed.count).map {
        .clip(norm: $0.norm, ranges: $0.ranges)
      }
    }
  }
}
