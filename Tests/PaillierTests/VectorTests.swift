import BigIntegers
import Paillier
import TestSupport
import Testing

@Suite("Paillier: published values")
struct VectorTests {
  struct ISO: Decodable {
    var p, q, n: String
    var m, r, c: [String]
    var product, sum: String

    enum CodingKeys: String, CodingKey {
      case p, q, n, m, r, c
      case product = "c_product"
      case sum = "m_sum"
    }
  }

  @Test("the example of ISO/IEC 18033-6: both ways of encrypting, decryption, the product")
  func iso() throws {
    let vector = try #require(try VectorFile<ISO>(named: "paillier_iso18033_6").cases.first)
    let key = try PaillierPrivateKey(p: hex(vector.p), q: hex(vector.q))
    #expect(try key.publicKey.n == hex(vector.n))
    var ciphertexts: [Ciphertext] = []
    for index in 0..<2 {
      let (m, r) = (try hex(vector.m[index]), try hex(vector.r[index]))
      let c = try key.publicKey.encrypt(residue: m, randomness: r)
      #expect(try c.number == hex(vector.c[index]))
      #expect(try key.encrypt(residue: m, randomness: r) == c)
      #expect(try key.decrypt(residueOf: c) == m)
      ciphertexts.append(c)
    }
    let sum = try ciphertexts[0].adding(ciphertexts[1])
    #expect(try sum.value == hex(vector.product))
    #expect(try key.decrypt(residueOf: sum) == hex(vector.sum))
  }

  struct Phe: Decodable, Sendable, CustomTestStringConvertible {
    struct Encryption: Decodable, Sendable {
      var v: VectorNumber
      var precision: VectorNumber?
      var maxExponent: Int?
      var e: Int
      var m, r, c: String
      var dec: VectorNumber

      enum CodingKeys: String, CodingKey {
        case v, precision, e, m, r, c, dec
        case maxExponent = "max_exponent"
      }
    }
    struct Operation: Decodable, Sendable {
      var op: String
      var a: Int
      var b: Int?
      var s: VectorNumber?
      var to: Int?
      var e: Int
      var c, m: String
      var dec: VectorNumber
    }
    struct Decoding: Decodable, Sendable {
      var m: String
      var e: Int
      var dec: VectorNumber
    }
    struct Failure: Decodable, Sendable { var v: VectorNumber }
    struct Raw: Decodable, Sendable { var m, r, c: String }

    var bits: Int
    var p, q, n, largest: String
    var hp, hq, inverse: String?
    var enc: [Encryption]?
    var ops: [Operation]?
    var decode: [Decoding]?
    var failures: [Failure]?
    var raw: [Raw]?

    enum CodingKeys: String, CodingKey {
      case bits, p, q, n, hp, hq, enc, ops, decode, raw
      case largest = "max_int"
      case inverse = "p_inverse"
      case failures = "encode_fails"
    }

    var testDescription: String { "a key of \(bits) bits" }

    func key() throws -> PaillierPrivateKey {
      // The tables' order of the factors must not matter.
      try PaillierPrivateKey(p: hex(q), q: hex(p), allowsInsecureSize: true)
    }

    static let all = (try? VectorFile<Phe>(named: "paillier_phe").cases) ?? []
    /// Large keys take a while where the optimiser has not run.
    static let encoded = all.filter { $0.enc != nil && (isOptimizedBuild || $0.bits <= 2048) }
  }

  @Test("all vectors are there")
  func complete() {
    #expect(Phe.all.map(\.bits) == [1024, 2048, 3072, 17, 12])
  }

  @Test("keys have python-paillier's constants", arguments: Phe.all)
  func constants(vector: Phe) throws {
    let key = try vector.key()
    #expect(try key.publicKey.n == hex(vector.n))
    #expect(key.publicKey.bits == vector.bits)
    #expect(try key.publicKey.largestInteger == hex(vector.largest))
    if let hp = vector.hp, let hq = vector.hq, let inverse = vector.inverse {
      #expect(try key.constants.hp == hex(hp))
      #expect(try key.constants.hq == hex(hq))
      #expect(try key.constants.inverse == hex(inverse))
    }
  }

  @Test("tiny moduli: encryption and decryption", arguments: Phe.all.filter { $0.raw != nil })
  func tiny(vector: Phe) throws {
    let key = try vector.key()
    for raw in vector.raw ?? [] {
      let (m, r) = (try hex(raw.m), try hex(raw.r))
      let c = try key.publicKey.encrypt(residue: m, randomness: r)
      #expect(try c.number == hex(raw.c))
      #expect(try key.encrypt(residue: m, randomness: r) == c)
      #expect(try key.decrypt(residueOf: c) == m)
    }
  }

  @Test("numbers are encoded, encrypted, decrypted and decoded alike", arguments: Phe.encoded)
  func encryption(vector: Phe) throws {
    let key = try vector.key()
    for item in vector.enc ?? [] {
      let precision = item.precision.map { number in
        number.double ?? number.integer.map { Double($0) } ?? .nan
      }
      let encoded = try item.v.encoded(
        for: key.publicKey, precision: precision, maxExponent: item.maxExponent)
      #expect(encoded.exponent == item.e)
      #expect(try encoded.residue == hex(item.m))
      let c = try key.encrypt(residue: encoded.residue, randomness: hex(item.r))
      #expect(try c.number == hex(item.c))
      let number = try EncryptedNumber(ciphertext: c, exponent: item.e)
      #expect(try item.dec.matches(key.decrypt(number)))
      #expect(try key.decryptEncoded(number).residue == hex(item.m))
    }
    let first = try #require(vector.enc?.last)
    let c = try key.publicKey.encrypt(residue: hex(first.m), randomness: hex(first.r))
    #expect(try c.number == hex(first.c))
  }

  @Test("operations give the same ciphertexts", arguments: Phe.encoded)
  func operations(vector: Phe) throws {
    let key = try vector.key()
    let numbers = try (vector.enc ?? []).map { item in
      try EncryptedNumber(
        ciphertext: Ciphertext(received: hex(item.c), key: key.publicKey), exponent: item.e)
    }
    #expect((vector.ops ?? []).count == 21)
    for item in vector.ops ?? [] {
      let result = try apply(item, numbers, key.publicKey)
      #expect(result.exponent == item.e, "\(item.op)")
      #expect(try result.ciphertext.value == hex(item.c), "\(item.op)")
      #expect(try key.decryptEncoded(result).residue == hex(item.m), "\(item.op)")
      if item.dec.error == "overflow" {
        #expect(throws: PaillierError.overflow) { try key.decrypt(result) }
      } else {
        #expect(try item.dec.matches(key.decrypt(result)), "\(item.op)")
      }
      let hidden = try result.rerandomised()
      #expect(hidden.ciphertext.number != result.ciphertext.value)
      #expect(try key.decryptEncoded(hidden).residue == hex(item.m), "\(item.op)")
    }
  }

  private func apply(
    _ item: Phe.Operation, _ numbers: [EncryptedNumber<Ciphertext>], _ key: PaillierPublicKey
  ) throws -> EncryptedNumber<RawCiphertext> {
    let a = numbers[item.a]
    switch item.op {
    case "add": return try a + numbers[#require(item.b)]
    case "sub": return try a - numbers[#require(item.b)]
    case "decrease_exponent": return try a.decreasingExponent(to: #require(item.to))
    default: break
    }
    let scalar = try #require(item.s)
    switch (item.op, scalar.integer, scalar.double) {
    case ("add_plain", .some(let integer), _): return try a + integer
    case ("add_plain", _, .some(let double)): return try a + double
    case ("mul", .some(let integer), _): return try a * integer
    case ("mul", _, .some(let double)): return try a * double
    case ("div", .some(let integer), _): return try a / Double(integer)
    case ("div", _, .some(let double)): return try a / double
    default: throw BadVector(text: item.op)
    }
  }

  @Test("residues are decoded alike, corrupt and overflowed ones refused", arguments: Phe.all)
  func decoding(vector: Phe) throws {
    let key = try vector.key().publicKey
    for item in vector.decode ?? [] {
      let number = try EncodedNumber(residue: hex(item.m), exponent: item.e, key: key)
      switch item.dec.error {
      case nil: #expect(try item.dec.matches(number.decoded()))
      case "overflow": #expect(throws: PaillierError.overflow) { try number.decoded() }
      case "corrupt": #expect(throws: PaillierError.corruptNumber) { try number.decoded() }
      default: #expect(throws: PaillierError.tooLargeForDouble) { try number.decoded() }
      }
    }
  }

  @Test("what python-paillier cannot encode is refused", arguments: Phe.all)
  func refused(vector: Phe) throws {
    let key = try vector.key().publicKey
    for item in vector.failures ?? [] {
      let expected: PaillierError = item.v.double?.isFinite ?? true ? .valueTooLarge : .notFinite
      #expect(throws: expected) { try item.v.encoded(for: key) }
    }
  }
}
