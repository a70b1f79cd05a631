internal import CGMP

/// The library behind the arithmetic: the one file that calls it.
public enum GMP {
  /// Its version, such as "6.2.1".
  public static var version: String { String(cString: ramp_gmp_version()) }

  /// An integer owned by GMP, never changed once it has been handed out; zeroed when released.
  ///
  /// `@unchecked Sendable`: every function here writes only to the integer it has just made.
  final class Integer: @unchecked Sendable {
    private let handle: OpaquePointer

    private init() { handle = ramp_mpz_new() }

    deinit { ramp_mpz_free(handle) }

    /// The integer with this magnitude, least significant word first, and sign.
    init(words: some Collection<UInt64>, isNegative: Bool) {
      handle = ramp_mpz_new()
      let words = Array(words)
      words.withUnsafeBufferPointer {
        ramp_mpz_set_words(handle, $0.baseAddress, $0.count, isNegative ? 1 : 0)
      }
    }

    /// The non-negative integer of these bytes, most significant first.
    init(bytes: [UInt8]) {
      handle = ramp_mpz_new()
      bytes.withUnsafeBufferPointer { ramp_mpz_set_bytes(handle, $0.baseAddress, $0.count) }
    }

    /// The integer of a text that holds digits of `radix` after an optional minus, nothing else.
    init?(digits: String, radix: Int) {
      handle = ramp_mpz_new()
      guard ramp_mpz_set_text(handle, digits, Int32(radix)) == 1 else { return nil }
    }

    var words: [UInt64] {
      let size = ramp_mpz_word_count(handle)
      return [UInt64](unsafeUninitializedCapacity: size) { buffer, count in
        if let address = buffer.baseAddress { ramp_mpz_get_words(handle, address) }
        count = size
      }
    }

    var bytes: [UInt8] {
      let size = ramp_mpz_byte_count(handle)
      return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        if let address = buffer.baseAddress { ramp_mpz_get_bytes(handle, address) }
        count = size
      }
    }

    func text(radix: Int) -> String {
      let size = ramp_mpz_text_size(handle, Int32(radix))
      return String(unsafeUninitializedCapacity: size) { buffer in
        buffer.withMemoryRebound(to: CChar.self) { text in
          guard let address = text.baseAddress else { return 0 }
          ramp_mpz_get_text(handle, address, Int32(radix))
          return text.firstIndex(of: 0) ?? 0
        }
      }
    }

    var sign: Int { Int(ramp_mpz_sign(handle)) }
    var bitCount: Int { ramp_mpz_bit_count(handle) }
    var trailingZeros: Int { ramp_mpz_trailing_zeros(handle) }

    static func compare(_ a: Integer, _ b: Integer) -> Int {
      Int(ramp_mpz_compare(a.handle, b.handle))
    }

    static func negate(_ a: Integer) -> Integer { make { ramp_mpz_negate($0, a.handle) } }

    static func add(_ a: Integer, _ b: Integer) -> Integer {
      make { ramp_mpz_add($0, a.handle, b.handle) }
    }

    static func subtract(_ a: Integer, _ b: Integer) -> Integer {
      make { ramp_mpz_subtract($0, a.handle, b.handle) }
    }

    static func multiply(_ a: Integer, _ b: Integer) -> Integer {
      make { ramp_mpz_multiply($0, a.handle, b.handle) }
    }

    /// `b` is not zero.
    static func divide(
      _ a: Integer, _ b: Integer, euclidean: Bool
    ) -> (quotient: Integer, remainder: Integer) {
      let quotient = Integer()
      let remainder = Integer()
      let divide = euclidean ? ramp_mpz_divide_euclidean : ramp_mpz_divide_truncating
      divide(quotient.handle, remainder.handle, a.handle, b.handle)
      return (quotient, remainder)
    }

    static func shiftLeft(_ a: Integer, _ bits: Int) -> Integer {
      make { ramp_mpz_shift_left($0, a.handle, bits) }
    }

    static func shiftRight(_ a: Integer, _ bits: Int) -> Integer {
      make { ramp_mpz_shift_right($0, a.handle, bits) }
    }

    static func gcd(_ a: Integer, _ b: Integer) -> Integer {
      make { ramp_mpz_gcd($0, a.handle, b.handle) }
    }

    static func power(_ a: Integer, _ exponent: Int) -> Integer {
      make { ramp_mpz_power($0, a.handle, exponent) }
    }

    static func squareRoot(_ a: Integer) -> Integer {
      make { ramp_mpz_square_root($0, a.handle) }
    }

    /// `exponent` is not negative, `modulus` is positive.
    static func power(_ a: Integer, _ exponent: Integer, modulo modulus: Integer) -> Integer {
      make { ramp_mpz_power_modulo($0, a.handle, exponent.handle, modulus.handle) }
    }

    /// Nil if there is none.
    static func invert(_ a: Integer, modulo modulus: Integer) -> Integer? {
      let result = Integer()
      return ramp_mpz_invert(result.handle, a.handle, modulus.handle) == 1 ? result : nil
    }

    private static func make(_ compute: (OpaquePointer) -> Void) -> Integer {
      let result = Integer()
      compute(result.handle)
      return result
    }
  }
  // Secret numbers: words whose values decide neither time nor addresses. Every buffer has words.

  /// `result` has as many words as both factors.
  static func multiply(_ a: SecretInteger, _ b: SecretInteger, into result: SecretInteger.Words) {
    ramp_secret_multiply(result.baseAddress, a.address, a.wordCount, b.address, b.wordCount)
  }

  /// `a` has at least as many words as the divisor, whose last word is not zero; the quotient has
  /// one more than the difference.
  static func divide(
    _ a: SecretInteger, by divisor: SecretInteger, quotient: SecretInteger.Words?,
    remainder: SecretInteger.Words?
  ) {
    ramp_secret_divide(
      quotient?.baseAddress, remainder?.baseAddress, a.address, a.wordCount, divisor.address,
      divisor.wordCount)
  }

  /// The carry of a sum of numbers of one width.
  static func add(
    _ a: SecretInteger, _ b: SecretInteger, into result: SecretInteger.Words
  ) -> UInt64 {
    ramp_secret_add(result.baseAddress, a.address, b.address, a.wordCount)
  }

  /// The borrow of a difference of numbers of one width.
  static func subtract(
    _ a: SecretInteger, _ b: SecretInteger, into result: SecretInteger.Words
  ) -> UInt64 {
    ramp_secret_subtract(result.baseAddress, a.address, b.address, a.wordCount)
  }

  /// Adds `b` to `words`, of one width, if `condition` is 1; it is 0 otherwise.
  static func add(_ b: SecretInteger, to words: SecretInteger.Words, if condition: UInt64) {
    ramp_secret_add_if(condition, words.baseAddress, b.address, b.wordCount)
  }

  /// Whether there is an inverse modulo an odd number of one width.
  static func invert(
    _ a: SecretInteger, modulo modulus: SecretInteger, into result: SecretInteger.Words
  ) -> Bool {
    ramp_secret_invert(result.baseAddress, a.address, modulus.address, a.wordCount) == 1
  }
}
