internal import CKernels
public import Learning
public import Tensors

/// The scalar types that an attack can run in: `Float` for work, `Double` for checks.
///
/// Only these two conform. Each requirement is one call over whole arrays, so nothing generic is
/// called in a loop.
public protocol AttackPrecision: BinaryFloatingPoint, Sendable where Flat.Element == Self {
  /// The type in which the training core takes flat vectors of it.
  associatedtype Flat: FlatValues
  /// What shares a batch out among threads; `Never` where nothing does.
  associatedtype Shared

  /// Shares of a batch of `rows` examples, whose results do not depend on the number of workers; nil
  /// for batches too small to be cut.
  static func shared(_ network: Network, rows: Int, workers: Int) -> Shared?
  /// `dL/dw` at a batch, shared out; the mean loss.
  static func differentiate(
    _ shared: Shared, _ parameters: Flat, _ batch: Batch<Self>, _ mode: PassMode,
    _ gradient: inout Flat
  ) throws(LearningError) -> Double
  /// Second-order products along `v` at the batch of the last shared `differentiate`.
  static func products(
    _ shared: Shared, _ direction: Flat, _ parameters: Flat,
    _ products: inout LossProducts<Self>
  ) throws(LearningError)
  /// `dL/dw` at a batch; the mean loss.
  static func differentiate(
    _ network: Network, _ parameters: Flat, _ batch: Batch<Self>, _ mode: PassMode,
    _ workspace: Workspace, _ gradient: inout Flat
  ) throws(LearningError) -> Double
  /// Second-order products along `v` at the batch of the last `differentiate`.
  static func products(
    _ network: Network, _ direction: Flat, _ parameters: Flat, _ workspace: Workspace,
    _ products: inout LossProducts<Self>,
    pull: ((Int, UnsafePointer<Self>, UnsafeMutablePointer<Self>) -> Void)?
  ) throws(LearningError)
  /// `dL/dx` at a batch; the mean loss.
  static func inputGradient(
    _ network: Network, _ parameters: Flat, _ batch: Batch<Self>, _ mode: PassMode,
    _ workspace: Workspace, _ inputs: inout [Self]
  ) throws(LearningError) -> Double
  /// Trains and keeps the trajectory.
  static func train(
    _ unrolling: Unrolling<Self>, from start: Flat, on batches: [Batch<Self>]
  ) throws(LearningError) -> Flat
  /// Gradients through the trajectory.
  static func pullBack(
    _ unrolling: Unrolling<Self>, _ lambda: Flat
  ) throws(LearningError) -> Unrolling<Self>.Gradients

  /// `g g` and `g t`.
  static func dots(
    _ g: UnsafePointer<Self>, _ t: UnsafePointer<Self>, count: Int
  ) -> (gg: Double, gt: Double)
  /// `out = a x + b y`.
  static func combine(
    _ a: Double, _ x: UnsafePointer<Self>, _ b: Double, _ y: UnsafePointer<Self>,
    into out: UnsafeMutablePointer<Self>, count: Int)
  /// `out = scale (g - t)`; the sum of the squared differences.
  static func difference(
    _ g: UnsafePointer<Self>, _ t: UnsafePointer<Self>, scale: Double,
    into out: UnsafeMutablePointer<Self>, count: Int
  ) -> Double
  /// `out = scale sign(g - t)`, added if asked; the sum of the absolute differences.
  static func sign(
    _ g: UnsafePointer<Self>, _ t: UnsafePointer<Self>, scale: Double, adding: Bool,
    into out: UnsafeMutablePointer<Self>, count: Int
  ) -> Double
  /// One Adam step.
  static func adam(
    _ x: UnsafeMutablePointer<Self>, _ gradient: UnsafePointer<Self>,
    _ m: UnsafeMutablePointer<Self>, _ v: UnsafeMutablePointer<Self>, count: Int, rate: Double,
    beta1: Double, beta2: Double, c1: Double, c2: Double, epsilon: Double)
  /// `x = sign(x)`.
  static func signs(_ x: UnsafeMutablePointer<Self>, count: Int)
  /// `x` cut back to magnitudes of at most `bound`; a NaN stays.
  static func clamp(_ x: UnsafeMutablePointer<Self>, bound: Double, count: Int)
  /// Weighted sums of neighbours' absolute differences, their gradient added.
  static func variation(
    _ x: UnsafePointer<Self>, _ gradient: UnsafeMutablePointer<Self>, planes: Int, height: Int,
    width: Int, across: Double, down: Double
  ) -> Double
}

/// A flat vector that an attack can read and write in place.
public protocol FlatValues: Sendable {
  /// What it holds.
  associatedtype Element
  /// `count` zeros.
  init(zeros count: Int)
  /// Its length.
  var count: Int { get }
  /// Calls `body` with the values.
  func read<Result>(_ body: (UnsafeBufferPointer<Element>) -> Result) -> Result
  /// Calls `body` with the values, which it may change.
  mutating func write<Result>(_ body: (UnsafeMutableBufferPointer<Element>) -> Result) -> Result
}

extension FlatValues where Element: BinaryFloatingPoint {
  /// Values of double precision, rounded.
  init(_ values: [Double]) {
    self.init(zeros: values.count)
    write { target in for index in values.indices { target[index] = Element(values[index]) } }
  }
}

extension Vector: FlatValues {
  /// Calls `body` with the values.
  public func read<Result>(_ body: (UnsafeBufferPointer<Float>) -> Result) -> Result {
    withUnsafeBufferPointer(body)
  }
  /// Calls `body` with the values, which it may change.
  public mutating func write<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) -> Result
  ) -> Result {
    withUnsafeMutableBufferPointer(body)
  }
}

extension [Double]: FlatValues {
  /// `count` zeros.
  public init(zeros count: Int) { self.init(repeating: 0, count: count) }
  /// Calls `body` with the values.
  public func read<Result>(_ body: (UnsafeBufferPointer<Double>) -> Result) -> Result {
    withUnsafeBufferPointer(body)
  }
  /// Calls `body` with the values, which it may change.
  public mutating func write<Result>(
    _ body: (UnsafeMutableBufferPointer<Double>) -> Result
  ) -> Result {
    withUnsafeMutableBufferPointer { body($0) }
  }
}
