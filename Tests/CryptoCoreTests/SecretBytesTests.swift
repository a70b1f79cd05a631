import CryptoCore
import Glibc
import Testing

@Suite("Secret bytes")
struct SecretBytesTests {
  @Test("printing, dumping and reflection show the count only")
  func unprintable() throws {
    let secret = SecretBytes(copying: Array("do not show".utf8))
    var texts = ["\(secret)", String(describing: secret), String(reflecting: secret)]
    texts.append("\([secret])")
    texts.append("\(MaskTerm(secret, .plus))")
    var dumped = ""
    dump(secret, to: &dumped)
    texts.append(dumped)
    for text in texts {
      #expect(text.contains("11 secret bytes"))
      #expect(!text.contains("show"))
      #expect(!text.contains("0x") && !text.contains("100") && !text.contains("111"))
    }
    #expect(secret.customMirror.children.count == 1)
    for key in ["\(try X25519.PrivateKey())", "\(try Ed25519.PrivateKey())"] {
      #expect(key.hasPrefix("a private key of"))
    }
    let mirror = Mirror(reflecting: try X25519.PrivateKey())
    #expect(mirror.children.isEmpty)
  }

  // Looks at memory that has been given back, which the address sanitizer rightly refuses.
  @Test(
    "the memory holds the secret no more once the last reference is gone",
    .enabled(if: dlsym(nil, "__asan_init") == nil))
  func zeroed() {
    let pattern = (0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    var secret: SecretBytes? = SecretBytes(copying: pattern)
    let address = secret?.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } ?? 0
    secret = nil
    let memory = UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: 2000)
    // Whoever has got the memory since may have written there, but not this.
    let survivors = stride(from: 0, to: 2000, by: 50).filter { start in
      memory[start..<start + 50].elementsEqual(pattern[start..<start + 50])
    }
    #expect(address != 0)
    #expect(survivors.isEmpty)
  }

  @Test("comparison finds a difference in any bit and in the count")
  func comparison() {
    let bytes = (0..<40).map { UInt8($0) }
    let secret = SecretBytes(copying: bytes)
    #expect(secret.isEqual(to: SecretBytes(copying: bytes)))
    #expect(!secret.isEqual(to: SecretBytes(copying: Array(bytes.dropLast()))))
    #expect(ConstantTime.areEqual(bytes, bytes))
    #expect(ConstantTime.areEqual([], []))
    #expect(!ConstantTime.areEqual([], [0]))
    #expect(SecretBytes(copying: [UInt8]()).isEqual(to: SecretBytes(joining: [])))
    for index in bytes.indices {
      for bit in 0..<8 {
        var other = bytes
        other[index] ^= 1 << UInt8(bit)
        #expect(!secret.isEqual(to: SecretBytes(copying: other)))
        #expect(!ConstantTime.areEqual(bytes, other))
      }
    }
  }

  @Test("parts join and ranges are copied")
  func parts() {
    let first = SecretBytes(copying: [1, 2, 3])
    let whole = SecretBytes(joining: [first, SecretBytes(copying: [UInt8]()), first])
    #expect(whole.revealed() == [1, 2, 3, 1, 2, 3])
    #expect(whole[2..<5].revealed() == [3, 1, 2])
    #expect(whole[6..<6].count == 0)
    #expect(whole.withBytes { $0.byteCount } == 6)
    #expect(whole.withBytes { SecretBytes(copying: $0) }.isEqual(to: whole))
    #expect(whole.withUnsafeBytes { Array($0) } == whole.revealed())
  }

  @Test("a source that fails is an error, not a key")
  func failingSource() {
    struct Empty: SecretSource {
      mutating func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemRandomness.Failure) {
        throw SystemRandomness.Failure(reason: "empty")
      }
    }
    var source = Empty()
    #expect(throws: SystemRandomness.Failure.self) {
      _ = try SecretBytes(random: 32, using: &source)
    }
    #expect(throws: SystemRandomness.Failure.self) { _ = try X25519.PrivateKey(using: &source) }
    #expect(throws: SystemRandomness.Failure.self) { _ = try Ed25519.PrivateKey(using: &source) }
  }

  @Test("seeded bytes repeat and do not depend on how they are cut; forks are other streams")
  func seeded() throws {
    var one = InsecureSeededSecrets(seed: 3)
    var two = InsecureSeededSecrets(seed: 3)
    let whole = try SecretBytes(random: 100, using: &one)
    let parts = try [1, 15, 17, 0, 67].map { try SecretBytes(random: $0, using: &two) }
    #expect(SecretBytes(joining: parts).isEqual(to: whole))
    var streams = [
      InsecureSeededSecrets(seed: 4), InsecureSeededSecrets(seed: 3).fork("a"),
      InsecureSeededSecrets(seed: 3).fork("b"),
    ]
    var seen: Set<[UInt8]> = [whole[0..<32].revealed()]
    for index in streams.indices {
      seen.insert(try SecretBytes(random: 32, using: &streams[index]).revealed())
    }
    #expect(seen.count == 4)
    #expect(try !SecretBytes(random: 32).isEqual(to: SecretBytes(random: 32)))
  }
}
