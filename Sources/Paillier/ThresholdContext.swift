internal import BigIntegers
internal import CryptoCore

/// What all parties of a threshold key compute with, made once.
final class ThresholdContext: Sendable {
  let key: PaillierPublicKey
  let s: Int
  let parties: Int
  let threshold: Int
  /// parties!
  let delta: BigInteger
  let messageModulus: BigInteger
  let ciphertextModulus: BigInteger
  let modulus: Montgomery.Modulus

  /// Words of a share: it is uniform below n^s m', about a quarter of n^(s+1), so that its last
  /// word is zero with a probability of 2^-58 or less.
  let shareWords: Int
  /// Words of a challenge of 256 bits, and of what drowns its product with a share: 128 bits more.
  static let challengeWords = 4
  static let drowningWords = 2

  /// Words of a proof's response.
  var responseWords: Int { shareWords + Self.challengeWords + Self.drowningWords }
  /// Bytes of a number modulo n^(s+1).
  var numberBytes: Int { 8 * modulus.wordCount }

  /// Of a key whose bits fill its words.
  init(
    _ key: PaillierPublicKey, s: Int, parties: Int, threshold: Int
  ) throws(PaillierError) {
    let scheme = try DamgardJurik(key, s: s)
    self.key = key
    self.s = s
    self.parties = parties
    self.threshold = threshold
    delta = (1...parties).reduce(1) { $0 * BigInteger($1) }
    messageModulus = scheme.messageModulus
    ciphertextModulus = scheme.ciphertextModulus
    modulus = Montgomery.Modulus(ciphertextModulus)
    shareWords = modulus.wordCount
  }

  func residue(_ number: BigInteger) -> SecretInteger {
    SecretInteger(number, wordCount: modulus.wordCount)
  }

  /// Whether this is an invertible number below n^(s+1).
  func isUnit(_ number: BigInteger) -> Bool {
    number.signum() > 0 && number < ciphertextModulus && BigInteger.gcd(number, key.n) == 1
  }

  /// A number below n^(s+1), most significant byte first.
  func bytes(_ number: BigInteger) -> [UInt8] { number.bytes(count: numberBytes) }

  /// The product of powers of public numbers.
  func product(_ bases: [BigInteger], to exponents: [BigInteger]) -> BigInteger {
    zip(bases, exponents).reduce(1) { product, pair in
      product * pair.0.power(pair.1, modulo: ciphertextModulus) % ciphertextModulus
    }
  }

  /// A power of a public number to a public exponent of either sign.
  func power(_ base: BigInteger, _ exponent: BigInteger) -> BigInteger? {
    if exponent.signum() >= 0 { return base.power(exponent, modulo: ciphertextModulus) }
    return base.inverse(modulo: ciphertextModulus)?.power(
      -exponent, modulo: ciphertextModulus)
  }
}

extension BigInteger {
  /// The bytes of a number that fits, most significant first.
  func bytes(count: Int) -> [UInt8] {
    let bytes = magnitudeBytes
    return [UInt8](repeating: 0, count: count - bytes.count) + bytes
  }
}
