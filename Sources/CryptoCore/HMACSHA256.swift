/// HMAC with SHA-256 (RFC 2104): a code only holders of the key can compute.
public enum HMACSHA256 {
  /// The 32 bytes of the code. O(bytes of the message).
  public static func code(for message: [UInt8], key: SecretBytes) -> [UInt8] {
    OpenSSL.hmac(key: key, message: message)
  }

  /// Whether `code` is the whole code of the message, compared in constant time.
  public static func isValid(_ code: [UInt8], for message: [UInt8], key: SecretBytes) -> Bool {
    ConstantTime.areEqual(code, self.code(for: message, key: key))
  }
}

/// HKDF (RFC 5869): keys from a secret that is not uniform, such as the result of a key agreement,
/// or several keys from one.
public enum HKDF {
  /// `count` bytes derived from `secret` with SHA-256.
  ///
  /// - Parameters:
  ///   - secret: The input key material.
  ///   - salt: Public and best random; empty stands for 32 zeros.
  ///   - info: What the key is for; different purposes give independent keys.
  ///   - count: 0...8160.
  public static func sha256(
    secret: SecretBytes, salt: [UInt8] = [], info: [UInt8], count: Int = 32
  ) -> SecretBytes {
    expand(extract(secret: secret, salt: salt), info: info, count: count)
  }

  /// The first step (RFC 5869, 2.2): 32 bytes that are uniform if the secret is hard to guess.
  package static func extract(secret: SecretBytes, salt: [UInt8]) -> SecretBytes {
    OpenSSL.hkdfExtract(secret: secret, salt: salt)
  }

  /// The second step (RFC 5869, 2.3): `count` bytes of 32 uniform ones.
  package static func expand(_ key: SecretBytes, info: [UInt8], count: Int) -> SecretBytes {
    precondition(key.count == 32, "HKDF-SHA256 expands 32 bytes, not \(key.count)")
    precondition((0...8160).contains(count), "HKDF-SHA256 gives at most 8160 bytes, not \(count)")
    return OpenSSL.hkdfExpand(key: key, info: info, count: count)
  }
}
