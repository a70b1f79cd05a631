internal import BigIntegers
internal import CryptoCore

/// Decryption modulo one prime power: of a ciphertext c = (1 + n)^m r^(n^s), the message modulo p^s
/// (Paillier's own CRT for s = 1; Damgard and Jurik, PKC 2001, section 3, for any s).
///
/// c^(p-1) modulo p^(s+1) is (1 + n)^(m (p-1)), whose logarithm to the base 1 + p is m times a
/// constant; r is gone, for the order of r modulo p^(s+1) divides p^s (p - 1), and so n^s (p - 1).
///
/// Time depends on widths alone. The power would be 1 for m = 0, the one number whose leading zeros
/// might be told; hence c is first multiplied by (1 + n)^shift, at no cost, with a shift that comes
/// from the key, and the shift is subtracted from the message.
struct PrimePower: Sendable {
  let s: Int
  /// p^1 ... p^(s+1), as wide as they are.
  let powers: [SecretInteger]
  let modulus: Montgomery.Modulus
  /// Of (1 + n)^(p-1), the inverse of the logarithm modulo p^s; h_p where s is 1.
  let inverse: SecretInteger
  private let exponent: SecretInteger
  private let reduction: Montgomery.Reduction
  private let shift: SecretInteger
  /// 1 / k! modulo p^s for k = 2 ... s.
  private let factorialInverses: [SecretInteger]

  var prime: SecretInteger { powers[0] }
  /// p^s.
  var messageModulus: SecretInteger { powers[s - 1] }

  /// - Parameter p: A prime above s, with a last word that is not zero.
  /// - Throws: `PaillierError.dependentFactors` if the logarithm has no inverse.
  init(_ p: SecretInteger, s: Int, n: SecretInteger) throws(PaillierError) {
    self.s = s
    powers = (0..<s).reduce(into: [p]) { powers, _ in
      powers.append((powers[powers.count - 1] * p).trimmed)
    }
    let modulus = Montgomery.Modulus(powers[s])
    self.modulus = modulus
    let messages = powers[s - 1]
    exponent = p - SecretInteger(small: 1, wordCount: p.wordCount)
    factorialInverses = Self.factorialInverses(s: s, modulo: messages)

    let one = SecretInteger(small: 1, wordCount: modulus.wordCount)
    let plain = Montgomery.Reduction(to: modulus, scale: one, wordCount: n.wordCount + 1)
    let base = plain(n + SecretInteger(small: 1, wordCount: 1))
    let label = Array("Rampart Paillier decryption shift \(s)".utf8)
    let wide = HKDF.sha256(secret: p.bytes, info: label, count: 8 * messages.wordCount + 16)
    shift = SecretInteger(wide).remainder(dividingBy: messages)
    reduction = Montgomery.Reduction(
      to: modulus, scale: modulus.power(base, shift), wordCount: (s + 1) * (n.wordCount + 1))

    let logarithm = Self.logarithm(
      modulus.power(base, exponent), powers: powers, factorialInverses: factorialInverses)
    guard let inverse = logarithm.inverse(modulo: messages) else { throw .dependentFactors }
    self.inverse = inverse
  }

  /// The message modulo p^s of a ciphertext below n^(s+1).
  func message(of ciphertext: SecretInteger) -> SecretInteger {
    let power = modulus.power(reduction(ciphertext), exponent)
    return Self.logarithm(power, powers: powers, factorialInverses: factorialInverses)
      .multiplied(by: inverse, modulo: messageModulus)
      .subtracting(shift, modulo: messageModulus)
  }

  /// 1 / k! for k = 2 ... s.
  static func factorialInverses(s: Int, modulo messages: SecretInteger) -> [SecretInteger] {
    (2..<max(2, s + 1)).compactMap { k in
      SecretInteger(small: (2...UInt64(k)).reduce(1, *), wordCount: messages.wordCount)
        .inverse(modulo: messages)
    }
  }

  /// x modulo p^s of u = (1 + p)^x modulo p^(s+1), for a prime p or a modulus n, one power of p
  /// more in every turn. With L(u) = (u - 1) / p, L(u) is the sum of binomial(x, k) p^(k-1); what x
  /// is modulo a lower power gives all its terms but the first.
  static func logarithm(
    _ u: SecretInteger, powers: [SecretInteger], factorialInverses: [SecretInteger]
  ) -> SecretInteger {
    let s = powers.count - 1
    var x = powers[0]
    for j in 1...s {
      let modulus = powers[j - 1]
      let width = modulus.wordCount
      let residue = j == s ? u : u.remainder(dividingBy: powers[j])
      let one = SecretInteger(small: 1, wordCount: residue.wordCount)
      var sum = (residue - one).quotientAndRemainder(dividingBy: powers[0]).quotient
        .resized(to: width)
      guard j > 1 else {
        x = sum
        continue
      }
      // Of x (x - 1) ... (x - k + 1) p^(k-1) / k!, for k = 2 ... j.
      let start = x.resized(to: width)
      var falling = start
      for k in 2...j {
        let step = SecretInteger(small: UInt64(k - 1), wordCount: width)
        falling = falling.multiplied(
          by: start.subtracting(step, modulo: modulus), modulo: modulus)
        let term = falling.multiplied(by: powers[k - 2], modulo: modulus)
          .multiplied(by: factorialInverses[k - 2], modulo: modulus)
        sum = sum.subtracting(term, modulo: modulus)
      }
      x = sum
    }
    return x
  }
}

extension SecretInteger {
  /// The bytes, least significant first.
  var bytes: SecretBytes {
    withWords { words in
      SecretBytes(count: 8 * words.count) { $0.copyMemory(from: UnsafeRawBufferPointer(words)) }
    }
  }

  /// The number of these bytes, least significant first, a multiple of 8.
  convenience init(_ bytes: SecretBytes) {
    self.init(wordCount: bytes.count / 8) { words in
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(words).copyMemory(from: $0) }
    }
  }
}

/// The number modulo P Q of residues modulo P and Q, which have no common divisor.
struct ChineseRemainder: Sendable {
  private let first: SecretInteger
  private let second: SecretInteger
  /// 1 / P modulo Q; p_inverse of python-paillier for the primes themselves.
  let inverse: SecretInteger

  /// - Throws: `PaillierError.dependentFactors` if they have a common divisor.
  init(_ first: SecretInteger, _ second: SecretInteger) throws(PaillierError) {
    self.first = first
    self.second = second
    guard let inverse = first.remainder(dividingBy: second).inverse(modulo: second) else {
      throw .dependentFactors
    }
    self.inverse = inverse
  }

  /// x + P ((y - x) / P modulo Q), as wide as both together.
  func callAsFunction(_ x: SecretInteger, _ y: SecretInteger) -> SecretInteger {
    let difference = y.subtracting(x.remainder(dividingBy: second), modulo: second)
    let multiple = first * difference.multiplied(by: inverse, modulo: second)
    return (multiple + x).resized(to: multiple.wordCount)
  }
}
