public import CryptoCore

/// A number modulo r, the prime order of the groups of BLS12-381 (255 bits): what points are
/// multiplied by.
///
///     let key = try PairingScalar(random: &source)
///     let point = G1Point.generator * key
///
/// Arithmetic and comparison take the same time for all numbers. Nothing shows the number by
/// accident: it is written by ``bytes`` alone. Copies are not zeroed: what stays secret for long is
/// a ``SecretScalar``.
public struct PairingScalar: Sendable {
  let value: ScalarValue

  init(_ value: ScalarValue) { self.value = value }

  /// A small number.
  public init(_ number: UInt64) { value = ScalarKernel.make(number) }

  /// Zero.
  public static let zero = PairingScalar(0)
  /// One.
  public static let one = PairingScalar(1)

  /// The number of 32 bytes, most significant first.
  ///
  /// - Throws: `PairingError.wrongLength`, or `.notCanonical` if the number is r or more.
  public init(bytes: [UInt8]) throws(PairingError) {
    guard bytes.count == 32 else { throw .wrongLength(count: bytes.count, expected: [32]) }
    guard let value = ScalarKernel.read(bytes) else { throw .notCanonical }
    self.value = value
  }

  /// The residue of a number of up to 64 bytes, most significant first.
  ///
  /// Of 48 random bytes or more it is uniform to within 2^-128.
  ///
  /// - Throws: `PairingError.wrongLength` if there are more.
  public init(reducing bytes: [UInt8]) throws(PairingError) {
    guard bytes.count <= 64 else { throw .wrongLength(count: bytes.count, expected: [64]) }
    value = ScalarKernel.reduced([UInt8](repeating: 0, count: 64 - bytes.count) + bytes)
  }

  /// A random number, uniform to within 2^-256.
  ///
  /// - Throws: `PairingError.randomness`.
  public init(random source: inout some SecretSource) throws(PairingError) {
    value = try SecretScalar(random: &source).revealed().value
  }

  /// The number as 32 bytes, most significant first.
  public var bytes: [UInt8] { ScalarKernel.bytes(value) }

  /// The inverse, and zero for zero. A power of r - 2: 380 products.
  public var inverse: PairingScalar { PairingScalar(ScalarKernel.inverse(value)) }

  /// The sum.
  public static func + (a: PairingScalar, b: PairingScalar) -> PairingScalar {
    PairingScalar(ScalarKernel.sum(a.value, b.value))
  }

  /// The difference.
  public static func - (a: PairingScalar, b: PairingScalar) -> PairingScalar {
    PairingScalar(ScalarKernel.difference(a.value, b.value))
  }

  /// The negative.
  public static prefix func - (a: PairingScalar) -> PairingScalar { zero - a }

  /// The product.
  public static func * (a: PairingScalar, b: PairingScalar) -> PairingScalar {
    PairingScalar(ScalarKernel.product(a.value, b.value))
  }
}

extension PairingScalar: Equatable {
  /// Whether both are the same number, in the same time for all.
  public static func == (a: PairingScalar, b: PairingScalar) -> Bool {
    zip(ScalarKernel.words(a.value), ScalarKernel.words(b.value)).reduce(0) { $0 | ($1.0 ^ $1.1) }
      == 0
  }
}

extension PairingScalar: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What it is, not which.
  public var description: String { "a number modulo r" }

  /// What it is, not which.
  public var debugDescription: String { description }

  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
