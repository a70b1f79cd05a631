internal import CKernels
internal import NoiseSamplers
internal import Tensors

/// A sum of vectors as integers that count steps of a grid: exact, whatever the order of its terms.
///
/// A sum of one part, which is what a batch of the usual size comes to, is never written down as
/// integers: the part stays where it is until it is released, and then becomes integers, gets its
/// noise and becomes the gradient piece by piece, in the nearest cache.
final class GridSum {
  /// Number of coordinates.
  let count: Int
  /// The grid's step.
  let step: Double
  private var state = State.zero
  /// The integers; made when the second part comes.
  private var steps: UnsafeMutableBufferPointer<Int64>?
  private let piece: UnsafeMutableBufferPointer<Int64>

  private enum State {
    case zero
    /// The only part so far, times this, where its owner keeps it.
    case part(scale: Double)
    case integers
  }

  init(count: Int, step: Double) {
    self.count = count
    self.step = step
    piece = .allocate(capacity: max(1, min(count, 2048)))
    piece.initialize(repeating: 0)
  }

  deinit {
    steps?.deallocate()
    piece.deallocate()
  }

  /// Back to zero.
  func clear() { state = .zero }

  /// Adds `part`, each entry times `scale` and rounded to the grid. `part` is finite, and no longer
  /// than 2^10 after scaling; before it is overwritten it must be settled.
  func add(_ part: Vector, scale: Double) {
    guard case .zero = state else {
      settle(part)
      accumulate(part, scale)
      return
    }
    state = .part(scale: scale)
  }

  /// Makes integers of what was added, `part` if it was one alone.
  func settle(_ part: Vector) {
    guard case .part(let scale) = state else { return }
    integers().update(repeating: 0)
    accumulate(part, scale)
    state = .integers
  }

  /// Writes the sum with noise, times `scale`, to `out`, which is where a part that is alone lies.
  ///
  /// - Parameter noise: Nil for none; then nothing is read.
  func write(
    to out: inout Vector, scale: Double, noise: GridGaussian?, using reader: inout RandomReader
  ) throws(NoiseError) {
    try out.withUnsafeMutableBufferPointer { (values) throws(NoiseError) in
      for start in stride(from: 0, to: count, by: piece.count) {
        let end = min(start + piece.count, count)
        let here = UnsafeMutableBufferPointer(rebasing: values[start..<end])
        let sums = take(start..<end, from: here)
        try noise?.addNoise(to: sums, using: &reader)
        private_release(sums.baseAddress, here.baseAddress, here.count, scale * step)
      }
    }
  }

  /// The integers of a range, those of `part` if it is alone.
  private func take(
    _ range: Range<Int>, from part: UnsafeMutableBufferPointer<Float>
  ) -> UnsafeMutableBufferPointer<Int64> {
    if case .integers = state { return UnsafeMutableBufferPointer(rebasing: integers()[range]) }
    let sums = UnsafeMutableBufferPointer(rebasing: piece[..<range.count])
    sums.update(repeating: 0)
    if case .part(let scale) = state {
      private_accumulate(part.baseAddress, sums.baseAddress, range.count, scale / step)
    }
    return sums
  }

  private func accumulate(_ part: Vector, _ scale: Double) {
    part.withUnsafeBufferPointer {
      private_accumulate($0.baseAddress, integers().baseAddress, count, scale / step)
    }
  }

  private func integers() -> UnsafeMutableBufferPointer<Int64> {
    if let steps { return steps }
    let made = UnsafeMutableBufferPointer<Int64>.allocate(capacity: count)
    made.initialize(repeating: 0)
    steps = made
    return made
  }

  /// A copy of the integers, which from now on there are; `part` as for `settle`.
  func snapshot(_ part: Vector) -> [Int64] {
    if case .zero = state {
      integers().update(repeating: 0)
      state = .integers
    }
    settle(part)
    return Array(integers())
  }
}
