/// The rectifier `y = max(x, 0)`, in place; at 0 its derivative is taken as 0, as PyTorch does.
///
/// A NaN passes through, so that a diverged model shows. The output is all the backward pass needs:
/// `dx = dy` where `y > 0`, else 0.
public struct ReLU: Sendable, Hashable {
  /// Features of one example, in and out.
  public let features: Int

  /// A rectifier of `features` values, at least 1.
  public init(features: Int) {
    precondition(features >= 1, "a ReLU layer needs features")
    self.features = features
  }

  func forward<S: Scalar>(_ x: UnsafeMutablePointer<S>, rows: Int) {
    S.relu(x, count: rows * features)
  }

  func backward<S: Scalar>(_ dy: UnsafeMutablePointer<S>, output y: UnsafePointer<S>, rows: Int) {
    S.reluInput(y, dy, count: rows * features)
  }
}
