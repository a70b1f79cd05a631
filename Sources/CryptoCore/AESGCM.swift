/// AES-256 in Galois/counter mode (NIST SP 800-38D): encryption that also authenticates the
/// ciphertext and associated data sent in the clear.
///
///     let nonce = try SystemRandomness.bytes(AESGCM.nonceCount)
///     let sealed = AESGCM.seal(share, key: key, nonce: nonce, associatedData: header)
///     let opened = try AESGCM.open(sealed, key: key, nonce: nonce, associatedData: header)
///
/// A pair of key and nonce must seal one message only: two under the same pair reveal the exclusive
/// or of both and let anybody forge more. One key seals at most 2^32 messages with random nonces.
public enum AESGCM {
  /// Bytes of a key.
  public static let keyCount = 32
  /// Bytes of a nonce.
  public static let nonceCount = 12
  /// Bytes of the tag, by which a sealed message is longer than its plaintext.
  public static let tagCount = 16

  /// The ciphertext with the tag behind it.
  ///
  /// - Precondition: `key` has 32 bytes, `nonce` 12.
  public static func seal(
    _ plaintext: SecretBytes, key: SecretBytes, nonce: [UInt8], associatedData: [UInt8] = []
  ) -> [UInt8] {
    precondition(key.count == keyCount, "AES-256-GCM has a key of 32 bytes, not \(key.count)")
    precondition(nonce.count == nonceCount, "AES-256-GCM has 12 bytes of nonce, not \(nonce.count)")
    return OpenSSL.gcmSeal(plaintext, key: key, nonce: nonce, data: associatedData)
  }

  /// The plaintext of what ``seal(_:key:nonce:associatedData:)`` gave.
  ///
  /// - Precondition: `key` has 32 bytes.
  /// - Throws: `CryptoError.truncated`, `.wrongLength` of the nonce, `.authenticationFailed`.
  public static func open(
    _ sealed: [UInt8], key: SecretBytes, nonce: [UInt8], associatedData: [UInt8] = []
  ) throws(CryptoError) -> SecretBytes {
    precondition(key.count == keyCount, "AES-256-GCM has a key of 32 bytes, not \(key.count)")
    let nonce = try checked(nonce, count: nonceCount, as: "a nonce of AES-256-GCM")
    guard sealed.count >= tagCount else { throw .truncated(count: sealed.count) }
    guard
      let plaintext = OpenSSL.gcmOpen(sealed, key: key, nonce: nonce, data: associatedData)
    else { throw .authenticationFailed }
    return plaintext
  }
}
