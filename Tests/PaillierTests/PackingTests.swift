import BigIntegers
import Paillier
import Randomness
import TestSupport
import Testing

@Suite("Paillier: packing")
struct PackingTests {
  let keys: PaillierKeyPair

  init() throws { keys = try smallKeys.get() }

  @Test("slots are as wide as the formula says")
  func layout() throws {
    // 16 bits, 1,000 clients, 2048 bits: 75 slots of 27 bits (the anchor's figures).
    let n = (BigInteger(1) << 2047) + 1
    let large = try PaillierPublicKey(n: n)
    let packing = try PackedEncoding(bits: 16, clients: 1_000, key: large)
    #expect(packing.slotBits == 27 && packing.slots == 75)
    for (clients, weight, bits) in [(1, 1, 17), (2, 1, 18), (3, 1, 19), (4, 1, 19), (5, 3, 21)] {
      let packing = try PackedEncoding(
        bits: 16, clients: clients, maxWeight: weight, key: keys.publicKey)
      #expect(packing.slotBits == bits && packing.slots == 510 / bits)
    }
    for (bits, clients, weight) in [
      (0, 1, 1), (33, 1, 1), (16, 0, 1), (16, 1, 0), (16, 1 << 30, 2), (16, .max, .max),
    ] {
      do {
        _ = try PackedEncoding(
          bits: bits, clients: clients, maxWeight: weight, key: keys.publicKey)
        Issue.record("\(bits) bits, \(clients) clients of weight \(weight)")
      } catch {
        guard case .invalidPacking = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
  }

  @Test(
    "weighted sums are those of the codes, at the bound exactly",
    arguments: [1, 2, 7, 16, 31, 32], [(1, 1), (3, 1), (4, 5)])
  func sums(bits: Int, shape: (clients: Int, weight: Int)) throws {
    var random = testGenerator(UInt64(bits), UInt64(shape.clients))
    let packing = try PackedEncoding(
      bits: bits, clients: shape.clients, maxWeight: shape.weight, key: keys.publicKey)
    let (least, most) = (packing.codes.lowerBound, packing.codes.upperBound)
    for count in [0, 1, packing.slots, packing.slots + 1] {
      // All least, all most, then random codes: the bound is met from both sides.
      let patterns: [(Int) -> Int] = [
        { _ in least }, { _ in most },
        { _ in Int(truncatingIfNeeded: random.next()) % (most + 1) },
      ]
      for pattern in patterns {
        let vectors = (0..<shape.clients).map { _ in (0..<count).map(pattern) }
        var total: PackedVector<RawCiphertext>?
        for vector in vectors {
          let weighted = try packing.encrypt(vector) * shape.weight
          total = try total.map { try $0 + weighted } ?? weighted
        }
        let sum = try #require(total)
        #expect(sum.weight == packing.weightBound)
        let expected = (0..<count).map { index in
          vectors.reduce(0) { $0 + shape.weight * $1[index] }
        }
        #expect(try packing.decrypt(sum.rerandomised(), with: keys.privateKey) == expected)
        let beyond = try packing.encrypt((0..<count).map(pattern))
        #expect(
          throws: PaillierError.weightBeyondBound(
            weight: packing.weightBound + 1, bound: packing.weightBound)
        ) { try sum + beyond }
      }
    }
  }

  @Test("weights, codes and shapes that do not fit are refused")
  func refused() throws {
    let packing = try PackedEncoding(bits: 8, clients: 4, key: keys.publicKey)
    let vector = try packing.encrypt([1, 2, 3])
    for weight in [5, -1, .max, .min] {
      #expect(throws: PaillierError.weightBeyondBound(weight: weight, bound: 4)) {
        try vector * weight
      }
    }
    #expect(try packing.decrypt(vector * 0, with: keys.privateKey) == [0, 0, 0])
    #expect(throws: PaillierError.codeOutOfRange(index: 1, bits: 8)) {
      try packing.encode([127, 128])
    }
    #expect(throws: PaillierError.codeOutOfRange(index: 0, bits: 8)) { try packing.encode([-129]) }
    #expect(throws: PaillierError.mismatchedPacking) { try vector + packing.encrypt([1]) }
    let other = try PackedEncoding(bits: 8, clients: 5, key: keys.publicKey)
    #expect(throws: PaillierError.mismatchedPacking) { try vector + other.encrypt([1, 2, 3]) }
    #expect(throws: PaillierError.mismatchedPacking) {
      try PackedVector(
        packing: packing, count: 500, weight: 1, ciphertexts: vector.ciphertexts)
    }
  }

  @Test("a slot that has overflowed is detected: each bit of the guard, and what lies behind")
  func overflow() throws {
    let packing = try PackedEncoding(bits: 8, clients: 3, key: keys.publicKey)
    #expect(packing.slotBits == 11)
    let message = try #require(try packing.encode([127, 127]).first)
    #expect(try packing.decode([message], count: 2, weight: 1) == [127, 127])
    #expect(try packing.decode([message * 3], count: 2, weight: 3) == [381, 381])
    // One more than any sum of three: 3 * 255 + 1.
    #expect(throws: PaillierError.slotOverflow) {
      try packing.decode([message * 3 + 1], count: 2, weight: 3)
    }
    // More summands than claimed.
    #expect(throws: PaillierError.slotOverflow) {
      try packing.decode([message * 4], count: 2, weight: 3)
    }
    for bit in [9, 10, 22, 23, 300] {
      #expect(throws: PaillierError.slotOverflow) {
        try packing.decode([BigInteger(1) << bit], count: 2, weight: 1)
      }
    }
    #expect(throws: PaillierError.weightBeyondBound(weight: 4, bound: 3)) {
      try packing.decode([message], count: 2, weight: 4)
    }
    #expect(throws: PaillierError.mismatchedPacking) {
      try packing.decode([message, message], count: 2, weight: 1)
    }
  }

  @Test("a pool packs too")
  func pool() throws {
    let packing = try PackedEncoding(bits: 16, clients: 10, key: keys.publicKey)
    let values = (0..<100).map { $0 * 331 - 16_000 }
    var pool = try ObfuscationPool(for: keys.publicKey, count: packing.messageCount(100))
    let vector = try packing.encrypt(values, from: &pool)
    #expect(pool.count == 0)
    #expect(try packing.decrypt(vector, with: keys.privateKey) == values)
  }
}
