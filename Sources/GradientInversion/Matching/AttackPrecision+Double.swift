internal import CKernels
public import Learning

extension Double: AttackPrecision {
  /// The training core's vector of it.
  public typealias Flat = [Double]
  /// Checks run on one thread.
  public typealias Shared = Never

  /// Nothing: checks run on one thread.
  public static func shared(_ network: Network, rows: Int, workers: Int) -> Never? { nil }

  /// Never called.
  public static func differentiate(
    _ shared: Never, _ parameters: [Double], _ batch: Batch<Double>, _ mode: PassMode,
    _ gradient: inout [Double]
  ) throws(LearningError) -> Double {}

  /// Never called.
  public static func products(
    _ shared: Never, _ direction: [Double], _ parameters: [Double],
    _ products: inout LossProducts<Double>
  ) throws(LearningError) {}

  /// `dL/dw` at a batch; the mean loss.
  public static func differentiate(
    _ network: Network, _ parameters: [Double], _ batch: Batch<Double>, _ mode: PassMode,
    _ workspace: Workspace, _ gradient: inout [Double]
  ) throws(LearningError) -> Double {
    try network.differentiate(
      parameters: parameters, batch: batch, mode: mode, workspace: workspace, gradient: &gradient)
  }

  /// Second-order products along `v` at the batch of the last `differentiate`.
  public static func products(
    _ network: Network, _ direction: [Double], _ parameters: [Double], _ workspace: Workspace,
    _ products: inout LossProducts<Double>,
    pull: ((Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void)?
  ) throws(LearningError) {
    try network.products(
      along: direction, parameters: parameters, workspace: workspace, into: &products, pull: pull)
  }

  /// `dL/dx` at a batch; the mean loss.
  public static func inputGradient(
    _ network: Network, _ parameters: [Double], _ batch: Batch<Double>, _ mode: PassMode,
    _ workspace: Workspace, _ inputs: inout [Double]
  ) throws(LearningError) -> Double {
    try network.inputGradient(
      parameters: parameters, batch: batch, mode: mode, workspace: workspace, into: &inputs)
  }

  /// Trains and keeps the trajectory.
  public static func train(
    _ unrolling: Unrolling<Double>, from start: [Double], on batches: [Batch<Double>]
  ) throws(LearningError) -> [Double] {
    try unrolling.train(from: start, on: batches)
  }

  /// Gradients through the trajectory.
  public static func pullBack(
    _ unrolling: Unrolling<Double>, _ lambda: [Double]
  ) throws(LearningError) -> Unrolling<Double>.Gradients {
    try unrolling.pullBack(lambda)
  }

  /// `g g` and `g t`.
  public static func dots(
    _ g: UnsafePointer<Double>, _ t: UnsafePointer<Double>, count: Int
  ) -> (gg: Double, gt: Double) {
    var sums = (0.0, 0.0)
    withUnsafeMutablePointer(to: &sums) { pointer in
      pointer.withMemoryRebound(to: Double.self, capacity: 2) {
        inversion_dots_f64(g, t, count, $0)
      }
    }
    return sums
  }

  /// `out = a x + b y`.
  public static func combine(
    _ a: Double, _ x: UnsafePointer<Double>, _ b: Double, _ y: UnsafePointer<Double>,
    into out: UnsafeMutablePointer<Double>, count: Int
  ) {
    inversion_combine_f64(a, x, b, y, out, count)
  }

  /// `out = scale (g - t)`; the sum of the squared differences.
  public static func difference(
    _ g: UnsafePointer<Double>, _ t: UnsafePointer<Double>, scale: Double,
    into out: UnsafeMutablePointer<Double>, count: Int
  ) -> Double {
    inversion_difference_f64(g, t, scale, out, count)
  }

  /// `out = scale sign(g - t)`, added if asked; the sum of the absolute differences.
  public static func sign(
    _ g: UnsafePointer<Double>, _ t: UnsafePointer<Double>, scale: Double, adding: Bool,
    into out: UnsafeMutablePointer<Double>, count: Int
  ) -> Double {
    inversion_sign_f64(g, t, scale, adding ? 1 : 0, out, count)
  }

  /// One Adam step.
  public static func adam(
    _ x: UnsafeMutablePointer<Double>, _ gradient: UnsafePointer<Double>,
    _ m: UnsafeMutablePointer<Double>, _ v: UnsafeMutablePointer<Double>, count: Int,
    rate: Double, beta1: Double, beta2: Double, c1: Double, c2: Double, epsilon: Double
  ) {
    inversion_adam_f64(x, gradient, m, v, count, rate, beta1, beta2, c1, c2, epsilon)
  }

  /// `x = sign(x)`.
  public static func signs(_ x: UnsafeMutablePointer<Double>, count: Int) {
    inversion_signs_f64(x, count)
  }

  /// `x` cut back to magnitudes of at most `bound`; a NaN stays.
  public static func clamp(_ x: UnsafeMutablePointer<Double>, bound: Double, count: Int) {
    inversion_clamp_f64(x, bound, count)
  }

  /// Weighted sums of neighbours' absolute differences, their gradient added.
  public static func variation(
    _ x: UnsafePointer<Double>, _ gradient: UnsafeMutablePointer<Double>, planes: Int,
    height: Int, width: Int, across: Double, down: Double
  ) -> Double {
    inversion_variation_f64(x, gradient, planes, height, width, across, down)
  }
}
