internal import CKernels
internal import CryptoCore

/// An element of the field of 2^255 - 19 elements; the one file that calls the kernels.
///
/// The arithmetic takes the same time for all values. Comparison does not hide them: it serves the
/// search for bad shares, which starts only once somebody has been caught lying.
struct FieldElement: Sendable {
  private var value: ramp_field25519

  private init(_ value: ramp_field25519) { self.value = value }

  init(_ number: UInt32) { value = ramp_field25519(limbs: (UInt64(number), 0, 0, 0, 0)) }

  static let zero = FieldElement(0)
  static let one = FieldElement(1)

  /// The number of 32 bytes, least significant first; nil if it is not below the prime.
  init?(_ bytes: SecretBytes) {
    guard let value = Self.read(bytes) else { return nil }
    self.init(value)
  }

  /// Whether 32 bytes are a number below the prime.
  static func isCanonical(_ bytes: SecretBytes) -> Bool { read(bytes) != nil }

  private static func read(_ bytes: SecretBytes) -> ramp_field25519? {
    guard bytes.count == 32 else { return nil }
    return bytes.withUnsafeBytes { bytes -> ramp_field25519? in
      guard let address = bytes.bindMemory(to: UInt8.self).baseAddress else { return nil }
      var value = ramp_field25519()
      return ramp_field25519_read(address, &value) == 1 ? value : nil
    }
  }

  var bytes: SecretBytes {
    SecretBytes(count: 32) {
      ramp_field25519_write(value, $0.bindMemory(to: UInt8.self).baseAddress)
    }
  }

  var isZero: Bool { bytes.isEqual(to: SecretBytes(copying: [UInt8](repeating: 0, count: 32))) }

  var inverse: FieldElement { FieldElement(ramp_field25519_invert(value)) }

  static func + (a: FieldElement, b: FieldElement) -> FieldElement {
    FieldElement(ramp_field25519_add(a.value, b.value))
  }

  static func - (a: FieldElement, b: FieldElement) -> FieldElement {
    FieldElement(ramp_field25519_subtract(a.value, b.value))
  }

  static func * (a: FieldElement, b: FieldElement) -> FieldElement {
    FieldElement(ramp_field25519_multiply(a.value, b.value))
  }

  /// Values at `points` of the polynomial whose coefficients, 32 bytes each, degree 0 first, are
  /// joined in `coefficients`.
  static func values(of coefficients: SecretBytes, at points: [UInt32]) -> SecretBytes {
    SecretBytes(count: 32 * points.count) { values in
      coefficients.withUnsafeBytes { coefficients in
        ramp_sharing_evaluate(
          coefficients.bindMemory(to: UInt8.self).baseAddress, coefficients.count / 32, points,
          points.count, values.bindMemory(to: UInt8.self).baseAddress)
      }
    }
  }

  /// The weights of values at distinct `points`, none of them zero, in the value at zero: 32 bytes
  /// each.
  static func weights(of points: [UInt32]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32 * points.count) { weights, count in
      guard ramp_sharing_weights(points, points.count, weights.baseAddress) == 1 else {
        preconditionFailure("no memory for the weights of \(points.count) points")
      }
      count = 32 * points.count
    }
  }

  /// The sum of the products of weights and values; there are at least as many values, 32 bytes
  /// each.
  static func combination(_ weights: [UInt8], of values: ArraySlice<SecretBytes>) -> SecretBytes {
    let joined = SecretBytes(joining: Array(values))
    return SecretBytes(count: 32) { sum in
      joined.withUnsafeBytes { values in
        ramp_sharing_combine(
          weights, values.bindMemory(to: UInt8.self).baseAddress, weights.count / 32,
          sum.bindMemory(to: UInt8.self).baseAddress)
      }
    }
  }
}
