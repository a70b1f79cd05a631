public import Tensors

/// A client's update as a gradient would point, whatever it was sent as.
///
/// Signs and units of updates are a common mistake: a difference of weights points against the
/// gradient, a gradient along it. The type says which it was.
///
///     let direction = UpdateDirection(delta: Vector([-1, 0]))
///     direction.cosine(with: Vector([2, 0]))  // 1
public struct UpdateDirection: Sendable {
  /// The update, in the gradient's direction.
  public let gradient: Vector

  /// From new weights minus old ones.
  public init(delta: Vector) { gradient = -delta }

  /// From a gradient, or old weights minus new ones.
  public init(gradient: Vector) { self.gradient = gradient }

  /// cos(g, U): near 1 if the example's gradient is a part of the update; 0 if either is zero.
  ///
  /// Source: Li et al., ICLR 2023, see ``RoundMeasurements/seriesScores(client:)``.
  ///
  /// - Precondition: Both have one length.
  public func cosine(with example: Vector) -> Double {
    let scale = gradient.norm * example.norm
    return scale > 0 ? gradient.dot(example) / scale : 0
  }

  /// Grad-Diff: ‖U‖² - ‖U - g‖² = 2 <U, g> - ‖g‖², how much of the update the example's gradient
  /// explains. U and g must be in one unit: divide a difference of weights by the learning rate and
  /// the number of steps first.
  ///
  /// Source: as ``cosine(with:)``.
  ///
  /// - Precondition: Both have one length.
  public func difference(with example: Vector) -> Double {
    2 * gradient.dot(example) - example.squaredNorm
  }

  /// Grad-Norm: -‖g‖; examples that were fitted have small gradients. Looks at no update.
  public static func negatedNorm(of example: Vector) -> Double { -example.norm }
}
