import BigIntegers
import CryptoCore
import Paillier
import TestSupport
import Testing

@Suite("Threshold decryption: proofs")
struct ThresholdProofTests {
  let dealt: Dealt
  let ciphertexts: [DamgardJurik.Ciphertext]
  let numbers: [BigInteger]

  init() throws {
    var dealt = try Dealt(bits: 256, parties: 3, threshold: 2)
    ciphertexts = try dealt.encrypt([10, 20, 30])
    self.dealt = dealt
    numbers = ciphertexts.map(\.number)
  }

  private func flaw(
    _ bytes: [UInt8], session: [UInt8] = session, of other: [DamgardJurik.Ciphertext]? = nil
  ) throws -> BadPartial.Flaw? {
    try dealt.key.flaw(
      of: PartialDecryption(received: bytes, key: dealt.key), of: other ?? ciphertexts,
      session: session)
  }

  /// What party 2 would give of numbers it makes up.
  private func claims(
    party: Int = 2, secret: BigInteger? = nil, _ change: (inout [BigInteger]) -> Void = { _ in }
  ) -> [UInt8] {
    let secret = secret ?? dealt.secret(party)
    var claimed = numbers.map {
      $0.power(2 * dealt.delta * secret, modulo: dealt.modulus)
    }
    change(&claimed)
    return Prover(dealt: dealt).message(
      party: party, secret: secret, ciphertexts: numbers, numbers: claimed,
      nonce: (1 << 800) + 12_345)
  }

  @Test("a proof written from the definition is taken; what is off in it is not")
  func definition() throws {
    #expect(try flaw(claims()) == nil)
    #expect(try flaw(claims(secret: dealt.secret(2) + dealt.order)) == nil)
    #expect(try flaw(claims(secret: dealt.secret(2) + 1)) == .wrongProof)
    #expect(try flaw(claims(secret: dealt.secret(1))) == .wrongProof)
    #expect(try flaw(claims(secret: 0)) == .wrongProof)
  }

  @Test("who knows its share cannot prove other numbers, nor two that cancel")
  func cheating() throws {
    let (n, modulus) = (dealt.n, dealt.modulus)
    #expect(try flaw(claims { $0[1] = $0[1] * (1 + n) % modulus }) == .wrongProof)
    // A product without weights would be that of the right numbers.
    let inverse = try #require((1 + n).inverse(modulo: modulus))
    let cancelling = claims {
      $0[1] = $0[1] * (1 + n) % modulus
      $0[2] = $0[2] * inverse % modulus
    }
    #expect(try flaw(cancelling) == .wrongProof)
    let first = claims {
      $0[0] = $0[0] * (1 + n) % modulus
      $0[1] = $0[1] * inverse % modulus
    }
    #expect(try flaw(first) == .wrongProof)
    #expect(try flaw(claims { $0.swapAt(0, 2) }) == .wrongProof)
    // The sign alone is free, and does not matter: numbers are squared.
    let negated = claims { $0[0] = modulus - $0[0] }
    #expect(try flaw(negated) == nil)
    var other = dealt
    var parts = try other.partials([1, 3], of: ciphertexts)
    parts[1] = try PartialDecryption(received: negated, key: dealt.key)
    #expect(
      try dealt.key.combine(parts, of: ciphertexts, session: session).messages == [10, 20, 30])
  }

  @Test("where the dealer gave two parties each other's shares, what both prove is no message")
  func wrongDealer() throws {
    // The verification keys change places with the shares, so that both parties' proofs hold.
    var bytes = dealt.key.bytes
    let width = dealt.key.key.bits / 8
    let first = 11 + 3 * width + (dealt.key.s + 1) * width
    let size = (dealt.key.s + 1) * width
    let swapped = bytes[first + size..<first + 2 * size] + bytes[first..<first + size]
    bytes.replaceSubrange(first..<first + 2 * size, with: swapped)
    let key = try ThresholdPublicKey(received: bytes, allowsInsecureSize: true)
    let partials = try [1, 2].map { party in
      let share = dealt.keys.shares[2 - party].bytes.revealed()
      let head = Array("RTK1".utf8) + key.digest.bytes + [0, UInt8(party)]
      return try ThresholdKeyShare(
        received: SecretBytes(copying: head + share.dropFirst(38)), key: key
      ).partialDecryption(of: ciphertexts, session: session)
    }
    #expect(throws: ThresholdError.inconsistentKey) {
      try key.combine(partials, of: ciphertexts, session: session)
    }
  }

  @Test("each altered field of a partial decryption names its party")
  func altered() throws {
    var dealt = dealt
    let parts = try dealt.partials([1, 2, 3], of: ciphertexts)
    let honest = PartialFields(parts[1], dealt)
    var changed: [PartialFields] = []
    for index in 0..<3 {
      var fields = honest
      fields[fields.number(index)] = fields[fields.number(index)] + 1
      changed.append(fields)
    }
    var fields = honest
    fields[fields.challenge] = fields[fields.challenge] + 1
    changed.append(fields)
    fields = honest
    fields[fields.response] = fields[fields.response] + 1
    changed.append(fields)
    for fields in changed {
      let bad = try fields.parsed(dealt.key)
      let found = try dealt.key.combine(
        [parts[0], bad, parts[2]], of: ciphertexts, session: session)
      #expect(found.messages == [10, 20, 30])
      #expect(found.bad == [BadPartial(party: 2, flaw: .wrongProof)])
      // Behind good ones enough it is not looked at.
      #expect(
        try dealt.key.combine([parts[0], parts[2], bad], of: ciphertexts, session: session).bad
          .isEmpty)
    }
    // The party's number itself: 2 as 3, in place of the real one.
    fields = honest
    fields[36..<38] = 3
    let posing = try fields.parsed(dealt.key)
    #expect(
      throws: ThresholdError.tooFewPartials(
        good: 1, threshold: 2, bad: [BadPartial(party: 3, flaw: .wrongProof)])
    ) { try dealt.key.combine([parts[0], posing], of: ciphertexts, session: session) }
    // The response plus the order proves the same, and nothing else.
    fields = honest
    fields[fields.response] = fields[fields.response] + dealt.order
    #expect(try flaw(fields.bytes) == nil)
  }

  @Test("responses drown the share: their 127 bits above e s are random")
  func drowning() throws {
    var dealt = dealt
    var seen = Set<UInt64>()
    for _ in 0..<8 {
      let fields = PartialFields(try dealt.partials([1], of: ciphertexts)[0], dealt)
      #expect(fields.response.count == 64 + 48)
      let above = fields[fields.response] >> (8 * 96)
      // Each bit width below 100 has a probability of 2^-27.
      #expect(above.magnitudeBitWidth > 100 && above.magnitudeBitWidth <= 128)
      seen.formUnion(above.magnitudeWords)
    }
    #expect(seen.count == 16)
  }

  @Test("a proof serves for its ciphertexts, its session and its key, and once")
  func replay() throws {
    var dealt = dealt
    let parts = try dealt.partials([1, 2], of: ciphertexts)
    let other = try dealt.encrypt([10, 20, 30])
    for replayed in [
      other, [ciphertexts[0], ciphertexts[1], other[2]], ciphertexts.reversed(),
    ] {
      #expect(
        throws: ThresholdError.tooFewPartials(
          good: 0, threshold: 2,
          bad: [1, 2].map { BadPartial(party: $0, flaw: .wrongProof) })
      ) { try dealt.key.combine(parts, of: replayed, session: session) }
    }
    for name in ["", "round 8", "round 77"] {
      #expect(try flaw(parts[0].bytes, session: Array(name.utf8)) == .wrongProof)
    }
    #expect(
      try flaw(parts[0].bytes, of: Array(ciphertexts.prefix(2))) == .wrongCount(3))
    #expect(
      throws: ThresholdError.tooFewPartials(
        good: 1, threshold: 2, bad: [BadPartial(party: 1, flaw: .repeated)])
    ) { try dealt.key.combine([parts[0], parts[0]], of: ciphertexts, session: session) }
    // Another polynomial for the same factors.
    var second = try Dealt(bits: 256, parties: 3, threshold: 2, seed: 2)
    #expect(second.key.key == dealt.key.key && second.key != dealt.key)
    let foreign = try second.partials([3], of: ciphertexts)
    #expect(
      try dealt.key.combine(foreign + parts, of: ciphertexts, session: session).bad
        == [BadPartial(party: 3, flaw: .foreignKey)])
  }

  @Test("ciphertexts of other keys and lengths, none and too many are refused")
  func ciphertextsRefused() throws {
    var dealt = dealt
    var longer = try Dealt(bits: 256, parties: 3, threshold: 2, s: 2)
    let long = try longer.encrypt([1])
    #expect(throws: ThresholdError.foreignCiphertext(index: 0)) {
      try dealt.partials([1], of: long)
    }
    let foreign = try smallKeys.get().publicKey.encrypt(residue: 1)
    let own = try dealt.key.key.encrypt(residue: 1)
    #expect(throws: ThresholdError.foreignCiphertext(index: 1)) {
      try dealt.partials([1], of: [own, foreign])
    }
    #expect(throws: ThresholdError.wrongCount(0)) {
      try dealt.partials([1], of: [Ciphertext]())
    }
    #expect(throws: ThresholdError.wrongCount(65_537)) {
      try dealt.partials([1], of: [Ciphertext](repeating: own, count: 65_537))
    }
  }
}
