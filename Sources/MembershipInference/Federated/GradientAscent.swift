internal import Learning
public import Tensors

/// Moves a model against its examples: who trains on one of them pulls it back.
///
///     w' = w + gamma g / max(1, |g| / bound),   g = gradient of the mean loss over the examples
///
/// A model that was moved up the loss of x and comes back from a client with a small loss on x was
/// trained on x; other examples stay where they were moved to.
///
/// Source: Nasr, Shokri, Houmansadr, "Comprehensive privacy analysis of deep learning" (arXiv
/// 1812.00910), section III.B, the gradient ascent attacker. The paper adds the gradient of each
/// target by itself; here the mean is taken, so that gamma does not depend on how many there are,
/// and its length bounded, so that the model is not destroyed.
public struct GradientAscent: Sendable, Hashable {
  /// The rate gamma.
  public let rate: Double
  /// The greatest length of a step before the rate.
  public let bound: Double

  /// Ascent with a rate; the gradient is shortened to `bound`.
  ///
  /// - Throws: `MembershipError.invalid` unless both are positive.
  public init(rate: Double, bound: Double = 10) throws(MembershipError) {
    for (what, value) in [("the rate", rate), ("the bound", bound)]
    where !(value > 0 && value.isFinite) {
      throw .invalid(
        what: "gradient ascent: \(what)", got: "\(value)", requirement: "must be greater than 0")
    }
    self.rate = rate
    self.bound = bound
  }

  /// The step to add to `parameters`.
  public func step(from parameters: Vector, against probe: ExampleProbe) throws -> Vector {
    var step = try probe.meanGradient(at: parameters)
    let length = step.norm
    step.scale(by: Float(rate / max(1, length / bound)))
    return step
  }
}
