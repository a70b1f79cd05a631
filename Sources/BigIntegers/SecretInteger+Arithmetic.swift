extension SecretInteger {
  /// The product, as wide as both factors.
  package static func * (a: SecretInteger, b: SecretInteger) -> SecretInteger {
    SecretInteger(wordCount: a.wordCount + b.wordCount) { GMP.multiply(a, b, into: $0) }
  }

  /// The sum, one word wider than the wider summand.
  package static func + (a: SecretInteger, b: SecretInteger) -> SecretInteger {
    let width = max(a.wordCount, b.wordCount) + 1
    return SecretInteger(wordCount: width) {
      _ = GMP.add(a.resized(to: width), b.resized(to: width), into: $0)
    }
  }

  /// The difference, as wide as `a`, which is not below `b`.
  package static func - (a: SecretInteger, b: SecretInteger) -> SecretInteger {
    SecretInteger(wordCount: a.wordCount) {
      _ = GMP.subtract(a, b.resized(to: a.wordCount), into: $0)
    }
  }

  /// Quotient and remainder; the quotient is as wide as this, the remainder as the divisor, whose
  /// last word is not zero and whose leading zero bits are told.
  package func quotientAndRemainder(
    dividingBy divisor: SecretInteger
  ) -> (quotient: SecretInteger, remainder: SecretInteger) {
    let dividend = resized(to: max(wordCount, divisor.wordCount))
    var quotient: SecretInteger?
    let remainder = SecretInteger(wordCount: divisor.wordCount) { remainder in
      quotient = SecretInteger(wordCount: dividend.wordCount - divisor.wordCount + 1) { quotient in
        GMP.divide(dividend, by: divisor, quotient: quotient, remainder: remainder)
      }
    }
    return (quotient ?? remainder, remainder)
  }

  /// The remainder, as wide as the divisor, whose last word is not zero and whose leading zero bits
  /// are told.
  package func remainder(dividingBy divisor: SecretInteger) -> SecretInteger {
    let dividend = resized(to: max(wordCount, divisor.wordCount))
    return SecretInteger(wordCount: divisor.wordCount) { remainder in
      GMP.divide(dividend, by: divisor, quotient: nil, remainder: remainder)
    }
  }

  /// The product modulo `modulus`.
  package func multiplied(
    by factor: SecretInteger, modulo modulus: SecretInteger
  ) -> SecretInteger { (self * factor).remainder(dividingBy: modulus) }

  /// The difference modulo `modulus`, of numbers below it and as wide.
  package func subtracting(
    _ other: SecretInteger, modulo modulus: SecretInteger
  ) -> SecretInteger {
    SecretInteger(wordCount: modulus.wordCount) { result in
      let borrow = GMP.subtract(self, other, into: result)
      GMP.add(modulus, to: result, if: borrow)
    }
  }

  /// The sum modulo `modulus`, of numbers below it and as wide: `self` - (`modulus` - `other`).
  package func adding(_ other: SecretInteger, modulo modulus: SecretInteger) -> SecretInteger {
    subtracting(modulus - other, modulo: modulus)
  }

  /// The inverse modulo an odd number as wide, of a number below it; nil if there is none, which
  /// alone is told.
  package func inverse(modulo modulus: SecretInteger) -> SecretInteger? {
    var exists = false
    let result = SecretInteger(wordCount: wordCount) {
      exists = GMP.invert(self, modulo: modulus, into: $0)
    }
    return exists ? result : nil
  }

  /// The greatest common divisor of numbers of one width, as wide.
  package static func gcd(_ a: SecretInteger, _ b: SecretInteger) -> SecretInteger {
    SecretInteger(wordCount: a.wordCount) { Montgomery.gcd(a, b, into: $0) }
  }

  /// Whether this is below a number as wide, told without telling more.
  package func isLess(than other: SecretInteger) -> Bool {
    var borrow: UInt64 = 0
    _ = SecretInteger(wordCount: wordCount) { borrow = GMP.subtract(self, other, into: $0) }
    return borrow == 1
  }

  /// Whether this is zero, told without telling more.
  package var isZero: Bool { withWords { $0.reduce(0, |) == 0 } }

  /// Whether this number, above 1, is prime, by 64 rounds of the test of Miller and Rabin with
  /// random bases, 128 for numbers above 2048 bits (BN_check_prime fixes them): a composite passes
  /// with probability at most 4^-64, also one that was chosen to.
  ///
  /// For primes drawn at random, FIPS 186-5, table B.1, asks for 5 rounds at 1024 bits, 4 at 1536
  /// and 2048. Takes a time that depends on the number.
  package var isPrime: Bool { Montgomery.isPrime(self) }
}
