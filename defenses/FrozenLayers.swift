public import Components
public import Federation
public import Learning
public import Randomness
internal import Tensors

/// Clients do not send some layers' part of their updates: a frozen head, or a frozen base.
///
///     Δ_j = 0 for every parameter j of the layers
///
/// The global model keeps these layers as they are. With one gradient a round that is the same as
/// training without them; with several local steps the client moves them meanwhile and forgets it.
/// A frozen head takes away what labels are read off; everything else that inputs are sought by
/// stays, and an attacker compares the other layers alone.
///
/// Example: of `fc1` and `fc2`, `layers: 1` sends the part of `fc1`.
///
/// Sources: Sun et al. 2021, *Soteria*, which finds the dense layers
/// to leak most; Zhao, Mopuri, Bilen 2020, *iDLG*, for labels and the head.
public struct FrozenLayers: UpdateTransform {
  /// Which end layers are counted from.
  public enum End: String, Codable, Hashable, Sendable, CaseIterable {
    /// The head and what lies before it.
    case last
    /// The layers next to the input.
    case first
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many layers with parameters are frozen.
    public var layers = 1
    /// Which end they are counted from.
    public var end = End.last
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "frozen-layers",
    summary: "Clients send nothing of the last or the first layers, which stay as they are.",
    formula: "Δ_j = 0 for the parameters of frozen layers",
    citation: "Zhao et al. 2020 (labels and the head)",
    parameters: [
      .init("layers", "layers with parameters that are frozen", range: "at least 1"),
      .init("end", "which end they are counted from", range: "'last' or 'first'"),
    ])

  /// The head.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A transform with these parameters.
  ///
  /// - Throws: `ParameterError` if no layer is frozen.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.oneOrMore("layers", parameters.layers)
    try check.finish()
    self.parameters = parameters
  }

  /// Frozen layers at one end.
  public init(layers: Int = 1, end: End = .last) throws {
    try self.init(Parameters(layers: layers, end: end))
  }

  /// - Throws: `FederationError.unsuitableModel`: layers cannot be told apart without the model's
  ///   tensors.
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) throws {
    try transform(&update, segments: [], using: &generator, memory: &memory)
  }

  /// Leaves the frozen layers out. O(d).
  ///
  /// - Throws: `FederationError.unsuitableModel` if no layer would be left.
  public func transform(
    _ update: inout Update, segments: [Segment], using generator: inout Generator,
    memory: inout Memory
  ) throws {
    let sent = try sent(segments, count: update.delta.count)
    update.delta = Self.masked(update.delta, sent)
    update.support = update.support.restricted(to: sent)
  }

  /// The stretches that are sent, ascending; running statistics are.
  private func sent(
    _ segments: [Segment], count: Int
  ) throws(FederationError) -> [Range<Int>] {
    let layers = UpdateParts.layers(segments, count: count)
    guard parameters.layers < layers.count else {
      throw .unsuitableModel(
        component: Self.card.name,
        problem: "the model has \(layers.count) layers with parameters, so at most "
          + "\(layers.count - 1) can be frozen, got layers: \(parameters.layers)")
    }
    let frozen =
      parameters.end == .last
      ? layers.suffix(parameters.layers) : layers.prefix(parameters.layers)
    let starts = Set(frozen.joined().map(\.lowerBound))
    return segments.map(\.range).filter { !$0.isEmpty && !starts.contains($0.lowerBound) }
  }

  private static func masked(_ delta: Vector, _ sent: [Range<Int>]) -> Vector {
    let values = delta.array
    var masked = [Float](repeating: 0, count: values.count)
    for range in sent { masked.replaceSubrange(range, with: values[range]) }
    return Vector(masked)
  }

  /// The mask.
  public var forwardModel: (any ForwardModel)? { Model(freezing: self) }

  private struct Model: ForwardModel {
    let freezing: FrozenLayers

    func forward(_ delta: Vector, segments: [Segment]) throws -> Vector {
      masked(delta, try freezing.sent(segments, count: delta.count))
    }

    func pieces(observed: Vector, segments: [Segment]) throws -> [ForwardPiece] {
      let ones = Vector(zeros: observed.count).map { _ in 1 }
      return [.scale(try forward(ones, segments: segments))]
    }
  }
}
