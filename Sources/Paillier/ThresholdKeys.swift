public import BigIntegers
public import CryptoCore

/// A key that no single party has: any `threshold` of its parties decrypt together, fewer learn
/// nothing (Damgard and Jurik, PKC 2001, section 4.1, after Shoup, EUROCRYPT 2000, and Fouque,
/// Poupard and Stern, FC 2000).
///
///     let keys = try ThresholdKeys(parties: 5, threshold: 3)      // by a dealer, who then forgets
///     let partials = try keys.shares.prefix(3).map {
///       try $0.partialDecryption(of: ciphertexts, session: round)   // by each party, elsewhere
///     }
///     try keys.publicKey.combine(partials, of: ciphertexts, session: round).messages
///
/// With p = 2p' + 1, q = 2q' + 1, m' = p'q' and n = pq, the dealer shares d, which is 0 modulo m'
/// and 1 modulo n^s: s_i = f(i) for a random polynomial f of degree threshold - 1 modulo n^s m'
/// with f(0) = d. Party i gives c_i = c^(2 D s_i) with D = parties! and a proof; for integers
/// lambda_i = D prod_j j / (j - i), prod_i c_i^(2 lambda_i) is c^(4 D^2 d) = (1 + n)^(4 D^2 m).
///
/// The dealer is trusted: it knows the factors while it deals. Nothing here keeps them.
public struct ThresholdKeys: Sendable, CustomStringConvertible {
  /// Encrypts, checks partial decryptions and combines them.
  public let publicKey: ThresholdPublicKey
  /// What each party is given, and nobody else; party 1 first.
  public let shares: [ThresholdKeyShare]

  /// Deals a new key.
  ///
  /// Two safe primes are searched for, which takes far longer than two primes and very different
  /// times: about bits^2 / 44 candidates each, all but a few in 100 refused by small primes.
  ///
  /// - Parameters:
  ///   - bits: Of the modulus, a multiple of 64.
  ///   - parties: 1...128.
  ///   - threshold: How many of them decrypt, 1...parties.
  ///   - s: Messages are of s times the modulus' length, 1...3.
  ///   - allowsInsecureSize: Takes sizes that can be factored, for tests and demonstrations.
  ///   - source: Gives the primes and the polynomial.
  /// - Throws: `ThresholdError` of the first group.
  public init(
    bits: Int = PaillierPublicKey.standardBits, parties: Int, threshold: Int, s: Int = 1,
    allowsInsecureSize: Bool = false, using source: inout some SecretSource
  ) throws(ThresholdError) {
    try ThresholdPublicKey.check(parties: parties, threshold: threshold)
    try ThresholdError.wrapping { () throws(PaillierError) in
      try PaillierPublicKey.check(bits: bits, allowsInsecureSize)
    }
    guard bits % 64 == 0 else { throw .unusableSize(bits: bits) }
    while true {
      let (p, q) = try ThresholdError.wrapping { () throws(PaillierError) in
        (
          try SafePrime.random(bits: bits / 2, using: &source),
          try SafePrime.random(bits: bits / 2, using: &source)
        )
      }
      guard !p.subtracting(q, modulo: p).isZero, PrivateContext.areFarApart(p, q, bits: bits)
      else { continue }
      try self.init(
        checked: p, q, parties: parties, threshold: threshold, s: s,
        allowsInsecureSize: allowsInsecureSize, using: &source)
      return
    }
  }

  /// Deals a new key with randomness of the operating system.
  ///
  /// - Throws: `ThresholdError` of the first group.
  public init(
    bits: Int = PaillierPublicKey.standardBits, parties: Int, threshold: Int, s: Int = 1,
    allowsInsecureSize: Bool = false
  ) throws(ThresholdError) {
    var source = SystemRandomness()
    try self.init(
      bits: bits, parties: parties, threshold: threshold, s: s,
      allowsInsecureSize: allowsInsecureSize, using: &source)
  }

  /// Deals the key of two safe primes, found before.
  ///
  /// - Parameters:
  ///   - p: A safe prime.
  ///   - q: Another one, of as many bits.
  ///   - parties: 1...128.
  ///   - threshold: How many of them decrypt, 1...parties.
  ///   - s: Messages are of s times the modulus' length, 1...3.
  ///   - allowsInsecureSize: Takes sizes that can be factored, for tests and demonstrations.
  ///   - source: Gives the polynomial.
  /// - Throws: `ThresholdError` of the first group; every check of a key is made.
  public init(
    p: BigInteger, q: BigInteger, parties: Int, threshold: Int, s: Int = 1,
    allowsInsecureSize: Bool = false, using source: inout some SecretSource
  ) throws(ThresholdError) {
    try ThresholdPublicKey.check(parties: parties, threshold: threshold)
    guard p.magnitudeBitWidth == q.magnitudeBitWidth else { throw .unequalFactors }
    let size = p.magnitudeBitWidth
    guard p.signum() > 0, q.signum() > 0, size >= 32, 2 * size <= PaillierPublicKey.mostBits else {
      throw .unusableSize(bits: 2 * size)
    }
    let width = (size + 63) / 64
    let first = SecretInteger(p, wordCount: width)
    let second = SecretInteger(q, wordCount: width)
    guard SafePrime.isSafe(first) else { throw .notSafePrime(.p) }
    guard SafePrime.isSafe(second) else { throw .notSafePrime(.q) }
    try self.init(
      checked: first, second, parties: parties, threshold: threshold, s: s,
      allowsInsecureSize: allowsInsecureSize, using: &source)
  }

  /// Two safe primes of one size.
  private init(
    checked p: SecretInteger, _ q: SecretInteger, parties: Int, threshold: Int, s: Int,
    allowsInsecureSize: Bool, using source: inout some SecretSource
  ) throws(ThresholdError) {
    let privateKey = try ThresholdError.wrapping { () throws(PaillierError) in
      try PaillierPrivateKey(
        p: p, q: q, shortRandomnessBase: nil, allowsInsecureSize: allowsInsecureSize)
    }
    let bits = privateKey.publicKey.bits
    guard bits % 64 == 0 else { throw .unusableSize(bits: bits) }
    guard privateKey.factorsAreFarApart else { throw .nearFactors }
    let context = try ThresholdError.wrapping { () throws(PaillierError) in
      let pair = try PaillierKeyPair(addingShortRandomnessTo: privateKey, using: &source)
      return try ThresholdContext(
        pair.publicKey, s: s, parties: parties, threshold: threshold)
    }
    let secrets = try ThresholdError.wrapping { () throws(PaillierError) in
      try Self.shares(p, q, of: context, using: &source)
    }
    let modulus = context.modulus
    let unit = try ThresholdError.wrapping { () throws(PaillierError) in
      try SecretInteger.randomUnit(modulo: modulus.number, using: &source)
    }
    // A random square generates all squares but with a probability of 1 / p' + 1 / q'.
    let base = modulus.product(unit, unit).revealed()
    let raised = context.residue(base.power(context.delta, modulo: context.ciphertextModulus))
    publicKey = ThresholdPublicKey(
      context: context, base: base,
      verificationKeys: secrets.map { modulus.power(raised, $0).revealed() })
    let key = publicKey
    shares = secrets.enumerated().map { index, secret in
      ThresholdKeyShare(unchecked: secret, party: index + 1, key: key)
    }
  }

  /// The values of a random polynomial at 1, 2, ...; its value at 0 is d.
  private static func shares(
    _ p: SecretInteger, _ q: SecretInteger, of context: ThresholdContext,
    using source: inout some SecretSource
  ) throws(PaillierError) -> [SecretInteger] {
    let half = (p.halved * q.halved).trimmed
    let messages = SecretInteger(
      context.messageModulus, wordCount: context.messageModulus.magnitudeWords.count)
    guard let inverse = half.resized(to: messages.wordCount).inverse(modulo: messages) else {
      throw .dependentFactors
    }
    let order = (half * messages).trimmed
    var coefficients = [(half * inverse).resized(to: order.wordCount)]
    for _ in 1..<context.threshold {
      coefficients.append(try SecretInteger.random(below: order, using: &source))
    }
    return (1...context.parties).map { point in
      let x = SecretInteger(small: UInt64(point), wordCount: 1)
      let zero = SecretInteger(small: 0, wordCount: order.wordCount)
      let value = coefficients.reversed().reduce(zero) { sum, coefficient in
        sum.multiplied(by: x, modulo: order).adding(coefficient, modulo: order)
      }
      return value.resized(to: context.shareWords)
    }
  }

  /// The size, nothing else.
  public var description: String { "shares of \(publicKey)" }
}
