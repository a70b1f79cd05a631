import CKernels

/// A floating-point type that the training core computes in: `Float` for work, `Double` for checks.
///
/// Internal on purpose: public entry points are concrete, so no generic loop crosses a module. Every
/// requirement is one call into C over a whole batch; matrices are row-major without padding.
protocol Scalar:
  BinaryFloatingPoint, Sendable, ActivationKernels, PoolKernels, NormKernels, ArithmeticKernels,
  LossKernels, ConvolutionKernels, OptimizerKernels
{
  /// `y[r][o] = bias[o] + sum_i x[r][i] weight[o][i]`; without a bias, added to what `y` holds.
  static func denseForward(
    _ x: UnsafePointer<Self>, _ weight: UnsafePointer<Self>, _ bias: UnsafePointer<Self>?,
    into y: UnsafeMutablePointer<Self>, rows: Int, inputs: Int, outputs: Int)
  /// `dx[r][i] = sum_o dy[r][o] weight[o][i]`, added to what `dx` holds if asked.
  static func denseInput(
    _ dy: UnsafePointer<Self>, _ weight: UnsafePointer<Self>, into dx: UnsafeMutablePointer<Self>,
    rows: Int, inputs: Int, outputs: Int, adding: Bool)
  /// `weight = beta weight + alpha dy' x`, `bias = beta bias + alpha column sums of dy`.
  static func denseWeight(
    _ dy: UnsafePointer<Self>, _ x: UnsafePointer<Self>, weight: UnsafeMutablePointer<Self>,
    bias: UnsafeMutablePointer<Self>?, rows: Int, inputs: Int, outputs: Int, alpha: Self,
    beta: Self)
  /// `x = max(x, 0)` in place.
  static func relu(_ x: UnsafeMutablePointer<Self>, count: Int)
  /// `dx = 0` wherever `y` is 0, in place.
  static func reluInput(
    _ y: UnsafePointer<Self>, _ dx: UnsafeMutablePointer<Self>, count: Int)
  /// `gradient = scale (softmax(logits) - onehot(labels))`; `losses`, if given, per row.
  static func softmaxCrossEntropy(
    _ logits: UnsafePointer<Self>, _ labels: UnsafePointer<Int32>,
    gradient: UnsafeMutablePointer<Self>, rows: Int, classes: Int, scale: Self,
    losses: UnsafeMutablePointer<Double>?)
  /// The first class with the largest logit, per row.
  static func topClass(
    _ logits: UnsafePointer<Self>, into top: UnsafeMutablePointer<Int32>, rows: Int, classes: Int)
  /// `velocity += decay parameters`, then `parameters -= rate velocity`.
  static func momentumStep(
    _ parameters: UnsafeMutablePointer<Self>, _ velocity: UnsafeMutablePointer<Self>, count: Int,
    rate: Self, decay: Self)
  /// Whether no value is infinite or NaN.
  static func isFinite(_ x: UnsafePointer<Self>, count: Int) -> Bool
  /// Copies features, which are stored as `Float`.
  static func copy(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Self>, count: Int)
  /// The workspace's scratch memory in this type.
  static func scratch(of workspace: Workspace) -> Scratch<Self>
}
