internal import COpenSSL

/// The one file that calls OpenSSL.
///
/// No function here fails on valid input, unless the installed OpenSSL lacks the algorithm (a
/// configuration that switches its default provider off) or memory is short. Neither leaves
/// anything to go on with, so both stop the process with a message instead of returning a result
/// of something else.
enum OpenSSL {
  /// An incremental SHA-256 computation owned by OpenSSL.
  ///
  /// `@unchecked Sendable`: the only owner is `SHA256`, which mutates a context only while it holds
  /// the single reference to it.
  final class SHA256Context: @unchecked Sendable {
    private let handle: OpaquePointer

    private init(handle: OpaquePointer) { self.handle = handle }

    deinit { ramp_sha256_free(handle) }

    static func make() -> SHA256Context {
      guard let handle = ramp_sha256_new() else { OpenSSL.unavailable() }
      return SHA256Context(handle: handle)
    }

    func copy() -> SHA256Context {
      guard let handle = ramp_sha256_copy(handle) else { OpenSSL.unavailable() }
      return SHA256Context(handle: handle)
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
      guard ramp_sha256_update(handle, bytes.baseAddress, bytes.count) == 1 else {
        OpenSSL.unavailable()
      }
    }

    /// The digest; the context must not be used afterwards.
    func final() -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
        guard ramp_sha256_final(handle, buffer.baseAddress) == 1 else { OpenSSL.unavailable() }
        count = 32
      }
    }
  }

  /// Fills memory from the private generator; nil on success, otherwise what OpenSSL says.
  static func fillPrivately(_ bytes: UnsafeMutableRawBufferPointer) -> String? {
    guard ramp_random_private(bytes.baseAddress, bytes.count) != 1 else { return nil }
    let text = [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
      buffer.withMemoryRebound(to: CChar.self) { ramp_error_text($0.baseAddress, $0.count) }
      count = buffer.firstIndex(of: 0) ?? 0
    }
    return String(decoding: text, as: UTF8.self)
  }

  static func cleanse(_ bytes: UnsafeMutableRawBufferPointer) {
    ramp_cleanse(bytes.baseAddress, bytes.count)
  }

  static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    guard let first = a.baseAddress, let second = b.baseAddress else { return true }
    return ramp_equal(first, second, a.count) == 1
  }

  static func hmac(key: SecretBytes, message: [UInt8]) -> [UInt8] {
    key.withUnsafeBytes { key in
      [UInt8](unsafeUninitializedCapacity: 32) { code, count in
        guard
          ramp_hmac_sha256(
            key.bytes, key.count, message, message.count, code.baseAddress) == 1
        else { unavailable("HMAC-SHA256") }
        count = 32
      }
    }
  }

  static func hkdfExtract(secret: SecretBytes, salt: [UInt8]) -> SecretBytes {
    SecretBytes(count: 32) { out in
      secret.withUnsafeBytes {
        guard
          ramp_hkdf_extract(salt, salt.count, $0.bytes, $0.count, out.bytes) == 1
        else { unavailable("HKDF-SHA256") }
      }
    }
  }

  static func hkdfExpand(key: SecretBytes, info: [UInt8], count: Int) -> SecretBytes {
    SecretBytes(count: count) { out in
      key.withUnsafeBytes {
        guard ramp_hkdf_expand($0.bytes, info, info.count, out.bytes, count) == 1 else {
          unavailable("HKDF-SHA256")
        }
      }
    }
  }

  static func gcmSeal(
    _ plaintext: SecretBytes, key: SecretBytes, nonce: [UInt8], data: [UInt8]
  ) -> [UInt8] {
    plaintext.withUnsafeBytes { plaintext in
      key.withUnsafeBytes { key in
        let size = plaintext.count + 16
        return [UInt8](unsafeUninitializedCapacity: size) { out, count in
          guard
            ramp_gcm_seal(
              key.bytes, nonce, data, data.count, plaintext.bytes, plaintext.count,
              out.baseAddress) == 1
          else { unavailable("AES-256-GCM") }
          count = size
        }
      }
    }
  }

  /// Nil if the tag is wrong; `sealed` holds at least the tag.
  static func gcmOpen(
    _ sealed: [UInt8], key: SecretBytes, nonce: [UInt8], data: [UInt8]
  ) -> SecretBytes? {
    var isAuthentic = false
    let plaintext = SecretBytes(count: sealed.count - 16) { out in
      key.withUnsafeBytes { key in
        let result = ramp_gcm_open(
          key.bytes, nonce, data, data.count, sealed, out.count, out.bytes)
        guard result >= 0 else { unavailable("AES-256-GCM") }
        isAuthentic = result == 1
      }
    }
    return isAuthentic ? plaintext : nil
  }

  /// A private key of Curve25519, owned and zeroed by OpenSSL.
  ///
  /// `@unchecked Sendable`: never changed after its initializer; OpenSSL's own counters are atomic.
  final class PrivateKey: @unchecked Sendable {
    private let handle: OpaquePointer
    let publicKey: [UInt8]

    private init(_ handle: OpaquePointer?) {
      guard let handle else { OpenSSL.unavailable("Curve25519") }
      self.handle = handle
      publicKey = [UInt8](unsafeUninitializedCapacity: 32) { bytes, count in
        guard ramp_private_key_public(handle, bytes.baseAddress) == 1 else {
          OpenSSL.unavailable("Curve25519")
        }
        count = 32
      }
    }

    deinit { ramp_private_key_free(handle) }

    /// `secret` has 32 bytes.
    static func x25519(_ secret: SecretBytes) -> PrivateKey {
      secret.withUnsafeBytes { PrivateKey(ramp_x25519_new($0.bytes)) }
    }

    /// `seed` has 32 bytes.
    static func ed25519(_ seed: SecretBytes) -> PrivateKey {
      seed.withUnsafeBytes { PrivateKey(ramp_ed25519_new($0.bytes)) }
    }

    /// Nil if the shared secret is all zeros.
    func agree(with publicKey: [UInt8]) -> SecretBytes? {
      var isUsable = false
      let secret = SecretBytes(count: 32) { out in
        let result = ramp_x25519_agree(handle, publicKey, out.bytes)
        guard result >= 0 else { OpenSSL.unavailable("X25519") }
        isUsable = result == 1
      }
      return isUsable ? secret : nil
    }

    func sign(_ message: [UInt8]) -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: 64) { signature, count in
        guard
          ramp_ed25519_sign(handle, message, message.count, signature.baseAddress) == 1
        else { OpenSSL.unavailable("Ed25519") }
        count = 64
      }
    }
  }

  /// `publicKey` has 32 bytes, `signature` 64. A public key OpenSSL does not take signs nothing.
  static func ed25519Verify(publicKey: [UInt8], message: [UInt8], signature: [UInt8]) -> Bool {
    ramp_ed25519_verify(publicKey, message, message.count, signature) == 1
  }

  static func maskStream(
    of seed: SecretBytes, from first: UInt64, into out: UnsafeMutableRawBufferPointer
  ) {
    seed.withUnsafeBytes { seed in
      guard ramp_mask_stream(seed.bytes, first, out.bytes, out.count) == 1 else {
        unavailable("AES-256-CTR")
      }
    }
  }

  static func addMasks(
    _ seeds: [SecretBytes], signs: [UInt8], from first: UInt64,
    to words: UnsafeMutableBufferPointer<UInt32>, width: Int, workers: Int
  ) {
    withAddresses(of: seeds) { addresses in
      guard
        ramp_mask_add32_parallel(
          addresses, signs, seeds.count, first, words.baseAddress, words.count, UInt32(width),
          UInt32(workers)) == 1
      else { unavailable("AES-256-CTR") }
    }
  }

  static func addMasks(
    _ seeds: [SecretBytes], signs: [UInt8], from first: UInt64,
    to words: UnsafeMutableBufferPointer<UInt64>, width: Int, workers: Int
  ) {
    withAddresses(of: seeds) { addresses in
      guard
        ramp_mask_add64_parallel(
          addresses, signs, seeds.count, first, words.baseAddress, words.count, UInt32(width),
          UInt32(workers)) == 1
      else { unavailable("AES-256-CTR") }
    }
  }

  /// Lends the addresses of all seeds at once: their memory stays where it is while they live.
  private static func withAddresses(
    of seeds: [SecretBytes], _ body: ([UnsafePointer<UInt8>?]) -> Void
  ) {
    withExtendedLifetime(seeds) { body(seeds.map { $0.withUnsafeBytes { $0.bytes } }) }
  }

  private static func unavailable(_ name: String = "SHA-256") -> Never {
    preconditionFailure("OpenSSL cannot compute \(name): check its configuration (openssl.cnf)")
  }
}

extension UnsafeRawBufferPointer {
  fileprivate var bytes: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}

extension UnsafeMutableRawBufferPointer {
  fileprivate var bytes: UnsafeMutablePointer<UInt8>? {
    baseAddress?.assumingMemoryBound(to: UInt8.self)
  }
}
