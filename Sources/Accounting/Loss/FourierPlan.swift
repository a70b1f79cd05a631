import CFFTW
import CKernels

/// Memory for a transform.
package final class FourierBuffer {
  package let pointer: UnsafeMutablePointer<Double>
  let count: Int

  package init(count: Int, isZeroed: Bool = true) throws(AccountingError) {
    guard let memory = ramp_fft_allocate(count) else {
      throw .numerical(accountant: "pld", reason: "no memory for \(count) numbers")
    }
    pointer = memory
    self.count = count
    if isZeroed { pointer.initialize(repeating: 0, count: count) }
  }

  deinit { ramp_fft_free(pointer) }
}

/// Real transforms of one length.
package struct FourierPlan {
  package let length: Int
  private let plan: OpaquePointer

  package init(length: Int) throws(AccountingError) {
    guard let plan = ramp_fft_plan(length) else {
      throw .numerical(accountant: "pld", reason: "no memory for transforms of \(length) numbers")
    }
    self.length = length
    self.plan = plan
  }

  /// A bound on the absolute error of each coefficient of a transform of numbers whose magnitudes sum
  /// to 1: each of log2(n) stages rounds its products and sums, 4 half-units each with exact twiddles
  /// and one more for theirs (Higham, Accuracy and Stability of Numerical Algorithms, section 24.1). The
  /// last stage, our own, counts for three: its twiddles are products.
  package var noise: Double {
    var stages = 0
    while 1 << stages < length { stages += 1 }
    return 5 * Double(stages + 2) * unitRoundoff
  }

  package func forward(_ input: FourierBuffer, _ output: FourierBuffer) {
    ramp_fft_forward(plan, input.pointer, output.pointer)
  }

  package func inverse(_ input: FourierBuffer, _ output: FourierBuffer) {
    ramp_fft_inverse(plan, input.pointer, output.pointer)
  }

  /// The least of the lengths used, 2^a and 3 * 2^a, that is at least `count`.
  static func length(holding count: Int) -> Int {
    var length = 256
    while length < count {
      if length / 2 * 3 >= count { return length / 2 * 3 }
      length *= 2
    }
    return length
  }
}
