public import Components
public import Federation
internal import Learning
public import Randomness
internal import Tensors

/// Clients send only the largest coordinates of their updates and keep the rest for later: top-k with
/// error feedback.
///
///     p = Δ_k + e_k;   send the k = ⌈fraction d⌉ largest |p_j|;   e_k ← p - what was sent
///
/// Among equal magnitudes the first coordinates are sent. Which coordinates move is part of the
/// message, and of what it leaks. An update that is not finite is sent whole, for the round to judge.
/// Under a transport that adds masks or noise the message is as long as the model again.
///
/// Sources: Stich, Cordonnier, Jaggi 2018, *Sparsified SGD with Memory*; Aji, Heafield 2017, *Sparse
/// Communication for Distributed Gradient Descent*.
public struct TopK: UpdateTransform {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Share of the coordinates that is sent.
    public var fraction = 0.01
    /// Whether what was not sent is added to the client's next update.
    public var errorFeedback = true
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "top-k",
    summary: "Clients send the largest coordinates of their updates and remember the rest.",
    formula: "p = Δ_k + e_k; send top k of |p|; e_k ← p - sent",
    citation: "Stich et al. 2018, algorithm 1",
    parameters: [
      .init("fraction", "share of the coordinates that is sent", range: "in (0, 1]"),
      .init(
        "error-feedback", "whether the rest is added to the next update", range: "true or false"),
    ])

  /// One coordinate in a hundred, with error feedback.
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
  public init(fraction: Double, errorFeedback: Bool = true) throws {
    try self.init(Parameters(fraction: fraction, errorFeedback: errorFeedback))
  }

  /// The mask that the message shows. Residuals of earlier rounds, which error feedback adds, are
  /// not modelled.
  public var forwardModel: (any ForwardModel)? { Model(fraction: parameters.fraction) }

  private struct Model: ForwardModel {
    let fraction: Double

    func forward(_ delta: Vector, segments: [Segment]) -> Vector {
      let values = delta.array
      let count = max(1, Int((fraction * Double(values.count)).rounded(.up)))
      var sent = [Float](repeating: 0, count: values.count)
      for index in largestMagnitudes(min(count, values.count), of: values) {
        sent[Int(index)] = values[Int(index)]
      }
      return Vector(sent)
    }

    func pieces(observed: Vector, segments: [Segment]) -> [ForwardPiece] {
      [.scale(observed.map { $0 == 0 ? 0 : 1 })]
    }
  }

  /// O(d).
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) {
    var whole = update.delta
    if parameters.errorFeedback, let residual = memory[Residual.self] {
      memory[Residual.self] = nil
      whole.add(residual.value, scale: 1)
    }
    guard whole.isFinite else {
      update.delta = whole
      return
    }
    var rest = whole.array
    let count = max(1, Int((parameters.fraction * Double(rest.count)).rounded(.up)))
    let kept = largestMagnitudes(min(count, rest.count), of: rest)
    var sent = [Float](repeating: 0, count: rest.count)
    for index in kept {
      sent[Int(index)] = rest[Int(index)]
      rest[Int(index)] = 0
    }
    update.delta = Vector(sent)
    update.support = .coordinates(kept)
    if parameters.errorFeedback { memory[Residual.self] = Residual(value: Vector(rest)) }
  }

  /// What a client has not sent yet.
  private struct Residual: Codable { var value: Vector }
}
