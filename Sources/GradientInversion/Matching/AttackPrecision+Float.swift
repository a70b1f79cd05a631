internal import CKernels
public import Learning
public import Tensors

extension Float: AttackPrecision {
  /// The training core's vector of it.
  public typealias Flat = Vector
  /// Shares of four examples.
  public typealias Shared = SharedDerivatives

  /// Shares of a batch of more than four examples.
  public static func shared(_ network: Network, rows: Int, workers: Int) -> SharedDerivatives? {
    rows > 4 ? SharedDerivatives(of: network, examples: rows, workers: workers) : nil
  }

  /// `dL/dw` at a batch, shared out; the mean loss.
  public static func differentiate(
    _ shared: SharedDerivatives, _ parameters: Vector, _ batch: Batch<Float>, _ mode: PassMode,
    _ gradient: inout Vector
  ) throws(LearningError) -> Double {
    try shared.differentiate(
      parameters: parameters, batch: batch, mode: mode, gradient: &gradient)
  }

  /// Second-order products along `v` at the batch of the last shared `differentiate`.
  public static func products(
    _ shared: SharedDerivatives, _ direction: Vector, _ parameters: Vector,
    _ products: inout LossProducts<Float>
  ) throws(LearningError) {
    try shared.products(along: direction, parameters: parameters, into: &products)
  }

  /// `dL/dw` at a batch; the mean loss.
  public static func differentiate(
    _ network: Network, _ parameters: Vector, _ batch: Batch<Float>, _ mode: PassMode,
    _ workspace: Workspace, _ gradient: inout Vector
  ) throws(LearningError) -> Double {
    try network.differentiate(
      parameters: parameters, batch: batch, mode: mode, workspace: workspace, gradient: &gradient)
  }

  /// Second-order products along `v` at the batch of the last `differentiate`.
  public static func products(
    _ network: Network, _ direction: Vector, _ parameters: Vector, _ workspace: Workspace,
    _ products: inout LossProducts<Float>,
    pull: ((Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void)?
  ) throws(LearningError) {
    try network.products(
      along: direction, parameters: parameters, workspace: workspace, into: &products, pull: pull)
  }

  /// `dL/dx` at a batch; the mean loss.
  public static func inputGradient(
    _ network: Network, _ parameters: Vector, _ batch: Batch<Float>, _ mode: PassMode,
    _ workspace: Workspace, _ inputs: inout [Float]
  ) throws(LearningError) -> Double {
    try network.inputGradient(
      parameters: parameters, batch: batch, mode: mode, workspace: workspace, into: &inputs)
  }

  /// Trains and keeps the trajectory.
  public static func train(
    _ unrolling: Unrolling<Float>, from start: Vector, on batches: [Batch<Float>]
  ) throws(LearningError) -> Vector {
    try unrolling.train(from: start, on: batches)
  }

  /// Gradients through the trajectory.
  public static func pullBack(
    _ unrolling: Unrolling<Float>, _ lambda: Vector
  ) throws(LearningError) -> Unrolling<Float>.Gradients {
    try unrolling.pullBack(lambda)
  }

  /// `g g` and `g t`.
  public static func dots(
    _ g: UnsafePointer<Float>, _ t: UnsafePointer<Float>, count: Int
  ) -> (gg: Double, gt: Double) {
    var sums = (0.0, 0.0)
    withUnsafeMutablePointer(to: &sums) { pointer in
      pointer.withMemoryRebound(to: Double.self, capacity: 2) {
        inversion_dots_f32(g, t, count, $0)
      }
    }
    return sums
  }

  /// `out = a x + b y`.
  public static func combine(
    _ a: Double, _ x: UnsafePointer<Float>, _ b: Double, _ y: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    inversion_combine_f32(a, x, b, y, out, count)
  }

  /// `out = scale (g - t)`; the sum of the squared differences.
  public static func difference(
    _ g: UnsafePointer<Float>, _ t: UnsafePointer<Float>, scale: Double,
    into out: UnsafeMutablePointer<Float>, count: Int
  ) -> Double {
    inversion_difference_f32(g, t, scale, out, count)
  }

  /// `out = scale sign(g - t)`, added if asked; the sum of the absolute differences.
  public static func sign(
    _ g: UnsafePointer<Float>, _ t: UnsafePointer<Float>, scale: Double, adding: Bool,
    into out: UnsafeMutablePointer<Float>, count: Int
  ) -> Double {
    inversion_sign_f32(g, t, scale, adding ? 1 : 0, out, count)
  }

  /// One Adam step.
  public static func adam(
    _ x: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>,
    _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>, count: Int,
    rate: Double, beta1: Double, beta2: Double, c1: Double, c2: Double, epsilon: Double
  ) {
    inversion_adam_f32(x, gradient, m, v, count, rate, beta1, beta2, c1, c2, epsilon)
  }

  /// `x = sign(x)`.
  public static func signs(_ x: UnsafeMutablePointer<Float>, count: Int) {
    inversion_signs_f32(x, count)
  }

  /// `x` cut back to magnitudes of at most `bound`; a NaN stays.
  public static func clamp(_ x: UnsafeMutablePointer<Float>, bound: Double, count: Int) {
    inversion_clamp_f32(x, bound, count)
  }

  /// Weighted sums of neighbours' absolute differences, their gradient added.
  public static func variation(
    _ x: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, planes: Int,
    height: Int, width: Int, across: Double, down: Double
  ) -> Double {
    inversion_variation_f32(x, gradient, planes, height, width, across, down)
  }
}
