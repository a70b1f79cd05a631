internal import BigIntegers
internal import CryptoCore
internal import Synchronization

/// What a public key computes with, made once.
final class PublicContext: Sendable {
  let n: BigInteger
  let square: BigInteger
  /// max_int of python-paillier: numbers up to it are positive.
  let largest: BigInteger
  let bits: Int
  /// n and n^2, as wide as they are.
  let words: SecretInteger
  let modulus: Montgomery.Modulus
  /// hs of Damgard, Jurik and Nielsen, if the key has one.
  let shortBase: BigInteger?
  private let tables = Mutex<(uses: Int, table: Montgomery.FixedBase?)>((0, nil))

  /// How many single powers of the base are computed before tables, which cost as much as about 16,
  /// are made.
  static let usesBeforeTables = 16

  init(n: BigInteger, shortBase: BigInteger?) {
    self.n = n
    self.shortBase = shortBase
    square = n * n
    largest = n / 3 - 1
    bits = n.magnitudeBitWidth
    words = SecretInteger(n, wordCount: n.magnitudeWords.count)
    modulus = Montgomery.Modulus(square)
  }

  /// Bits of the exponents of short randomness.
  var shortBits: Int { (bits + 1) / 2 }

  /// A number below n^2 times (1 + message n), modulo n^2: number + n (number message mod n). The
  /// message is below n and as wide; number and message may be secret.
  func shift(_ number: SecretInteger, by message: SecretInteger) -> SecretInteger {
    let factor = number.remainder(dividingBy: words).multiplied(by: message, modulo: words)
    let multiple = (words * factor).resized(to: modulus.wordCount)
    return number.adding(multiple, modulo: modulus.number)
  }

  /// A factor that hides: r^n, or hs^a where the key allows, modulo n^2.
  func factor(using source: inout some SecretSource) throws(PaillierError) -> SecretInteger {
    factor(of: try exponent(using: &source))
  }

  /// What a factor is made of: r, or a.
  func exponent(using source: inout some SecretSource) throws(PaillierError) -> SecretInteger {
    shortBase == nil
      ? try SecretInteger.randomUnit(modulo: words, using: &source)
      : try SecretInteger(randomBits: shortBits, using: &source)
  }

  func factor(of exponent: SecretInteger) -> SecretInteger {
    guard let shortBase else { return textbookFactor(exponent) }
    if let table = table(forUses: 1) { return table.power(exponent) }
    return modulus.power(SecretInteger(shortBase, wordCount: modulus.wordCount), exponent)
  }

  /// r^n modulo n^2.
  func textbookFactor(_ r: SecretInteger) -> SecretInteger {
    modulus.power(r.resized(to: modulus.wordCount), words)
  }

  /// The tables of hs, once there are uses enough to pay for them.
  func table(forUses count: Int) -> Montgomery.FixedBase? {
    guard let shortBase else { return nil }
    return tables.withLock { state in
      state.uses += min(count, Self.usesBeforeTables)
      if state.table == nil, state.uses >= Self.usesBeforeTables {
        let base = SecretInteger(shortBase, wordCount: modulus.wordCount)
        state.table = Montgomery.FixedBase(base, modulo: modulus, bits: shortBits)
      }
      return state.table
    }
  }

  /// The residue as wide as n.
  func secret(_ residue: BigInteger) throws(PaillierError) -> SecretInteger {
    guard residue.signum() >= 0, residue < n else { throw .residueOutOfRange }
    return SecretInteger(residue, wordCount: words.wordCount)
  }
}
