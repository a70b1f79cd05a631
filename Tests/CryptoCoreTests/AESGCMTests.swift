import CryptoCore
import Testing

@Suite("AES-256-GCM")
struct AESGCMTests {
  static let vectors = SymmetricVector.cases(of: "aes-256-gcm")

  @Test("the vector file has the specification's four cases of 256 bits")
  func vectorsArePresent() { #expect(Self.vectors.count == 4) }

  @Test("seals as in the specification, and opens", arguments: vectors)
  func published(vector: SymmetricVector) throws {
    let key = try secret(#require(vector.key))
    let nonce = try bytes(#require(vector.iv))
    let data = try bytes(#require(vector.aad))
    let plaintext = try secret(#require(vector.pt))
    let sealed = AESGCM.seal(plaintext, key: key, nonce: nonce, associatedData: data)
    #expect(try sealed == bytes(#require(vector.ct)) + bytes(#require(vector.tag)))
    let opened = try AESGCM.open(sealed, key: key, nonce: nonce, associatedData: data)
    #expect(opened.isEqual(to: plaintext))
  }

  @Test("a change of any bit of key, nonce, data, ciphertext or tag is refused", arguments: vectors)
  func damaged(vector: SymmetricVector) throws {
    let key = try bytes(#require(vector.key))
    let nonce = try bytes(#require(vector.iv))
    let data = try bytes(#require(vector.aad))
    let sealed = try bytes(#require(vector.ct)) + bytes(#require(vector.tag))
    func isRefused(_ key: [UInt8], _ nonce: [UInt8], _ data: [UInt8], _ sealed: [UInt8]) -> Bool {
      let key = SecretBytes(copying: key)
      do {
        _ = try AESGCM.open(sealed, key: key, nonce: nonce, associatedData: data)
        return false
      } catch {
        return error == .authenticationFailed
      }
    }
    #expect(!isRefused(key, nonce, data, sealed))
    for bit in 0..<8 {
      for index in key.indices { #expect(isRefused(flipped(key, index, bit), nonce, data, sealed)) }
      for index in nonce.indices {
        #expect(isRefused(key, flipped(nonce, index, bit), data, sealed))
      }
      for index in data.indices {
        #expect(isRefused(key, nonce, flipped(data, index, bit), sealed))
      }
      for index in sealed.indices {
        #expect(isRefused(key, nonce, data, flipped(sealed, index, bit)))
      }
    }
    #expect(isRefused(key, nonce, data + [0], sealed))
    #expect(isRefused(key, nonce, data, sealed + [0]))
  }

  private func flipped(_ bytes: [UInt8], _ index: Int, _ bit: Int) -> [UInt8] {
    var bytes = bytes
    bytes[index] ^= 1 << UInt8(bit)
    return bytes
  }

  @Test("what is too short for a tag, and nonces of other lengths, are refused by name")
  func lengths() throws {
    let key = SecretBytes(copying: [UInt8](repeating: 7, count: 32))
    let nonce = [UInt8](repeating: 1, count: 12)
    let sealed = AESGCM.seal(SecretBytes(copying: [1, 2, 3]), key: key, nonce: nonce)
    for count in 0..<16 {
      #expect(throws: CryptoError.truncated(count: count)) {
        try AESGCM.open(Array(sealed.prefix(count)), key: key, nonce: nonce)
      }
    }
    for count in 16..<19 {
      #expect(throws: CryptoError.authenticationFailed) {
        try AESGCM.open(Array(sealed.prefix(count)), key: key, nonce: nonce)
      }
    }
    for count in [0, 11, 13, 16] {
      let expected = CryptoError.wrongLength(
        of: "a nonce of AES-256-GCM", expected: 12, actual: count)
      #expect(throws: expected) {
        try AESGCM.open(sealed, key: key, nonce: [UInt8](repeating: 1, count: count))
      }
    }
  }
}
