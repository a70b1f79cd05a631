internal import BigIntegers

/// Ways to a factor that a weak modulus leaves open, each with a bound on its steps.
enum Factoring {
  /// What a search came to.
  struct Result {
    /// A factor that is neither 1 nor the number.
    var factor: BigInteger?
    /// How many steps it took.
    var steps: Int
  }

  /// Fermat's: n = a^2 - b^2 = (a - b)(a + b), a from sqrt(n) upwards; (p - q)^2 / (8 sqrt(n))
  /// steps.
  static func fermat(_ n: BigInteger, steps: Int) -> Result {
    var a = n.squareRoot()
    if a * a < n { a = a + 1 }
    for step in 1...steps {
      let square = a * a - n
      let b = square.squareRoot()
      if b * b == square {
        let factor = a - b
        return Result(factor: factor > 1 && factor < n ? factor : nil, steps: step)
      }
      a = a + 1
    }
    return Result(factor: nil, steps: steps)
  }

  /// Pollard's rho (BIT 15, 1975): x^2 + 1 iterated modulo n repeats modulo p after about sqrt(p)
  /// steps, Brent's way of finding the cycle, greatest common divisors of 64 differences at once.
  static func rho(_ n: BigInteger, steps: Int) -> Result {
    var anchor: BigInteger = 2
    var x: BigInteger = 2
    var product: BigInteger = 1
    var start = x
    var (length, left) = (1, 1)
    for step in 1...steps {
      if left == 0 {
        anchor = x
        length *= 2
        left = length
      }
      x = (x * x + 1) % n
      left -= 1
      product = product * (x - anchor).magnitude % n
      guard step % 64 == 0 || left == 0 else { continue }
      let divisor = BigInteger.gcd(product, n)
      if divisor == n {
        // Both factors in one batch: one difference at a time.
        var y = start
        for _ in 0..<128 {
          y = (y * y + 1) % n
          let single = BigInteger.gcd((y - anchor).magnitude, n)
          if single > 1, single < n { return Result(factor: single, steps: step) }
        }
        return Result(factor: nil, steps: step)
      }
      if divisor > 1 { return Result(factor: divisor, steps: step) }
      start = x
      product = 1
    }
    return Result(factor: nil, steps: steps)
  }

  /// The first prime from an odd number on.
  static func prime(from start: BigInteger) -> BigInteger {
    var candidate = start + (start % 2 == 0 ? 1 : 0)
    while true {
      let width = candidate.magnitudeWords.count
      if SecretInteger(candidate, wordCount: width).isPrime { return candidate }
      candidate = candidate + 2
    }
  }
}
