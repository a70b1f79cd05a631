internal import BigIntegers
internal import CryptoCore

/// What a private key computes with, made once. p is below q.
final class PrivateContext: Sendable {
  let first: PrimePower
  let second: PrimePower
  let messages: ChineseRemainder
  private let ciphertexts: ChineseRemainder
  private let width: Int

  init(p: SecretInteger, q: SecretInteger, n: BigInteger) throws(PaillierError) {
    let number = SecretInteger(n, wordCount: n.magnitudeWords.count)
    first = try PrimePower(p, s: 1, n: number)
    second = try PrimePower(q, s: 1, n: number)
    messages = try ChineseRemainder(p, q)
    ciphertexts = try ChineseRemainder(first.modulus.number, second.modulus.number)
    width = (n * n).magnitudeWords.count
  }

  var p: SecretInteger { first.prime }
  var q: SecretInteger { second.prime }

  func message(of ciphertext: SecretInteger) -> SecretInteger {
    messages(first.message(of: ciphertext), second.message(of: ciphertext))
  }

  /// r^n modulo n^2 for a random r.
  func factor(using source: inout some SecretSource) throws(PaillierError) -> SecretInteger {
    join(
      try SecretInteger.random(below: p, using: &source),
      try SecretInteger.random(below: q, using: &source))
  }

  /// r^n modulo n^2 for an r that is as wide as n. r^n modulo p^2 depends on r modulo p alone: it
  /// is the p-th power of r^q modulo p.
  func factor(of r: SecretInteger) -> SecretInteger {
    let modulusP = Montgomery.Modulus(p)
    let modulusQ = Montgomery.Modulus(q)
    return join(
      modulusP.power(r.remainder(dividingBy: p), q),
      modulusQ.power(r.remainder(dividingBy: q), p))
  }

  /// The number that is x^p modulo p^2 and y^q modulo q^2. For uniform x and y it is distributed as
  /// r^n, since r^q and r^p run through all units modulo p and q.
  private func join(_ x: SecretInteger, _ y: SecretInteger) -> SecretInteger {
    ciphertexts(
      first.modulus.power(x.resized(to: first.modulus.wordCount), p),
      second.modulus.power(y.resized(to: second.modulus.wordCount), q)
    ).resized(to: width)
  }

  /// Whether q - p is above 2^(bits / 2 - 100).
  func areFarApart(bits: Int) -> Bool { Self.areFarApart(p, q, bits: bits) }

  /// The same for any two factors of one width, in either order.
  static func areFarApart(_ p: SecretInteger, _ q: SecretInteger, bits: Int) -> Bool {
    let width = max(p.wordCount, q.wordCount)
    let (p, q) = (p.resized(to: width), q.resized(to: width))
    let distance = p.isLess(than: q) ? q - p : p - q
    let exponent = max(0, bits / 2 - 100)
    guard exponent < 64 * width else { return false }
    let bound = SecretInteger(wordCount: width) { $0[exponent / 64] = 1 << UInt64(exponent % 64) }
    return bound.isLess(than: distance) || exponent == 0
  }

  var supportsShortRandomness: Bool { Self.supportShortRandomness(p, q) }

  /// Whether p = q = 3 modulo 4 and gcd(p - 1, q - 1) = 2.
  static func supportShortRandomness(_ p: SecretInteger, _ q: SecretInteger) -> Bool {
    guard p.lowWord & 3 == 3, q.lowWord & 3 == 3 else { return false }
    let width = max(p.wordCount, q.wordCount)
    let one = SecretInteger(small: 1, wordCount: width)
    return SecretInteger.gcd(p.resized(to: width) - one, q.resized(to: width) - one).equals(2)
  }
}
