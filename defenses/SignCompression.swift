public import Components
public import Federation
public import Learning
public import Randomness
internal import Tensors

/// Clients send the signs of their updates.
///
///     mean:   (|Δ|_1 / d) sign(Δ_j), tensor by tensor      fixed:   step sign(Δ_j)
///
/// The first keeps each tensor's mean magnitude, so that an average of such updates is of the right
/// size; the second is signSGD, whose step replaces the learning rate. Zeros stay zero: a unit that
/// no example opened shows in either.
///
/// A sign says on which side of zero each value lies, which is d half-spaces for one input: an
/// attacker looks for an input whose gradient agrees with all of them.
///
/// Example: (3, -1) becomes (2, -2), or (0.1, -0.1) with a fixed step of 0.1.
///
/// Sources: Bernstein, Wang, Azizzadenesheli, Anandkumar 2018, *signSGD*, algorithm 1; Karimireddy
/// et al. 2019, *Error Feedback Fixes SignSGD*, for the mean magnitude.
public struct SignCompression: UpdateTransform {
  /// How long what is sent is.
  public enum Scaling: String, Codable, Hashable, Sendable, CaseIterable {
    /// As each tensor's mean magnitude.
    case mean
    /// As the step.
    case fixed
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How long what is sent is.
    public var scaling = Scaling.mean
    /// The magnitude of every value under `fixed`.
    public var step = 0.001
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "sign",
    summary: "Clients send the signs of their updates, times a mean magnitude or a fixed step.",
    formula: "(|Δ|_1/d) sign(Δ), or step sign(Δ)",
    citation: "Bernstein et al. 2018, algorithm 1",
    parameters: [
      .init("scaling", "how long what is sent is", range: "'mean' or 'fixed'"),
      .init("step", "magnitude of every value under 'fixed'", range: "greater than 0"),
    ])

  /// Signs times each tensor's mean magnitude.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A transform with these parameters.
  ///
  /// - Throws: `ParameterError` if the step is not a finite number above 0.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("step", parameters.step)
    try check.finish()
    self.parameters = parameters
  }

  /// Signs times each tensor's mean magnitude.
  public init() { parameters = Parameters() }

  /// Signs times a step.
  public init(step: Double) throws { try self.init(Parameters(scaling: .fixed, step: step)) }

  /// The signs of the update as one tensor. O(d).
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) {
    transform(&update, segments: [], using: &generator, memory: &memory)
  }

  /// The signs; an update that is not finite stays, for the round to judge. O(d).
  public func transform(
    _ update: inout Update, segments: [Segment], using generator: inout Generator,
    memory: inout Memory
  ) {
    guard update.delta.isFinite else { return }
    update.delta = signs(update.delta, segments)
  }

  private func signs(_ delta: Vector, _ segments: [Segment]) -> Vector {
    var values = delta.array
    for range in UpdateParts.tensors(segments, count: values.count) {
      let sum = range.reduce(0.0) { $0 + Double(values[$1].magnitude) }
      let size = parameters.scaling == .fixed ? parameters.step : sum / Double(range.count)
      for index in range where values[index] != 0 {
        values[index] = values[index] > 0 ? Float(size) : -Float(size)
      }
    }
    return Vector(values)
  }

  /// The signs that the message shows.
  public var forwardModel: (any ForwardModel)? { Model(compression: self) }

  private struct Model: ForwardModel {
    let compression: SignCompression

    func forward(_ delta: Vector, segments: [Segment]) -> Vector {
      compression.signs(delta, segments)
    }

    func pieces(observed: Vector, segments: [Segment]) -> [ForwardPiece] { [.sign] }
  }
}
