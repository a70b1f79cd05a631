public import Components
public import Federation
internal import Learning
public import Randomness
public import Tensors

/// Training targets mixed with the uniform distribution: no model becomes surer than that.
///
///     q = (1 - ε) one-hot(y) + ε / C
///
/// The same as the training option `label-smoothing`, as a defense of its own that a matrix can put
/// beside others; the two do not add up. Smaller differences between losses leak less, but a
/// smoothed model fits each member to one shape of output, which attacks that look at the whole of
/// it can find.
///
/// Example: ε = 0.1 of 10 classes trains towards 0.91 and nine times 0.01.
///
/// Source: Szegedy et al. 2016, *Rethinking the Inception Architecture*, section 7; as a defense in
/// Kaya, Dumitras 2021, *When Does Data Augmentation Help With Membership Inference Attacks?*.
public struct LabelSmoothing: LocalDescent {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share ε of the uniform distribution.
    public var epsilon = 0.1

    /// ε = 0.1.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "label-smoothing",
    summary: "Clients train towards labels mixed with the uniform distribution.",
    formula: "q = (1 - ε) one-hot(y) + ε/C",
    citation: "Szegedy et al. 2016, section 7",
    parameters: [.init("epsilon", "share of the uniform distribution", range: "in [0, 1)")])

  /// ε = 0.1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Smoothing by `parameters.epsilon`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check.belowOne("epsilon", parameters.epsilon)
    try check.finish()
    self.parameters = parameters
  }

  /// Plain steps on smoothed targets.
  public func descend(
    _ task: LocalTask, from parameters: inout Vector, using generator: inout Generator
  ) throws -> DescentOutcome {
    let share = Float(self.parameters.epsilon)
    return try task.descend(from: &parameters, using: &generator) { batch, _ in
      let floor = share / Float(batch.classes)
      return Batch(
        inputs: try batch.inputs(),
        targets: .dense(batch.oneHot.map { (1 - share) * $0 + floor }))
    }
  }
}
