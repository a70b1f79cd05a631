/// Where a parameter gradient `g` goes: `target = beta target + alpha g`.
///
/// With `target` a gradient array, `alpha = 1` and `beta` 0 or 1 that is a gradient or a running sum.
/// With `target` the parameters, `alpha = -rate` and `beta = 1 - rate decay` it is the SGD step
/// itself, and no gradient array exists. `beta = 0` never reads the target.
struct GradientSink<S: Scalar> {
  var target: UnsafeMutablePointer<S>
  var alpha: S
  var beta: S

  /// The sink of the layer whose parameters start at `offset`.
  func advanced(by offset: Int) -> GradientSink {
    GradientSink(target: target + offset, alpha: alpha, beta: beta)
  }
}
