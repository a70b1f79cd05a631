import BigIntegers
import Randomness
import TestSupport
import Testing

@Suite("Secret numbers and Montgomery products")
struct MontgomeryTests {
  /// Odd moduli of every number of words up to 5, and of 24 and 64: random, and next to a power.
  static let moduli: [BigInteger] = {
    var random = testGenerator(name: "moduli")
    var moduli: [BigInteger] = [3, 5, (BigInteger(1) << 64) + 13]
    for words in [1, 2, 3, 4, 5, 24, 64] {
      let top = BigInteger(1) << (64 * words - 1)
      let draw = BigInteger.random(below: top, using: &random) + top
      moduli.append(draw % 2 == 0 ? draw + 1 : draw)
      moduli.append((BigInteger(1) << (64 * words)) - 1)
    }
    return moduli
  }()

  private func secret(_ value: BigInteger, like modulus: Montgomery.Modulus) -> SecretInteger {
    SecretInteger(value, wordCount: modulus.wordCount)
  }

  /// Random residues, and the edges.
  private func residues(
    below n: BigInteger, _ random: inout Generator
  ) -> [BigInteger] {
    [0, 1, n - 1] + (0..<3).map { _ in BigInteger.random(below: n, using: &random) }
  }

  @Test("products and powers are those of GMP", arguments: moduli)
  func products(n: BigInteger) {
    var random = testGenerator()
    let modulus = Montgomery.Modulus(n)
    for a in residues(below: n, &random) {
      for b in residues(below: n, &random) {
        let (x, y) = (secret(a, like: modulus), secret(b, like: modulus))
        #expect(modulus.product(x, y).revealed() == a * b % n)
        let exponent = BigInteger.random(below: BigInteger(1) << 130, using: &random)
        #expect(
          modulus.power(x, SecretInteger(exponent, wordCount: 3)).revealed()
            == a.power(exponent, modulo: n))
      }
      #expect(
        modulus.power(secret(a, like: modulus), SecretInteger(0, wordCount: 2)).revealed() == 1)
    }
  }

  @Test("reduction of wide numbers multiplies by the scale", arguments: moduli)
  func reduction(n: BigInteger) {
    var random = testGenerator()
    let modulus = Montgomery.Modulus(n)
    for parts in 1...3 {
      let width = parts * modulus.wordCount - (parts > 1 ? 1 : 0)
      let wide = BigInteger(1) << (64 * width)
      for scale in residues(below: n, &random) {
        let reduce = Montgomery.Reduction(
          to: modulus, scale: secret(scale, like: modulus), wordCount: width)
        for number in [0, 1, wide - 1, BigInteger.random(below: wide, using: &random)] {
          let result = reduce(SecretInteger(number, wordCount: width))
          #expect(result.revealed() == number * scale % n)
        }
      }
    }
  }

  @Test("powers of a fixed base, digits of every width", arguments: 1...8)
  func fixedBase(window: Int) {
    var random = testGenerator(UInt64(window))
    for n in Self.moduli where n.magnitudeBitWidth < 400 {
      let modulus = Montgomery.Modulus(n)
      for bits in [1, 64, 65, 127, 200] {
        let base = BigInteger.random(below: n, using: &random)
        let table = Montgomery.FixedBase(
          secret(base, like: modulus), modulo: modulus, bits: bits, window: window)
        let bound = BigInteger(1) << bits
        for exponent in [0, 1, bound - 1, BigInteger.random(below: bound, using: &random)] {
          let power = table.power(SecretInteger(exponent, wordCount: table.exponentWordCount))
          #expect(power.revealed() == base.power(exponent, modulo: n))
        }
      }
    }
  }

  @Test("a fixed base of Paillier's size", .enabled(if: isOptimizedBuild))
  func largeFixedBase() throws {
    var random = testGenerator()
    let n = try #require(Self.moduli.dropLast().last)
    let modulus = Montgomery.Modulus(n)
    let base = BigInteger.random(below: n, using: &random)
    let table = Montgomery.FixedBase(secret(base, like: modulus), modulo: modulus, bits: 1024)
    for _ in 0..<10 {
      let exponent = BigInteger.random(below: BigInteger(1) << 1024, using: &random)
      #expect(
        table.power(SecretInteger(exponent, wordCount: 16)).revealed()
          == base.power(exponent, modulo: n))
    }
  }

  @Test("secret arithmetic is that of integers")
  func arithmetic() throws {
    var random = testGenerator()
    for n in Self.moduli {
      let width = n.magnitudeWords.count
      let modulus = SecretInteger(n, wordCount: width)
      for a in residues(below: n, &random) {
        for b in residues(below: n, &random) {
          let (x, y) = (SecretInteger(a, wordCount: width), SecretInteger(b, wordCount: width))
          #expect((x * y).revealed() == a * b)
          #expect((x + y).revealed() == a + b)
          #expect((x + SecretInteger(1, wordCount: 1)).revealed() == a + 1)
          #expect(x.adding(y, modulo: modulus).revealed() == (a + b) % n)
          #expect(x.subtracting(y, modulo: modulus).revealed() == (a + n - b) % n)
          #expect(x.multiplied(by: y, modulo: modulus).revealed() == a * b % n)
          #expect(x.isLess(than: y) == (a < b))
          #expect(SecretInteger.gcd(x, y).revealed() == BigInteger.gcd(a, b))
          if a >= b { #expect((x - y).revealed() == a - b) }
          if !b.isZero {
            let parts = x.quotientAndRemainder(dividingBy: y.trimmed)
            #expect(parts.quotient.revealed() == a / b)
            #expect(parts.remainder.revealed() == a % b)
            #expect(x.remainder(dividingBy: y.trimmed).revealed() == a % b)
          }
        }
        let x = SecretInteger(a, wordCount: width)
        #expect(x.inverse(modulo: modulus)?.revealed() == a.inverse(modulo: n))
        #expect(x.isZero == a.isZero)
        #expect(x.trimmed.wordCount == max(1, a.magnitudeWords.count))
        #expect(x.bitWidth == a.magnitudeBitWidth)
      }
    }
  }

  @Test("primes are told from what looks like them")
  func primes() throws {
    // Mersenne primes; then a Carmichael number, strong pseudoprimes to the bases 2, 3, 5, 7, to
    // all prime bases up to 37 (Sorenson and Webster, 2017), and squares.
    let primes: [BigInteger] = [
      2, 3, 65_537, (1 << 61) - 1, (1 << 127) - 1, (1 << 521) - 1, (1 << 607) - 1,
      (1 << 1279) - 1,
    ]
    let composites: [BigInteger] = [
      4, 561, 3_215_031_751, 318_665_857_834_031_151_167_461,
      3_317_044_064_679_887_385_961_981, ((1 << 127) - 1) * ((1 << 127) - 1),
      (1 << 523) - 1, ((1 << 521) - 1) * ((1 << 607) - 1),
    ]
    for prime in primes {
      #expect(SecretInteger(prime, wordCount: prime.magnitudeWords.count + 1).isPrime)
    }
    for composite in composites {
      #expect(!SecretInteger(composite, wordCount: composite.magnitudeWords.count).isPrime)
    }
  }

  @Test("powers and inverses of public numbers")
  func publicNumbers() throws {
    #expect(BigInteger(3).power(4, modulo: 7) == 4)
    #expect(BigInteger(-3).power(3, modulo: 7) == 1)
    #expect(BigInteger(5).power(0, modulo: 1) == 0)
    #expect(BigInteger(3).inverse(modulo: 7) == 5)
    #expect(BigInteger(6).inverse(modulo: 9) == nil)
  }

  @Test("a secret number tells its width, nothing else")
  func printing() {
    let secret = SecretInteger(123_456_789, wordCount: 2)
    var text = "\(secret) \(String(reflecting: secret))"
    dump(secret, to: &text)
    #expect(text.contains("a secret number of 2 words"))
    #expect(!text.contains("123"))
  }
}
