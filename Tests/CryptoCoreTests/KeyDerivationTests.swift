import CryptoCore
import Testing

@Suite("HMAC-SHA256 and HKDF")
struct KeyDerivationTests {
  @Test("the vector file has RFC 4231's and RFC 5869's cases")
  func vectorsArePresent() {
    #expect(SymmetricVector.cases(of: "hmac-sha-256").count == 7)
    #expect(SymmetricVector.cases(of: "hkdf-sha-256").count == 3)
  }

  @Test("codes equal those of RFC 4231", arguments: SymmetricVector.cases(of: "hmac-sha-256"))
  func hmac(vector: SymmetricVector) throws {
    let key = try secret(#require(vector.key))
    let message = try bytes(#require(vector.msg))
    let expected = try bytes(#require(vector.out))
    let code = HMACSHA256.code(for: message, key: key)
    #expect(Array(code.prefix(expected.count)) == expected)
    #expect(HMACSHA256.isValid(code, for: message, key: key))
    #expect(!HMACSHA256.isValid(Array(code.dropLast()), for: message, key: key))
    for index in code.indices {
      var wrong = code
      wrong[index] ^= 1
      #expect(!HMACSHA256.isValid(wrong, for: message, key: key))
    }
  }

  @Test("keys equal those of RFC 5869", arguments: SymmetricVector.cases(of: "hkdf-sha-256"))
  func hkdf(vector: SymmetricVector) throws {
    let ikm = try secret(#require(vector.ikm))
    let salt = try bytes(#require(vector.salt))
    let info = try bytes(#require(vector.info))
    let count = try #require(vector.len)
    let expected = try bytes(#require(vector.okm))
    #expect(try HKDF.extract(secret: ikm, salt: salt).revealed() == bytes(#require(vector.prk)))
    for count in [0, 1, 31, 32, 33, count] {
      let key = HKDF.sha256(secret: ikm, salt: salt, info: info, count: count)
      #expect(key.revealed() == Array(expected.prefix(count)))
    }
  }

  @Test("the longest key is 255 blocks, each the code of the one before (RFC 5869, 2.3)")
  func longest() throws {
    let prk = HKDF.extract(secret: SecretBytes(copying: [1, 2, 3]), salt: [4])
    let info: [UInt8] = [7, 7]
    var expected: [UInt8] = []
    var block: [UInt8] = []
    for index in 1...255 {
      block = HMACSHA256.code(for: block + info + [UInt8(index)], key: prk)
      expected += block
    }
    #expect(HKDF.expand(prk, info: info, count: 8160).revealed() == expected)
  }
}
