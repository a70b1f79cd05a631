import BigIntegers
import CryptoCore
import Paillier
import Randomness
import TestSupport
import Testing

@Suite("Paillier: computing on ciphertexts")
struct HomomorphismTests {
  let keys: PaillierKeyPair
  var key: PaillierPublicKey { keys.publicKey }
  var n: BigInteger { key.n }

  init() throws { keys = try smallKeys.get() }

  private func open(_ ciphertext: some PaillierCiphertext) throws -> BigInteger {
    try keys.privateKey.decrypt(residueOf: ciphertext)
  }

  private func modulo(_ value: BigInteger) -> BigInteger {
    value.euclideanQuotientAndRemainder(dividingBy: n).remainder
  }

  @Test("residues add, subtract and multiply modulo n, on random and edge values")
  func laws() throws {
    var random = testGenerator()
    let edges: [BigInteger] = [
      0, 1, n - 1, n / 2, key.largestInteger, key.largestInteger + 1, n - key.largestInteger,
      n - key.largestInteger - 1,
    ]
    let values = edges + (0..<4).map { _ in BigInteger.random(below: n, using: &random) }
    let ciphertexts = try key.encrypt(residues: values)
    for (a, x) in zip(values, ciphertexts) {
      #expect(try open(x) == a)
      #expect(try open(x.negated()) == modulo(-a))
      for (b, y) in zip(values, ciphertexts) {
        #expect(try open(x.adding(y)) == modulo(a + b))
        #expect(try open(x.subtracting(y)) == modulo(a - b))
        #expect(try open(x.adding(residue: b)) == modulo(a + b))
        #expect(try open(x.multiplied(byResidue: b)) == modulo(a * b))
      }
      let again = try x.rerandomised()
      #expect(again != x)
      #expect(try open(again) == a)
    }
  }

  @Test("encryption is random: no ciphertext comes twice, by either key")
  func fresh() throws {
    var seen: Set<BigInteger> = []
    for _ in 0..<40 {
      seen.insert(try key.encrypt(residue: 7).number)
      seen.insert(try keys.privateKey.encrypt(residue: 7).number)
    }
    #expect(seen.count == 80)
  }

  @Test("several threads give what one gives")
  func workers() throws {
    let values = (0..<37).map { BigInteger($0) * 12_345 }
    var one = InsecureSeededSecrets(seed: 3)
    var three = one
    let expected = try key.encrypt(residues: values, workers: 1, using: &one)
    let ciphertexts = try key.encrypt(residues: values, workers: 3, using: &three)
    #expect(ciphertexts == expected)
    #expect(try keys.privateKey.decrypt(residuesOf: ciphertexts, workers: 3) == values)
  }

  @Test("tables give the power that no tables give")
  func tables() throws {
    let fresh = try PaillierPublicKey(
      n: n, shortRandomnessBase: key.shortRandomnessBase, allowsInsecureSize: true)
    var source = InsecureSeededSecrets(seed: 4)
    var copy = source
    // The first encryptions go without tables, the others with.
    let first = try (0..<20).map { try fresh.encrypt(residue: BigInteger($0), using: &source) }
    key.prepare()
    let second = try (0..<20).map { try key.encrypt(residue: BigInteger($0), using: &copy) }
    #expect(first == second)
  }

  @Test("ciphertexts of another key are refused everywhere")
  func foreign() throws {
    let other = try otherKeys.get().publicKey
    let (mine, foreign) = (try key.encrypt(1.5), try other.encrypt(1.5))
    let encoded = try EncodedNumber(1.5, for: other)
    #expect(throws: PaillierError.foreignKey) { try mine + foreign }
    #expect(throws: PaillierError.foreignKey) { try mine - foreign }
    #expect(throws: PaillierError.foreignKey) { try mine.adding(encoded) }
    #expect(throws: PaillierError.foreignKey) { try mine.multiplied(by: encoded) }
    #expect(throws: PaillierError.foreignKey) { try key.encrypt(encoded) }
    #expect(throws: PaillierError.foreignKey) { try keys.privateKey.decrypt(foreign) }
    #expect(throws: PaillierError.foreignKey) {
      try mine.ciphertext.adding(foreign.ciphertext)
    }
    var pool = try ObfuscationPool(for: key, count: 1)
    let result = Result { try pool.rerandomise(foreign.ciphertext) }
    #expect(throws: PaillierError.foreignKey) { try result.get() }
    #expect(pool.count == 1)
  }

  @Test("what is no ciphertext is refused")
  func invalid() throws {
    let square = n * n
    let text = PaillierFiles.text(of: keys.privateKey, identifier: "", publicIdentifier: "")
    let p = BigInteger.gcd(
      n, try BigInteger(bytes: base64URL(#require(member("p", of: text)))))
    #expect(p > 1 && p < n)
    for number in [0, -1, n, p, p * p, square, square + 1, square - n] {
      #expect(throws: PaillierError.invalidCiphertext) {
        try Ciphertext(received: number, key: key)
      }
    }
    #expect(try open(Ciphertext(received: 1, key: key)) == 0)
    #expect(try open(Ciphertext(received: n + 1, key: key)) == 1)
    for residue in [-1, n, n + 1] {
      #expect(throws: PaillierError.residueOutOfRange) { try key.encrypt(residue: residue) }
      #expect(throws: PaillierError.residueOutOfRange) {
        try keys.privateKey.encrypt(residue: residue)
      }
      #expect(throws: PaillierError.residueOutOfRange) {
        try RawCiphertext(unhidden: residue, key: key)
      }
    }
    #expect(throws: PaillierError.wrongLength(expected: 128, actual: 127)) {
      try Ciphertext(received: [UInt8](repeating: 1, count: 127), key: key)
    }
    let ciphertext = try key.encrypt(residue: 5)
    #expect(ciphertext.bytes.count == key.ciphertextByteCount)
    #expect(try Ciphertext(received: ciphertext.bytes, key: key) == ciphertext)
    #expect(try open(RawCiphertext(unhidden: 9, key: key)) == 9)
  }

  @Test("numbers wrap around to an overflow or a wrong sign, never unnoticed in between")
  func wrapping() throws {
    let top = try key.encrypt(key.largestInteger)
    #expect(try keys.privateKey.decrypt(top).integer == key.largestInteger)
    #expect(throws: PaillierError.overflow) { try keys.privateKey.decrypt(top + BigInteger(1)) }
    let bottom = try key.encrypt(-key.largestInteger)
    #expect(throws: PaillierError.overflow) {
      try keys.privateKey.decrypt(bottom - BigInteger(1))
    }
    #expect(throws: PaillierError.valueTooLarge) { try key.encrypt(key.largestInteger + 1) }
    #expect(throws: PaillierError.valueTooLarge) { try top.decreasingExponent(to: -200) }
    #expect(throws: PaillierError.exponentWouldRise(from: 0, to: 1)) {
      try top.decreasingExponent(to: 1)
    }
    #expect(throws: PaillierError.exponentOutOfRange(-16_385)) {
      try EncryptedNumber(ciphertext: top.ciphertext, exponent: -16_385)
    }
  }

  @Test("a fixed exponent tells nothing of the number, and rounds to even")
  func fixedExponent() throws {
    for value in [1e-9, 0.1, 1, 12_345.678, -7.25] {
      let number = try key.encrypt(value, exponent: -10)
      #expect(number.exponent == -10)
      #expect(try abs(keys.privateKey.decrypt(number).double - value) <= 0x1p-41)
    }
    for (value, expected) in [(0.5, 0), (1.5, 2), (2.5, 2), (-0.5, 0), (-1.5, -2), (-2.5, -2)] {
      let encoded = try EncodedNumber(value, for: key, exponent: 0)
      #expect(try encoded.decoded() == .integer(BigInteger(expected)))
    }
  }

  @Test("every factor of a pool is used once, then it is empty")
  func pool() throws {
    var source = InsecureSeededSecrets(seed: 5)
    var pool = try ObfuscationPool(for: key, count: 3, workers: 2, using: &source)
    let first = try pool.encrypt(residue: 11)
    let second = try pool.encrypt(residue: 11)
    let raw = try first.adding(second)
    let third = try pool.rerandomise(raw)
    #expect(first != second && third.number != raw.value && pool.count == 0)
    #expect(try open(first) == 11)
    #expect(try open(second) == 11)
    #expect(try open(third) == 22)
    let result = Result { try pool.encrypt(residue: 1) }
    #expect(throws: PaillierError.poolExhausted) { try result.get() }
  }

  @Test("a pool refuses to serve a fork of its process")
  func fork() throws {
    var pool = try ObfuscationPool(for: key, count: 1)
    pool.process += 1
    let result = Result { try pool.encrypt(residue: 1) }
    #expect(throws: PaillierError.poolOfAnotherProcess) { try result.get() }
    #expect(pool.count == 1)
  }

  @Test("short randomness has half the bits of the modulus, r^n has all of them")
  func amountOfRandomness() throws {
    struct Counting: SecretSource {
      var source = InsecureSeededSecrets(seed: 6)
      var counts: [Int] = []
      mutating func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemRandomness.Failure) {
        counts.append(bytes.count)
        try source.fill(bytes)
      }
    }
    var source = Counting()
    _ = try key.encrypt(residue: 1, using: &source)
    #expect(source.counts == [32])
    // Rejection may draw again.
    _ = try PaillierPublicKey(n: n, allowsInsecureSize: true).encrypt(residue: 1, using: &source)
    #expect(source.counts.count >= 2 && source.counts.dropFirst().allSatisfy { $0 == 64 })
  }

  @Test("numbers are written as literals")
  func literals() throws {
    let (a, b) = (try key.encrypt(2), try key.encrypt(1.5))
    let sum = try (a + b) * 3 - 1
    #expect(try keys.privateKey.decrypt(sum).double == 9.5)
    #expect(try keys.privateKey.decrypt(a + 1).integer == 3)
    let mine = try keys.privateKey.encrypt(EncodedNumber(0.25, for: key))
    #expect(try keys.privateKey.decrypt(mine / 4 - b).double == -1.4375)
  }

  @Test("many numbers at once, on several threads")
  func batches() throws {
    let values = (0..<20).map { Double($0) * 1.1 - 7 }
    let numbers = try key.encrypt(values, exponent: -14, workers: 2)
    #expect(numbers.allSatisfy { $0.exponent == -14 })
    let decrypted = try keys.privateKey.decrypt(numbers, workers: 2)
    for (value, number) in zip(values, decrypted) { #expect(abs(number.double - value) < 0x1p-56) }
  }

  @Test("a source that fails gives no ciphertext")
  func randomness() throws {
    struct Empty: SecretSource {
      mutating func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemRandomness.Failure) {
        throw SystemRandomness.Failure(reason: "empty")
      }
    }
    var source = Empty()
    let error = PaillierError.randomness(SystemRandomness.Failure(reason: "empty"))
    #expect(throws: error) { try key.encrypt(residue: 1, using: &source) }
    #expect(throws: error) { try keys.privateKey.encrypt(residue: 1, using: &source) }
    #expect(throws: error) { try PaillierKeyPair(bits: 2048, using: &source) }
  }
}
