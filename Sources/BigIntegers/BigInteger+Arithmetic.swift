extension BigInteger: AdditiveArithmetic, SignedNumeric {
  /// 0.
  public static var zero: BigInteger { BigInteger(words: []) }

  /// The same number.
  public init?(exactly source: some BinaryInteger) { self.init(source) }

  /// The sum.
  public static func + (a: BigInteger, b: BigInteger) -> BigInteger {
    BigInteger(GMP.Integer.add(a.storage, b.storage))
  }

  /// The difference.
  public static func - (a: BigInteger, b: BigInteger) -> BigInteger {
    BigInteger(GMP.Integer.subtract(a.storage, b.storage))
  }

  /// The product.
  public static func * (a: BigInteger, b: BigInteger) -> BigInteger {
    BigInteger(GMP.Integer.multiply(a.storage, b.storage))
  }

  /// The number of opposite sign.
  public static prefix func - (a: BigInteger) -> BigInteger {
    BigInteger(GMP.Integer.negate(a.storage))
  }

  /// Replaces by the product.
  public static func *= (a: inout BigInteger, b: BigInteger) { a = a * b }

  /// The quotient, rounded towards zero.
  ///
  /// - Precondition: `b` is not zero.
  public static func / (a: BigInteger, b: BigInteger) -> BigInteger {
    a.quotientAndRemainder(dividingBy: b).quotient
  }

  /// The remainder, with the sign of `a`.
  ///
  /// - Precondition: `b` is not zero.
  public static func % (a: BigInteger, b: BigInteger) -> BigInteger {
    a.quotientAndRemainder(dividingBy: b).remainder
  }

  /// self = quotient * divisor + remainder, the quotient rounded towards zero.
  ///
  /// - Precondition: `divisor` is not zero.
  public func quotientAndRemainder(
    dividingBy divisor: BigInteger
  ) -> (quotient: BigInteger, remainder: BigInteger) {
    divided(by: divisor, euclidean: false)
  }

  /// self = quotient * divisor + remainder with 0 <= remainder < |divisor|.
  ///
  /// - Precondition: `divisor` is not zero.
  public func euclideanQuotientAndRemainder(
    dividingBy divisor: BigInteger
  ) -> (quotient: BigInteger, remainder: BigInteger) {
    divided(by: divisor, euclidean: true)
  }

  private func divided(
    by divisor: BigInteger, euclidean: Bool
  ) -> (quotient: BigInteger, remainder: BigInteger) {
    precondition(!divisor.isZero, "division by zero")
    let result = GMP.Integer.divide(storage, divisor.storage, euclidean: euclidean)
    return (BigInteger(result.quotient), BigInteger(result.remainder))
  }

  /// a * 2^bits; of a negative count, a >> -bits.
  public static func << (a: BigInteger, bits: Int) -> BigInteger {
    bits >= 0 ? BigInteger(GMP.Integer.shiftLeft(a.storage, bits)) : a >> -bits
  }

  /// floor(a / 2^bits); of a negative count, a << -bits.
  public static func >> (a: BigInteger, bits: Int) -> BigInteger {
    bits >= 0 ? BigInteger(GMP.Integer.shiftRight(a.storage, bits)) : a << -bits
  }

  /// This number to the power of `exponent`; 0 to the power of 0 is 1.
  ///
  /// - Precondition: `exponent` is not negative.
  public func power(_ exponent: Int) -> BigInteger {
    precondition(exponent >= 0, "a negative power of an integer is not an integer")
    return BigInteger(GMP.Integer.power(storage, exponent))
  }

  /// This number to the power of `exponent` modulo `modulus`, from 0 up to below it. All three are
  /// public: the time depends on them.
  ///
  /// - Precondition: `exponent` is not negative, `modulus` is positive.
  public func power(_ exponent: BigInteger, modulo modulus: BigInteger) -> BigInteger {
    precondition(exponent.signum() >= 0, "a negative power takes the inverse")
    precondition(modulus.signum() > 0, "modulo \(modulus)")
    return BigInteger(GMP.Integer.power(storage, exponent.storage, modulo: modulus.storage))
  }

  /// The number that times this one is 1 modulo `modulus`; nil unless their divisor is 1.
  ///
  /// - Precondition: `modulus` is positive.
  public func inverse(modulo modulus: BigInteger) -> BigInteger? {
    precondition(modulus.signum() > 0, "modulo \(modulus)")
    return GMP.Integer.invert(storage, modulo: modulus.storage).map { BigInteger($0) }
  }

  /// floor(sqrt(self)).
  ///
  /// - Precondition: not negative.
  public func squareRoot() -> BigInteger {
    precondition(signum() >= 0, "the square root of a negative number")
    return BigInteger(GMP.Integer.squareRoot(storage))
  }

  /// The greatest number that divides both; 0 if both are 0.
  public static func gcd(_ a: BigInteger, _ b: BigInteger) -> BigInteger {
    BigInteger(GMP.Integer.gcd(a.storage, b.storage))
  }

  /// A number drawn uniformly from 0 ..< `bound`, by rejection.
  ///
  /// - Precondition: `bound` is positive.
  public static func random(
    below bound: BigInteger, using generator: inout some RandomNumberGenerator
  ) -> BigInteger {
    precondition(bound.signum() > 0, "nothing is below \(bound)")
    let bits = (bound - 1).magnitudeBitWidth
    let count = (bits + 63) / 64
    while true {
      var words = (0..<count).map { _ in generator.next() }
      if bits % 64 != 0 { words[count - 1] &= UInt64.max >> UInt64(64 * count - bits) }
      let candidate = BigInteger(words: words)
      if candidate < bound { return candidate }
    }
  }
}
