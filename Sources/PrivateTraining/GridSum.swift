internal import CKernels
internal import NoiseSamplers
internal import Tensors

/// A sum of vectors as integers that count steps of a grid: exact, whatever the order of its terms.
final class GridSum {
  /// Number of coordinates.
  let count: Int
  /// The grid's step.
  let step: Double
  private let steps: UnsafeMutableBufferPointer<Int64>

  init(count: Int, step: Double) {
    self.count = count
    self.step = step
    steps = .allocate(capacity: count)
    steps.initialize(repeating: 0)
  }

  deinit { steps.deallocate() }

  /// Back to zero.
  func clear() { steps.update(repeating: 0) }

  /// Adds `values`, each times `scale` and rounded to the grid. `values` is finite, and no longer
  /// than 2^10 after scaling.
  func add(_ values: Vector, scale: Double) {
    values.withUnsafeBufferPointer {
      private_accumulate($0.baseAddress, steps.baseAddress, count, scale / step)
    }
  }

  /// Adds noise of the grid's own kind.
  func add(_ noise: GridGaussian, using reader: inout RandomReader) throws(NoiseError) {
    try noise.addNoise(to: steps, using: &reader)
  }

  /// The sum times `scale`.
  func write(to out: inout Vector, scale: Double) {
    out.withUnsafeMutableBufferPointer {
      private_release(steps.baseAddress, $0.baseAddress, count, scale * step)
    }
  }

  /// A copy of the integers.
  var snapshot: [Int64] { Array(steps) }

  /// Overwrites the integers.
  func restore(_ values: [Int64]) { _ = steps.update(fromContentsOf: values) }
}
