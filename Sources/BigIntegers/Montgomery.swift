internal import CMontgomery

/// Products and powers modulo an odd number, by OpenSSL's BN library: the one file that calls it.
///
/// On the widths of Paillier OpenSSL's Montgomery product is a quarter faster than one of GMP's
/// building blocks, and its constant-time power faster than GMP's variable-time one. Functions here
/// fail only where memory is short, which leaves nothing to go on with: they stop the process.
package enum Montgomery {
  /// An odd modulus above 1, with what products need; shared freely.
  ///
  /// `@unchecked Sendable`: never changed after its initializer.
  package final class Modulus: @unchecked Sendable {
    /// The number, without words of leading zeros.
    package let number: SecretInteger
    fileprivate let handle: OpaquePointer

    /// How many words residues have.
    package var wordCount: Int { number.wordCount }

    /// - Precondition: `number` is odd, above 1, and its last word is not zero.
    package init(_ number: SecretInteger) {
      precondition(
        number.withWords { $0[0] & 1 == 1 && $0[$0.count - 1] != 0 && ($0.count > 1 || $0[0] > 1) },
        "an odd modulus above 1 without leading zeros")
      self.number = number
      handle = Montgomery.checked(ramp_modulus_new(number.address, number.wordCount))
    }

    /// The modulus of a public number, odd and above 1.
    package convenience init(_ number: BigInteger) {
      self.init(SecretInteger(number, wordCount: number.magnitudeWords.count))
    }

    deinit { ramp_modulus_free(handle) }

    /// The product of residues.
    package func product(_ a: SecretInteger, _ b: SecretInteger) -> SecretInteger {
      residue { ramp_modulus_multiply(handle, a.address, b.address, $0) }
    }

    /// A power of a residue, in a time that depends on widths alone.
    package func power(_ base: SecretInteger, _ exponent: SecretInteger) -> SecretInteger {
      residue {
        ramp_modulus_power(handle, base.address, exponent.address, exponent.wordCount, $0)
      }
    }

    fileprivate func residue(_ body: (UnsafeMutablePointer<UInt64>?) -> Int32) -> SecretInteger {
      SecretInteger(wordCount: wordCount) { Montgomery.check(body($0.baseAddress)) }
    }
  }

  /// What reduces wide public numbers modulo a secret one, scaled by a residue, in constant time.
  package struct Reduction: Sendable {
    private let modulus: Modulus
    private let parts: Int
    private let factors: SecretInteger

    /// Reduces numbers of at most `wordCount` words to their product with `scale`.
    package init(to modulus: Modulus, scale: SecretInteger, wordCount: Int) {
      self.modulus = modulus
      let parts = (wordCount + modulus.wordCount - 1) / modulus.wordCount
      self.parts = parts
      factors = SecretInteger(wordCount: parts * modulus.wordCount) {
        Montgomery.check(
          ramp_modulus_reduction(modulus.handle, scale.address, parts, $0.baseAddress))
      }
    }

    /// The residue of `wide` times the scale.
    package func callAsFunction(_ wide: SecretInteger) -> SecretInteger {
      modulus.residue {
        ramp_modulus_reduce(
          modulus.handle, factors.address, parts, wide.address, wide.wordCount, $0)
      }
    }
  }

  /// Tables of the powers of one base, for powers of one product a digit of the exponent.
  ///
  /// Every entry is read for every digit, so that addresses tell nothing. With digits of 6 bits
  /// there are 64 * bits / 6 residues: 5.6 MB for exponents of 1024 bits modulo a number of 4096.
  /// `@unchecked Sendable`: never changed after its initializer.
  package final class FixedBase: @unchecked Sendable {
    private let modulus: Modulus
    private let handle: OpaquePointer
    /// How many words exponents have.
    package let exponentWordCount: Int

    /// Tables for exponents of at most `bits` bits; a product for every `window` bits of them, from
    /// 1 to 8.
    package init(_ base: SecretInteger, modulo modulus: Modulus, bits: Int, window: Int = 6) {
      precondition((1...8).contains(window) && bits >= 1, "digits of 1 to 8 bits")
      self.modulus = modulus
      exponentWordCount = (bits + 63) / 64
      handle = Montgomery.checked(
        ramp_fixed_base_new(modulus.handle, base.address, bits, UInt32(window)))
    }

    deinit { ramp_fixed_base_free(handle) }

    /// The power, of an exponent of the bits the tables are for.
    package func power(_ exponent: SecretInteger) -> SecretInteger {
      precondition(exponent.wordCount == exponentWordCount, "an exponent of the tables' width")
      return modulus.residue { ramp_fixed_base_power(handle, exponent.address, $0) }
    }
  }

  static func isPrime(_ number: SecretInteger) -> Bool {
    let answer = ramp_is_prime(number.address, number.wordCount)
    precondition(answer >= 0, "OpenSSL has no memory, or no random bytes, for a test of primality")
    return answer == 1
  }

  /// `a` and `b` are as wide as the result.
  static func gcd(_ a: SecretInteger, _ b: SecretInteger, into result: SecretInteger.Words) {
    check(ramp_gcd(a.address, b.address, a.wordCount, result.baseAddress))
  }

  static func clear(_ words: SecretInteger.Words) {
    ramp_clear_words(words.baseAddress, words.count)
  }

  private static func checked(_ handle: OpaquePointer?) -> OpaquePointer {
    guard let handle else { preconditionFailure("no memory for a modulus") }
    return handle
  }

  private static func check(_ result: Int32) {
    precondition(result == 1, "OpenSSL has no memory for a modular product")
  }
}
