import BigIntegers
import CryptoCore
import Paillier
import Randomness
import TestSupport
import Testing

@Suite("Threshold decryption")
struct ThresholdTests {
  static let shapes = (1...5).flatMap { parties in (1...parties).map { (parties, $0) } }

  @Test(
    "every t parties decrypt as the factors do; t - 1 are told that one is missing",
    arguments: shapes)
  func subsets(parties: Int, threshold: Int) throws {
    var dealt = try Dealt(bits: 128, parties: parties, threshold: threshold)
    var random = testGenerator(UInt64(parties), UInt64(threshold))
    let values: [BigInteger] = [0, 1, dealt.n - 1, .random(below: dealt.n, using: &random)]
    var ciphertexts: [Ciphertext] = []
    for value in values {
      ciphertexts.append(try dealt.key.key.encrypt(residue: value, using: &dealt.source))
    }
    #expect(try ciphertexts.map { try dealt.privateKey.decrypt(residueOf: $0) } == values)
    let all = try dealt.partials(Array(1...parties), of: ciphertexts)
    for set in PaillierTests.subsets(of: parties, count: threshold) {
      let given = set.shuffled(using: &random).map { all[$0 - 1] }
      let found = try dealt.key.combine(given, of: ciphertexts, session: session)
      #expect(found.messages == values && found.bad.isEmpty, "\(set)")
    }
    for set in PaillierTests.subsets(of: parties, count: threshold - 1) {
      #expect(
        throws: ThresholdError.tooFewPartials(good: threshold - 1, threshold: threshold, bad: [])
      ) {
        try dealt.key.combine(set.map { all[$0 - 1] }, of: ciphertexts, session: session)
      }
    }
  }

  @Test("messages of s times the length, also of three words", arguments: 1...3, [64, 256])
  func lengths(s: Int, bits: Int) throws {
    var dealt = try Dealt(bits: bits, parties: 4, threshold: 3, s: s)
    var random = testGenerator(UInt64(s))
    let values: [BigInteger] = [
      0, 1, dealt.messages - 1, dealt.n % dealt.messages,
      .random(below: dealt.messages, using: &random),
    ]
    let ciphertexts = try dealt.encrypt(values)
    let decryptor = try DamgardJurik.PrivateKey(dealt.privateKey, s: s)
    #expect(try ciphertexts.map { try decryptor.decrypt($0) } == values)
    let partials = try dealt.partials([4, 1, 3], of: ciphertexts)
    let found = try dealt.key.combine(partials, of: ciphertexts, session: session, workers: 2)
    #expect(found.messages == values)
    let scheme = try DamgardJurik(dealt.key.key, s: s)
    let sum = try scheme.rerandomise(scheme.sum(ciphertexts[2], ciphertexts[4]))
    let parts = try dealt.partials([1, 2, 3], of: [sum])
    #expect(
      try dealt.key.combine(parts, of: [sum], session: session).messages
        == [(values[2] + values[4]) % dealt.messages])
  }

  @Test("2048 bits, of published primes")
  func standardSize() throws {
    var dealt = try Dealt(bits: 2048, parties: 3, threshold: 2)
    let ciphertexts = [try dealt.key.key.encrypt(residue: 123_456_789, using: &dealt.source)]
    let partials = try dealt.partials([3, 1], of: ciphertexts)
    #expect(
      try dealt.key.combine(partials, of: ciphertexts, session: session).messages
        == [123_456_789])
  }

  /// sum_i s_i prod_j j / (j - i) modulo the order, of which the differences have inverses.
  private func interpolated(_ dealt: Dealt, _ set: [Int]) throws -> BigInteger {
    var sum: BigInteger = 0
    for i in set {
      var term = dealt.secret(i)
      for j in set where j != i {
        let inverse = try #require(BigInteger(j - i).inverse(modulo: dealt.order))
        term = term * BigInteger(j) * inverse
      }
      sum = sum + term
    }
    return sum.euclideanQuotientAndRemainder(dividingBy: dealt.order).remainder
  }

  @Test(
    "shares interpolate to the d of the definition from t parties, to other numbers from t - 1",
    arguments: [(1, 1), (3, 2), (5, 3), (6, 6)], 1...2)
  func definition(shape: (parties: Int, threshold: Int), s: Int) throws {
    let dealt = try Dealt(
      bits: 128, parties: shape.parties, threshold: shape.threshold, s: s, seed: 4)
    let half = (dealt.p - 1) / 2 * ((dealt.q - 1) / 2)
    for set in PaillierTests.subsets(of: shape.parties, count: shape.threshold) {
      let d = try interpolated(dealt, set)
      #expect(d % half == 0 && d % dealt.messages == 1)
    }
    guard shape.threshold > 1 else { return }
    for set in PaillierTests.subsets(of: shape.parties, count: shape.threshold - 1) {
      let d = try interpolated(dealt, set)
      #expect(d % half != 0 && d % dealt.messages != 1)
    }
  }

  @Test("numbers of parties and verification keys are the powers of the definition")
  func powers() throws {
    var dealt = try Dealt(bits: 128, parties: 4, threshold: 2)
    let ciphertexts = try dealt.encrypt([5, 6])
    let partials = try dealt.partials([1, 2, 3, 4], of: ciphertexts)
    for party in 1...4 {
      let exponent = dealt.delta * dealt.secret(party)
      #expect(
        dealt.key.verificationKeys[party - 1]
          == dealt.key.base.power(exponent, modulo: dealt.modulus))
      let fields = PartialFields(partials[party - 1], dealt)
      for (index, ciphertext) in ciphertexts.enumerated() {
        #expect(
          fields[fields.number(index)]
            == ciphertext.number.power(2 * exponent, modulo: dealt.modulus))
      }
    }
    // v generates the squares: of order n p'q', and no smaller one.
    let v = dealt.key.base
    #expect(v.power(dealt.order, modulo: dealt.modulus) == 1)
    for factor in [dealt.p, dealt.q, (dealt.p - 1) / 2, (dealt.q - 1) / 2] {
      #expect(v.power(dealt.order / factor, modulo: dealt.modulus) != 1)
    }
  }

  @Test("sums of packed vectors, with one party's part left out and named")
  func packed() throws {
    var dealt = try Dealt(bits: 512, parties: 5, threshold: 3)
    let packing = try PackedEncoding(bits: 16, clients: 4, maxWeight: 3, key: dealt.key.key)
    var random = testGenerator(9)
    let count = 3 * packing.slots + 5
    let clients = (0..<4).map { _ in (0..<count).map { _ in random.uniform(below: 65_536) - 32_768 }
    }
    let weights = [1, 3, 2, 3]
    var total = try packing.encrypt([Int](repeating: 0, count: count)) * 0
    for (client, weight) in zip(clients, weights) {
      total = try total + packing.encrypt(client, using: &dealt.source) * weight
    }
    let vector = try total.rerandomised()
    let sums = (0..<count).map { place in
      zip(clients, weights).reduce(0) { $0 + $1.0[place] * $1.1 }
    }
    #expect(try packing.decrypt(vector, with: dealt.privateKey) == sums)

    var partials = try dealt.partials([5, 2, 4, 1], of: vector.ciphertexts)
    var found = try packing.combine(partials, of: vector, with: dealt.key, session: session)
    #expect(found.sums == sums && found.bad.isEmpty)
    // One of its numbers shifts a slot by one: the message would come out, and be wrong.
    var fields = PartialFields(partials[1], dealt)
    let place = fields.number(2)
    fields[place] = fields[place] * (1 + dealt.n) % dealt.modulus
    partials[1] = try fields.parsed(dealt.key)
    found = try packing.combine(
      partials, of: vector, with: dealt.key, session: session, workers: 2)
    #expect(found.sums == sums)
    #expect(found.bad == [BadPartial(party: 2, flaw: .wrongProof)])
    #expect(
      throws: ThresholdError.tooFewPartials(
        good: 2, threshold: 3, bad: [BadPartial(party: 2, flaw: .wrongProof)])
    ) {
      try packing.combine(
        Array(partials.prefix(3)), of: vector, with: dealt.key, session: session)
    }
    let other = try PackedEncoding(bits: 16, clients: 5, key: dealt.key.key)
    #expect(throws: ThresholdError.paillier(.mismatchedPacking)) {
      try other.combine(partials, of: vector, with: dealt.key, session: session)
    }
  }

  @Test("how many threads work does not matter")
  func workers() throws {
    var dealt = try Dealt(bits: 256, parties: 2, threshold: 2)
    let ciphertexts = try dealt.encrypt((0..<9).map { BigInteger($0) })
    let parts = try (1...3).map { workers in
      var source = InsecureSeededSecrets(seed: 77)
      return try dealt.keys.shares[0].partialDecryption(
        of: ciphertexts, session: session, workers: workers, using: &source
      ).bytes
    }
    #expect(parts[0] == parts[1] && parts[0] == parts[2])
  }

  @Test("shares tell whose they are, nothing that is secret")
  func printing() throws {
    let dealt = try Dealt(bits: 128, parties: 3, threshold: 2)
    var text = "\(dealt.keys) \(dealt.keys.shares[1]) \(String(reflecting: dealt.keys.shares[1]))"
    dump(dealt.keys.shares[1], to: &text)
    #expect(text.contains("the share of party 2 of a threshold key of Paillier, 128 bits, 2 of 3"))
    let secret = dealt.secret(2)
    #expect(!text.contains("\(secret)") && !text.contains("\(secret.magnitudeWords[0])"))
    #expect(!text.contains(String(secret, radix: 16)))
  }
}
