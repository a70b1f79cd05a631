public import CryptoCore

/// A secret number modulo r, zeroed when the last reference to it goes.
///
///     let key = try SecretScalar(random: &source)
///     let point = G1Point.generator * key
///     print(key)                                    // a secret number modulo r
///
/// Arithmetic takes the same time for all numbers, and the kernels wipe the digits they cut numbers
/// into. Results of arithmetic are secrets again; ``revealed()`` ends that, on purpose and in
/// sight. A ``PairingScalar`` is for numbers that are published sooner or later.
public final class SecretScalar: Sendable {
  /// Four words, least significant first.
  let memory: SecretBytes

  private init(_ memory: SecretBytes) { self.memory = memory }

  /// A random number, uniform to within 2^-256.
  ///
  /// - Throws: `PairingError.randomness`.
  public convenience init(random source: inout some SecretSource) throws(PairingError) {
    do throws(SystemRandomness.Failure) {
      self.init(ScalarKernel.reduced(try SecretBytes(random: 64, using: &source)))
    } catch {
      throw .randomness(error)
    }
  }

  /// The residue of 64 bytes, most significant first: of random ones it is uniform to within
  /// 2^-256.
  ///
  /// - Throws: `PairingError.wrongLength`.
  public convenience init(reducing bytes: SecretBytes) throws(PairingError) {
    guard bytes.count == 64 else { throw .wrongLength(count: bytes.count, expected: [64]) }
    self.init(ScalarKernel.reduced(bytes))
  }

  /// A number that is elsewhere too; zeroing that copy is the caller's matter.
  public convenience init(copying number: PairingScalar) {
    self.init(ScalarKernel.secret(number.value))
  }

  /// The number, no longer protected: for what is published, such as a response of a proof.
  public func revealed() -> PairingScalar { PairingScalar(ScalarKernel.revealed(memory)) }

  /// The sum.
  public static func + (a: SecretScalar, b: SecretScalar) -> SecretScalar {
    SecretScalar(ScalarKernel.sum(a.memory, b.memory))
  }

  /// The difference.
  public static func - (a: SecretScalar, b: SecretScalar) -> SecretScalar {
    SecretScalar(ScalarKernel.difference(a.memory, b.memory))
  }

  /// The product.
  public static func * (a: SecretScalar, b: SecretScalar) -> SecretScalar {
    SecretScalar(ScalarKernel.product(a.memory, b.memory))
  }
}

extension SecretScalar: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What it is, not which.
  public var description: String { "a secret number modulo r" }

  /// What it is, not which.
  public var debugDescription: String { description }

  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension G1Point {
  /// The product with a secret number.
  public static func * (a: G1Point, k: SecretScalar) -> G1Point {
    G1Point(g1.product(a.value, secret: k.memory))
  }
}

extension G1PointMultiples {
  /// The product with a secret number: every multiple that might be needed is read. 64 sums.
  public static func * (a: G1PointMultiples, k: SecretScalar) -> G1Point {
    G1Point(g1.product(a.comb, secret: k.memory))
  }
}

extension G2Point {
  /// The product with a secret number.
  public static func * (a: G2Point, k: SecretScalar) -> G2Point {
    G2Point(g2.product(a.value, secret: k.memory))
  }
}

extension G2PointMultiples {
  /// The product with a secret number: every multiple that might be needed is read. 64 sums.
  public static func * (a: G2PointMultiples, k: SecretScalar) -> G2Point {
    G2Point(g2.product(a.comb, secret: k.memory))
  }
}
