import BigIntegers
import CryptoCore
import Paillier
import TestSupport
import Testing

@Suite("Threshold decryption: messages and dealing")
struct ThresholdMessageTests {
  let dealt: Dealt

  init() throws { dealt = try Dealt(bits: 128, parties: 3, threshold: 2, s: 2) }

  @Test("keys, shares and partial decryptions come back from their bytes and still decrypt")
  func roundTrip() throws {
    var dealt = dealt
    let bytes = dealt.key.bytes
    // 4 + 2 + 2 + 1 + 2, n, hs, and v, v_1, v_2, v_3 modulo n^3.
    #expect(bytes.count == 11 + 16 + 32 + 4 * 48)
    #expect(Array(bytes[..<11]) == [82, 84, 80, 49, 0, 3, 0, 2, 2, 0, 16])
    let key = try ThresholdPublicKey(received: bytes, allowsInsecureSize: true)
    #expect(key == dealt.key && key.bytes == bytes && key.key == dealt.key.key)
    #expect(key.digest == SHA256.hash(bytes))
    let ciphertexts = try dealt.encrypt([77, 5])
    let partials = try [3, 2].map { party in
      let secret = dealt.keys.shares[party - 1].bytes
      #expect(secret.count == 4 + 32 + 2 + 48)
      let share = try ThresholdKeyShare(received: secret, key: key)
      let partial = try share.partialDecryption(of: ciphertexts, session: session)
      #expect(partial.bytes.count == 42 + 2 * 48 + 32 + 96)
      let read = try PartialDecryption(received: partial.bytes, key: dealt.key)
      #expect(read == partial)
      return read
    }
    #expect(
      try dealt.key.combine(partials, of: ciphertexts, session: session).messages == [77, 5])
  }

  private func expectMalformed(
    _ message: ThresholdError.Message, _ reason: String, _ body: () throws -> Void
  ) {
    do {
      try body()
      Issue.record("nothing was thrown: \(reason)")
    } catch ThresholdError.malformed(let found, let text) {
      #expect(found == message && text.contains(reason), "\(text)")
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test("partial decryptions that are none are refused by what is wrong")
  func partials() throws {
    var dealt = dealt
    let ciphertexts = try dealt.encrypt([1, 2])
    let honest = PartialFields(try dealt.partials([1], of: ciphertexts)[0], dealt)
    func changed(_ change: (inout PartialFields) -> Void) -> [UInt8] {
      var fields = honest
      change(&fields)
      return fields.bytes
    }
    let (p, modulus) = (dealt.p, dealt.modulus)
    for (reason, bytes) in [
      ("0 bytes", []), ("40 bytes", Array(honest.bytes.prefix(40))),
      ("does not start with RTD1", changed { $0.bytes[0] ^= 1 }),
      ("party 0", changed { $0[36..<38] = 0 }), ("party 4", changed { $0[36..<38] = 4 }),
      ("0 numbers", changed { $0[38..<42] = 0 }),
      ("65537 numbers", changed { $0[38..<42] = 65_537 }),
      ("266 bytes, not 314", changed { $0[38..<42] = 3 }),
      ("266 bytes, not 218", changed { $0[38..<42] = 1 }),
      ("267 bytes, not 266", honest.bytes + [0]),
      ("265 bytes, not 266", honest.bytes.dropLast()),
      ("number 1 is not", changed { $0[$0.number(1)] = 0 }),
      ("number 0 is not", changed { $0[$0.number(0)] = modulus }),
      ("number 0 is not", changed { $0[$0.number(0)] = modulus + 1 }),
      ("number 1 is not", changed { $0[$0.number(1)] = 5 * p }),
    ] {
      expectMalformed(.partialDecryption, reason) {
        _ = try PartialDecryption(received: bytes, key: dealt.key)
      }
    }
    #expect(throws: ThresholdError.foreignKey) {
      try PartialDecryption(received: changed { $0.bytes[4] ^= 1 }, key: dealt.key)
    }
  }

  @Test("shares that are none, or another party's, are refused")
  func shares() throws {
    let bytes = dealt.keys.shares[0].bytes.revealed()
    func read(_ change: (inout [UInt8]) -> Void) throws {
      var changed = bytes
      change(&changed)
      _ = try ThresholdKeyShare(received: SecretBytes(copying: changed), key: dealt.key)
    }
    try read { _ in }
    for (reason, change) in [
      ("0 bytes", { $0 = [] }), ("37 bytes", { $0.removeLast(49) }),
      ("does not start with RTK1", { $0[3] ^= 1 }),
      ("party 0", { $0[37] = 0 }), ("party 4", { $0[37] = 4 }), ("party 257", { $0[36] = 1 }),
      ("85 bytes, not 86", { $0.removeLast() }), ("87 bytes, not 86", { $0.append(0) }),
      ("too large", { $0[38] = 0x40 }),
    ] as [(String, (inout [UInt8]) -> Void)] {
      expectMalformed(.keyShare, reason) { try read(change) }
    }
    #expect(throws: ThresholdError.foreignKey) { try read { $0[35] ^= 1 } }
    #expect(throws: ThresholdError.wrongShare(party: 2)) { try read { $0[37] = 2 } }
    for place in [39, 60, 85] {
      #expect(throws: ThresholdError.wrongShare(party: 1)) { try read { $0[place] ^= 1 } }
    }
    let other = try Dealt(bits: 128, parties: 3, threshold: 2, s: 2, seed: 9)
    #expect(throws: ThresholdError.foreignKey) {
      try ThresholdKeyShare(received: other.keys.shares[0].bytes, key: dealt.key)
    }
  }

  @Test("public keys that are none are refused by what is wrong")
  func publicKeys() throws {
    let bytes = dealt.key.bytes
    func read(_ change: (inout [UInt8]) -> Void) throws {
      var changed = bytes
      change(&changed)
      _ = try ThresholdPublicKey(received: changed, allowsInsecureSize: true)
    }
    for (reason, change) in [
      ("0 bytes", { $0 = [] }), ("10 bytes", { $0.removeLast(241) }),
      ("does not start with RTP1", { $0[2] ^= 1 }), ("s is 0", { $0[8] = 0 }),
      ("s is 4", { $0[8] = 4 }), ("a modulus of 0 bytes", { $0[10] = 0 }),
      ("a modulus of 20 bytes", { $0[10] = 20 }),
      ("a modulus of 4112 bytes", { $0[9] = 16 }),
      ("250 bytes, not 251", { $0.removeLast() }), ("252 bytes, not 251", { $0.append(1) }),
      ("251 bytes, not 299", { $0[5] = 4 }), ("251 bytes, not 187", { $0[8] = 1 }),
      ("does not fill 16 bytes", { $0[11] = 0x7F }),
      ("v is no generator", { for place in 59..<107 { $0[place] = 0 } }),
      ("v is no generator", { for place in 59..<107 { $0[place] = place == 106 ? 1 : 0 } }),
      ("v_2 is not", { for place in 155..<203 { $0[place] = 0xFF } }),
    ] as [(String, (inout [UInt8]) -> Void)] {
      expectMalformed(.publicKey, reason) { try read(change) }
    }
    #expect(throws: ThresholdError.thresholdOutOfRange(threshold: 4, parties: 3)) {
      try read { $0[7] = 4 }
    }
    #expect(throws: ThresholdError.partiesOutOfRange(129)) { try read { $0[5] = 129 } }
    #expect(throws: ThresholdError.paillier(.insecureSize(bits: 128, minimum: 2048))) {
      try ThresholdPublicKey(received: bytes)
    }
    #expect(throws: ThresholdError.paillier(.evenModulus)) { try read { $0[26] ^= 1 } }
    #expect(throws: ThresholdError.paillier(.mismatchedKeys)) {
      try read { for place in 27..<59 { $0[place] = 0 } }
    }
  }

  @Test("damaged messages are taken or refused with a typed error, never worse")
  func damage() throws {
    var dealt = dealt
    let ciphertexts = try dealt.encrypt([1, 2])
    let corpus = [
      dealt.key.bytes, dealt.keys.shares[2].bytes.revealed(),
      try dealt.partials([2], of: ciphertexts)[0].bytes,
    ]
    var mutator = Mutator(corpus, words: ["RTP1", "RTK1", "RTD1"], generator: testGenerator(1))
    var refused = 0
    for _ in 0..<2000 {
      let bytes = mutator.next()
      do throws(ThresholdError) {
        let key = try ThresholdPublicKey(received: bytes, allowsInsecureSize: true)
        #expect(key.bytes == bytes)
      } catch { refused += 1 }
      do throws(ThresholdError) {
        let share = try ThresholdKeyShare(received: SecretBytes(copying: bytes), key: dealt.key)
        #expect(share.bytes.revealed() == bytes)
      } catch { refused += 1 }
      do throws(ThresholdError) {
        let partial = try PartialDecryption(received: bytes, key: dealt.key)
        #expect(partial.bytes == bytes)
      } catch { refused += 1 }
    }
    #expect(refused > 5000)
  }

  @Test("primes, parties and thresholds that do not make a key are refused by what is wrong")
  func dealing() throws {
    var source = InsecureSeededSecrets(seed: 3)
    let (p, q) = try SafePair.of(512)
    func deal(
      _ p: BigInteger, _ q: BigInteger, parties: Int = 3, threshold: Int = 2, s: Int = 1,
      allowsInsecureSize: Bool = true
    ) throws {
      _ = try ThresholdKeys(
        p: p, q: q, parties: parties, threshold: threshold, s: s,
        allowsInsecureSize: allowsInsecureSize, using: &source)
    }
    for parties in [-1, 0, 129, .max] {
      #expect(throws: ThresholdError.partiesOutOfRange(parties)) {
        try deal(p, q, parties: parties)
      }
    }
    for threshold in [-1, 0, 4] {
      #expect(throws: ThresholdError.thresholdOutOfRange(threshold: threshold, parties: 3)) {
        try deal(p, q, threshold: threshold)
      }
    }
    for s in [0, 4] {
      #expect(throws: ThresholdError.paillier(.unusableSize(bits: s * 512))) {
        try deal(p, q, s: s)
      }
    }
    // A prime that is not safe, half of one, and a composite with a prime half.
    let prime: BigInteger = (1 << 255) - 19
    let other: BigInteger = (1 << 255) - 31
    #expect(SecretInteger(prime, wordCount: 4).isPrime)
    let bits = try SafePair.of(256)
    #expect(throws: ThresholdError.unequalFactors) { try deal(prime, q) }
    #expect(throws: ThresholdError.notSafePrime(.p)) { try deal(prime, other) }
    #expect(throws: ThresholdError.notSafePrime(.q)) { try deal(p, q + 4) }
    #expect(throws: ThresholdError.notSafePrime(.p)) { try deal(bits.p + 2, bits.q) }
    #expect(throws: ThresholdError.paillier(.equalFactors)) { try deal(p, p) }
    let near = try SafePair.of(512, near: true)
    #expect(throws: ThresholdError.nearFactors) { try deal(near.p, near.q) }
    #expect(throws: ThresholdError.paillier(.insecureSize(bits: 512, minimum: 2048))) {
      try deal(p, q, allowsInsecureSize: false)
    }
    for size in [4, 31, 8193] {
      let number = (BigInteger(1) << size) - 1
      #expect(throws: ThresholdError.unusableSize(bits: 2 * size)) { try deal(number, number) }
    }
    // Two of 40 bits: shares of 80 bits would not fill their words.
    var small: [BigInteger] = []
    var candidate = (BigInteger(7) << 37) + 3
    while small.count < 2 {
      if SafePrime.isSafe(SecretInteger(candidate, wordCount: 1)) { small.append(candidate) }
      candidate = candidate + 4
    }
    #expect(throws: ThresholdError.unusableSize(bits: 80)) { try deal(small[0], small[1]) }
    for bits in [2050, 3000] {
      #expect(throws: ThresholdError.unusableSize(bits: bits)) {
        try ThresholdKeys(bits: bits, parties: 3, threshold: 2)
      }
    }
    #expect(throws: ThresholdError.paillier(.insecureSize(bits: 1024, minimum: 2048))) {
      try ThresholdKeys(bits: 1024, parties: 3, threshold: 2)
    }
  }

  /// By division.
  private func isPrime(_ number: UInt64) -> Bool {
    var divisor: UInt64 = 2
    while divisor * divisor <= number {
      if number % divisor == 0 { return false }
      divisor += 1
    }
    return number > 1
  }

  @Test("safe primes are found as division finds them, and new keys decrypt")
  func search() throws {
    var source = InsecureSeededSecrets(seed: 6)
    for bits in 16...32 {
      let prime = try SafePrime.random(bits: bits, using: &source)
      let number = prime.withWords { $0[0] }
      #expect(isPrime(number) && isPrime(number / 2) && number >> UInt64(bits - 2) == 3)
    }
    // No safe prime is lost to the sieve, and none let through, among 4096 numbers of 20 bits.
    for number in stride(from: UInt64(1 << 20) + 3, to: (1 << 20) + 16_387, by: 4) {
      let found = SafePrime.isSafe(SecretInteger(BigInteger(number), wordCount: 1))
      #expect(found == (isPrime(number) && isPrime(number / 2)), "\(number)")
    }
    let keys = try ThresholdKeys(
      bits: 512, parties: 3, threshold: 2, allowsInsecureSize: true, using: &source)
    #expect(keys.publicKey.key.bits == 512 && keys.publicKey.key.shortRandomnessBase != nil)
    let ciphertext = [try keys.publicKey.key.encrypt(residue: 4321)]
    let partials = try [2, 1].map {
      try keys.shares[$0].partialDecryption(of: ciphertext, session: session)
    }
    #expect(
      try keys.publicKey.combine(partials, of: ciphertext, session: session).messages == [4321])
  }

  @Test("a key of 2048 bits is found", .enabled(if: isOptimizedBuild))
  func fullSize() throws {
    let keys = try ThresholdKeys(bits: 2048, parties: 2, threshold: 2)
    #expect(keys.publicKey.key.bits == 2048)
  }
}
