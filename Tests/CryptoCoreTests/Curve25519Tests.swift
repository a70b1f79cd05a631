import CryptoCore
import TestSupport
import Testing

@Suite("X25519 and Ed25519")
struct Curve25519Tests {
  struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    var alg: String
    var ref: String
    var k: String?
    var u: String?
    var n: Int?
    var out: String?
    var ownPublic: String?
    var sk: String?
    var pk: String?
    var msg: String?
    var sig: String?
    var testDescription: String { "\(alg), \(ref), \(n ?? 1)" }

    enum CodingKeys: String, CodingKey {
      case alg, ref, k, u, n, out, sk, pk, msg, sig
      case ownPublic = "own_public"
    }
  }

  static func cases(of algorithm: String) -> [Vector] {
    (try? VectorFile<Vector>(named: "curve25519"))?.cases.filter { $0.alg == algorithm } ?? []
  }

  @Test("the vector file has the cases of both RFCs")
  func vectorsArePresent() {
    #expect(Self.cases(of: "x25519").count == 4)
    #expect(Self.cases(of: "x25519-iterated").count == 5)
    #expect(Self.cases(of: "ed25519").count == 3)
  }

  @Test("agreements equal those of RFC 7748", arguments: cases(of: "x25519"))
  func agreement(vector: Vector) throws {
    let key = try X25519.PrivateKey(secret(#require(vector.k)))
    let other = try X25519.PublicKey(bytes(#require(vector.u)))
    #expect(try key.sharedSecret(with: other).revealed() == bytes(#require(vector.out)))
    if let own = vector.ownPublic { #expect(try key.publicKey.bytes == bytes(own)) }
  }

  // A million rounds take more than a minute and belong to no test that runs often.
  @Test(
    "iterated agreements equal those of RFC 7748",
    arguments: cases(of: "x25519-iterated").filter { $0.n ?? 0 <= 1000 })
  func iteration(vector: Vector) throws {
    var k = [UInt8](repeating: 0, count: 32)
    k[0] = 9
    var u = k
    for _ in 0..<(try #require(vector.n)) {
      let key = try X25519.PrivateKey(SecretBytes(copying: k))
      (k, u) = (try key.sharedSecret(with: X25519.PublicKey(u)).revealed(), k)
    }
    #expect(try k == bytes(#require(vector.out)))
  }

  /// The seven encodings of points of small order that are all a curve and its twist have, below 2^255
  /// (RFC 7748, section 6.1, asks to check for the all-zero result they give): 0, 1, the two of order
  /// 8, p - 1, p and p + 1.
  static let smallOrder = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ]

  @Test("public keys of small order are refused, with either highest bit", arguments: smallOrder)
  func smallOrderPoints(text: String) throws {
    var encoding = try bytes(text)
    for _ in 0..<2 {
      let key = try X25519.PrivateKey()
      let point = try X25519.PublicKey(encoding)
      #expect(throws: CryptoError.smallOrderPublicKey) { try key.sharedSecret(with: point) }
      #expect(point.isSmallOrder)
      encoding[31] ^= 0x80
    }
  }

  @Test("small order is what agreements say it is", arguments: smallOrder)
  func smallOrderNeighbours(text: String) throws {
    let key = try X25519.PrivateKey()
    for place in [0, 1, 17, 30, 31] {
      for bit in 0..<8 {
        var encoding = try bytes(text)
        encoding[place] ^= 1 << UInt8(bit)
        let point = try X25519.PublicKey(encoding)
        #expect(point.isSmallOrder == ((try? key.sharedSecret(with: point)) == nil))
      }
    }
    #expect(!key.publicKey.isSmallOrder)
  }

  @Test("encodings above the prime are told from canonical ones")
  func canonical() throws {
    var bytes = [UInt8](repeating: 0xff, count: 32)
    bytes[31] = 0x7f
    for low in 0...UInt8.max {
      bytes[0] = low
      #expect(try X25519.PublicKey(bytes).isCanonical == (low < 0xed))
    }
    bytes[0] = 0
    bytes[31] = 0xff
    #expect(try !X25519.PublicKey(bytes).isCanonical)
    bytes[31] = 0x7e
    #expect(try X25519.PublicKey(bytes).isCanonical)
    #expect(try X25519.PrivateKey().publicKey.isCanonical)
  }

  @Test("both sides of an agreement get one secret; a key derived from a secret is HKDF's")
  func bothSides() throws {
    let first = try X25519.PrivateKey()
    let shared = try SecretBytes(random: 32)
    let second = X25519.PrivateKey(derivedFrom: shared, info: [1, 2])
    let same = try X25519.PrivateKey(HKDF.sha256(secret: shared, info: [1, 2]))
    #expect(second.publicKey == same.publicKey)
    let one = try first.sharedSecret(with: second.publicKey)
    #expect(try one.isEqual(to: second.sharedSecret(with: first.publicKey)))
    #expect(X25519.PrivateKey(derivedFrom: shared, info: [1]).publicKey != second.publicKey)
  }

  @Test("signatures equal those of RFC 8032", arguments: cases(of: "ed25519"))
  func signature(vector: Vector) throws {
    let key = try Ed25519.PrivateKey(seed: secret(#require(vector.sk)))
    let message = try bytes(#require(vector.msg))
    #expect(try key.publicKey.bytes == bytes(#require(vector.pk)))
    let signature = key.sign(message)
    #expect(try signature == bytes(#require(vector.sig)))
    #expect(key.publicKey.isValid(signature, for: message))
    #expect(!key.publicKey.isValid(signature, for: message + [0]))
    for index in signature.indices {
      var wrong = signature
      wrong[index] ^= 1
      #expect(!key.publicKey.isValid(wrong, for: message))
    }
    for wrong in [[], Array(signature.dropLast()), signature + [0]] {
      #expect(!key.publicKey.isValid(wrong, for: message))
    }
    #expect(try !Ed25519.PrivateKey().publicKey.isValid(signature, for: message))
  }

  @Test("a signature whose number is raised by the group's order is refused (RFC 8032, 5.1.7)")
  func malleability() throws {
    // 2^252 + 27742317777372353535851937790883648493, least significant byte first.
    let order =
      try bytes("edd3f55c1a631258d69cf7a2def9de14") + [UInt8](repeating: 0, count: 15) + [0x10]
    let key = try Ed25519.PrivateKey()
    var signature = key.sign([1])
    var carry = 0
    for index in 0..<32 {
      carry += Int(signature[32 + index]) + Int(order[index])
      signature[32 + index] = UInt8(carry & 255)
      carry >>= 8
    }
    #expect(!key.publicKey.isValid(signature, for: [1]))
  }

  @Test("keys of other lengths are refused by name; bytes off the curve accept nothing")
  func lengths() throws {
    for count in [0, 31, 33] {
      let bytes = [UInt8](repeating: 1, count: count)
      #expect(
        throws: CryptoError.wrongLength(
          of: "a public key of X25519", expected: 32, actual: count)
      ) { try X25519.PublicKey(bytes) }
      #expect(
        throws: CryptoError.wrongLength(
          of: "a public key of Ed25519", expected: 32, actual: count)
      ) { try Ed25519.PublicKey(bytes) }
      #expect(
        throws: CryptoError.wrongLength(
          of: "a private key of X25519", expected: 32, actual: count)
      ) { try X25519.PrivateKey(SecretBytes(copying: bytes)) }
      #expect(
        throws: CryptoError.wrongLength(
          of: "a private key of Ed25519", expected: 32, actual: count)
      ) { try Ed25519.PrivateKey(seed: SecretBytes(copying: bytes)) }
    }
    // y = 2 is on no point of the curve.
    let nowhere = try Ed25519.PublicKey([2] + [UInt8](repeating: 0, count: 31))
    #expect(!nowhere.isValid(try Ed25519.PrivateKey().sign([1]), for: [1]))
  }
}
