import BigIntegers
import CryptoCore
import Paillier
import TestSupport
import Testing

@Suite("Paillier: keys")
struct KeyTests {
  static let p: BigInteger = (1 << 521) - 1
  static let q: BigInteger = (1 << 607) - 1

  @Test("new keys have exactly the bits asked for, primes 3 modulo 4 far apart, a base of order n")
  func generation() throws {
    var source = InsecureSeededSecrets(seed: 1)
    for bits in [16, 18, 64, 126, 128, 130, 256, 384] {
      let keys = try PaillierKeyPair(bits: bits, allowsInsecureSize: true, using: &source)
      #expect(keys.publicKey.bits == bits)
      #expect(keys.privateKey.factorsAreFarApart)
      #expect(keys.privateKey.supportsShortRandomness)
      let (p, q) = try factors(of: keys.privateKey)
      let n = keys.publicKey.n
      #expect(p * q == n && p % 4 == 3 && q % 4 == 3 && p.magnitudeBitWidth == bits / 2)
      #expect(BigInteger.gcd(p - 1, q - 1) == 2)
      #expect((q - p).magnitude > BigInteger(1) << max(0, bits / 2 - 100))
      #expect(BigInteger.gcd(n, (p - 1) * (q - 1)) == 1)
      // hs encrypts 0, so that every power of it does.
      let base = try #require(keys.publicKey.shortRandomnessBase)
      #expect(try textbookDecryption(base, p: p, q: q) == 0)
      // It comes from -y^2, which is no square modulo either factor; Euler's criterion.
      #expect(base.power((p - 1) / 2, modulo: p) == p - 1)
      #expect(base.power((q - 1) / 2, modulo: q) == q - 1)
      for message in [0, 1, n - 1, n / 2] {
        let c = try keys.publicKey.encrypt(residue: message, using: &source)
        #expect(try textbookDecryption(c.number, p: p, q: q) == message)
        #expect(try keys.privateKey.decrypt(residueOf: c) == message)
        let mine = try keys.privateKey.encrypt(residue: message, using: &source)
        #expect(try textbookDecryption(mine.number, p: p, q: q) == message)
      }
    }
  }

  @Test("a standard key", .enabled(if: isOptimizedBuild))
  func standard() throws {
    let keys = try PaillierKeyPair()
    #expect(keys.publicKey.bits == 3072)
    #expect(try keys.privateKey.decrypt(keys.publicKey.encrypt(-2.5)).double == -2.5)
  }

  /// The factors, by way of the text of the key.
  private func factors(of key: PaillierPrivateKey) throws -> (p: BigInteger, q: BigInteger) {
    let text = PaillierFiles.text(of: key, identifier: "", publicIdentifier: "")
    return (
      BigInteger(bytes: try base64URL(#require(member("p", of: text)))),
      BigInteger(bytes: try base64URL(#require(member("q", of: text))))
    )
  }

  @Test("sizes that can be factored need to be allowed; others do not exist")
  func sizes() throws {
    #expect(throws: PaillierError.insecureSize(bits: 2046, minimum: 2048)) {
      try PaillierKeyPair(bits: 2046)
    }
    #expect(throws: PaillierError.insecureSize(bits: 1128, minimum: 2048)) {
      try PaillierPrivateKey(p: Self.p, q: Self.q)
    }
    #expect(throws: PaillierError.insecureSize(bits: 1128, minimum: 2048)) {
      try PaillierPublicKey(n: Self.p * Self.q)
    }
    for bits in [-2, 0, 2, 4, 14, 257, 16_386] {
      #expect(throws: PaillierError.unusableSize(bits: bits)) {
        try PaillierKeyPair(bits: bits, allowsInsecureSize: true)
      }
    }
    let huge = (BigInteger(1) << 16_400) + 1
    #expect(throws: PaillierError.unusableSize(bits: 16_401)) { try PaillierPublicKey(n: huge) }
    #expect(throws: PaillierError.unusableSize(bits: 16_403)) {
      try PaillierPrivateKey(p: huge, q: 3)
    }
    #expect(throws: PaillierError.unusableSize(bits: 0)) { try PaillierPublicKey(n: -15) }
  }

  static let bad: [(BigInteger, BigInteger, PaillierError)] = [
    (2, q, .evenModulus), (q, 4, .evenModulus), (p, p, .equalFactors),
    (p + 2, q, .compositeFactor(.p)), (p, (1 << 523) - 1, .compositeFactor(.q)),
    ((1 << 607) - 1, p * 3, .compositeFactor(.p)), (1, q, .compositeFactor(.p)),
    (3, 7, .dependentFactors), (7, 3, .dependentFactors), (5, 11, .dependentFactors),
    (5, 3, .unusableSize(bits: 4)),
  ]

  @Test("keys that are none are refused by what is wrong", arguments: bad.indices)
  func refused(index: Int) {
    let (p, q, error) = Self.bad[index]
    #expect(throws: error) { try PaillierPrivateKey(p: p, q: q, allowsInsecureSize: true) }
  }

  @Test("moduli that are none are refused by what is wrong")
  func refusedModuli() {
    #expect(throws: PaillierError.evenModulus) {
      try PaillierPublicKey(n: 2 * Self.q, allowsInsecureSize: true)
    }
    #expect(throws: PaillierError.primeModulus) {
      try PaillierPublicKey(n: Self.q, allowsInsecureSize: true)
    }
    #expect(throws: PaillierError.equalFactors) {
      try PaillierPublicKey(n: Self.p * Self.p, allowsInsecureSize: true)
    }
    let n = Self.p * Self.q
    for base: BigInteger in [-1, 0, 1, Self.p, n, n * n, n * n - 1] {
      #expect(throws: PaillierError.mismatchedKeys) {
        try PaillierPublicKey(n: n, shortRandomnessBase: base, allowsInsecureSize: true)
      }
    }
  }

  @Test("near factors are taken, and told: Fermat's method finds them")
  func nearFactors() throws {
    // The two primes next to 2^150 that a search finds.
    var found: [BigInteger] = []
    var candidate = (BigInteger(1) << 150) + 1
    while found.count < 2 {
      if SecretInteger(candidate, wordCount: 3).isPrime { found.append(candidate) }
      candidate = candidate + 2
    }
    let near = try PaillierPrivateKey(p: found[1], q: found[0], allowsInsecureSize: true)
    #expect(!near.factorsAreFarApart)
    let n = near.publicKey.n
    let middle = n.squareRoot() + 1
    let half = (middle * middle - n).squareRoot()
    #expect((middle - half) * (middle + half) == n)
    let far = try PaillierPrivateKey(p: Self.p, q: Self.q, allowsInsecureSize: true)
    #expect(far.factorsAreFarApart)
    #expect(try far.decrypt(far.publicKey.encrypt(12.75)).double == 12.75)
  }

  @Test("keys without short randomness say so; with it they can be given one")
  func shortRandomness() throws {
    var source = InsecureSeededSecrets(seed: 2)
    // Mersenne primes are 3 modulo 4; 521 - 1 and 607 - 1 share the divisor 2 alone.
    let mersenne = try PaillierPrivateKey(p: Self.p, q: Self.q, allowsInsecureSize: true)
    let gcd = BigInteger.gcd(Self.p - 1, Self.q - 1)
    #expect(mersenne.supportsShortRandomness == (gcd == 2))
    let plain = try PaillierPrivateKey(p: 293, q: 433, allowsInsecureSize: true)
    #expect(!plain.supportsShortRandomness)
    #expect(throws: PaillierError.shortRandomnessUnsupported) {
      try PaillierKeyPair(addingShortRandomnessTo: plain, using: &source)
    }
    let small = try PaillierPrivateKey(p: 10_007, q: 10_039, allowsInsecureSize: true)
    #expect(small.supportsShortRandomness)
    let pair = try PaillierKeyPair(addingShortRandomnessTo: small, using: &source)
    #expect(pair.publicKey.shortRandomnessBase != nil)
    let c = try pair.publicKey.encrypt(residue: 77, using: &source)
    #expect(try pair.privateKey.decrypt(residueOf: c) == 77)
  }

  @Test("keys tell their size, nothing that is secret")
  func printing() throws {
    let keys = try smallKeys.get()
    let (p, q) = try factors(of: keys.privateKey)
    var text = "\(keys) \(keys.privateKey) \(String(reflecting: keys))"
    dump(keys.privateKey, to: &text)
    dump(keys, to: &text)
    #expect(text.contains("a private key of Paillier, 512 bits"))
    for secret in [p, q] {
      #expect(!text.contains("\(secret)") && !text.contains(String(secret, radix: 16)))
      #expect(!text.contains("\(secret.magnitudeWords[0])"))
    }
  }
}
