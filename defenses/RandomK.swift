public import Components
public import Federation
internal import Learning
public import Randomness
internal import Tensors

/// Clients send some coordinates of their updates, drawn at random.
///
///     S uniform among the sets of k = ⌈fraction d⌉ coordinates;  send (d / k) Δ_j for j in S
///
/// The factor d / k makes the mean of the messages the update; without it (`unbiased: false`)
/// messages are short and their variance smaller. Which coordinates were drawn is part of the
/// message. An attacker compares these alone, times the factor; over rounds every coordinate is
/// seen.
///
/// Example: of four coordinates, fraction 0.5 sends two, doubled.
///
/// Source: Stich, Cordonnier, Jaggi 2018, *Sparsified SGD with Memory* (rand_k); Konečný et
/// al. 2016, *Federated Learning: Strategies for Improving Communication Efficiency*
/// (random masks).
public struct RandomK: UpdateTransform {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Share of the coordinates that is sent.
    public var fraction = 0.1
    /// Whether what is sent is scaled up to be right on average.
    public var unbiased = true
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "random-k",
    summary: "Clients send randomly drawn coordinates of their updates, scaled up to be unbiased.",
    formula: "(d/k) Δ_j for j in a random set of k coordinates, else 0",
    citation: "Stich et al. 2018 (rand_k)",
    parameters: [
      .init("fraction", "share of the coordinates that is sent", range: "in (0, 1]"),
      .init("unbiased", "whether what is sent is scaled up", range: "true or false"),
    ])

  /// One coordinate in ten, scaled up.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A transform with these parameters.
  ///
  /// - Throws: `ParameterError` if the fraction is out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "fraction", parameters.fraction > 0 && parameters.fraction <= 1, "must be in (0, 1]",
      got: parameters.fraction)
    try check.finish()
    self.parameters = parameters
  }

  /// A transform that sends this share of the coordinates.
  public init(fraction: Double, unbiased: Bool = true) throws {
    try self.init(Parameters(fraction: fraction, unbiased: unbiased))
  }

  /// Of the coordinates that would be sent, draws some; an update that is not finite stays whole,
  /// for the round to judge. O(d).
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) {
    let candidates = update.support.indices(dimension: update.delta.count)
    guard !candidates.isEmpty, update.delta.isFinite else { return }
    let count = size(candidates.count)
    let kept = generator.choice(count, of: candidates.count).map { candidates[$0] }.sorted()
    let values = update.delta.array
    var sent = [Float](repeating: 0, count: values.count)
    for index in kept { sent[Int(index)] = factor(candidates.count) * values[Int(index)] }
    update.delta = Vector(sent)
    update.support = .coordinates(kept)
  }

  private func size(_ count: Int) -> Int {
    min(count, max(1, Int((parameters.fraction * Double(count)).rounded(.up))))
  }

  private func factor(_ count: Int) -> Float {
    parameters.unbiased ? Float(count) / Float(size(count)) : 1
  }

  /// The mask that the message shows, and the factor.
  public var forwardModel: (any ForwardModel)? { Model(sparsification: self) }

  private struct Model: ForwardModel {
    let sparsification: RandomK

    func forward(_ delta: Vector, segments: [Segment]) -> Vector {
      guard !sparsification.parameters.unbiased, delta.count > 0 else { return delta }
      return Float(sparsification.size(delta.count)) / Float(delta.count) * delta
    }

    func pieces(observed: Vector, segments: [Segment]) -> [ForwardPiece] {
      let factor = sparsification.factor(observed.count)
      return [.scale(observed.map { $0 == 0 ? 0 : factor })]
    }
  }
}
