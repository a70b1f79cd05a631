/// Diffie-Hellman key agreement on Curve25519 (RFC 7748).
///
/// Two sides exchange public keys and get the same 32 secret bytes, which are not uniform: derive
/// keys from them with ``HKDF``.
///
///     let mine = try X25519.PrivateKey()
///     let secret = try mine.sharedSecret(with: theirs)
///     let key = HKDF.sha256(secret: secret, info: Array("channel".utf8))
public enum X25519 {
  /// What the other side is told.
  public struct PublicKey: Sendable, Hashable {
    /// The 32 bytes of RFC 7748, section 5: the u-coordinate, least significant byte first.
    public let bytes: [UInt8]

    /// A key from the network: any 32 bytes, as RFC 7748 demands.
    ///
    /// A point has up to four encodings (the highest bit is ignored, and 19 numbers stand also above
    /// the prime): see ``isCanonical`` where keys are told apart by their bytes.
    ///
    /// - Throws: `CryptoError.wrongLength`.
    public init(_ bytes: [UInt8]) throws(CryptoError) {
      self.bytes = try checked(bytes, count: 32, as: "a public key of X25519")
    }

    init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    /// Whether the bytes are a number below 2^255 - 19: the encoding every private key gives.
    public var isCanonical: Bool {
      guard bytes[31] & 0x80 == 0 else { return false }
      let isLargest = bytes[31] == 0x7f && bytes[1...30].allSatisfy { $0 == 0xff }
      return !isLargest || bytes[0] < 0xed
    }
  }

  /// The secret of one side; its public key is computed once. Zeroed when the last copy goes.
  public struct PrivateKey: Sendable {
    private let key: OpenSSL.PrivateKey

    /// A key of the operating system's randomness.
    public init() throws(SystemRandomness.Failure) {
      var source = SystemRandomness()
      try self.init(using: &source)
    }

    /// A key of 32 random bytes of `source`.
    public init(using source: inout some SecretSource) throws(SystemRandomness.Failure) {
      key = .x25519(try SecretBytes(random: 32, using: &source))
    }

    /// The key that is these 32 bytes, any of which will do.
    ///
    /// - Throws: `CryptoError.wrongLength`.
    public init(_ secret: SecretBytes) throws(CryptoError) {
      guard secret.count == 32 else {
        throw .wrongLength(of: "a private key of X25519", expected: 32, actual: secret.count)
      }
      key = .x25519(secret)
    }

    /// The key `HKDF-SHA256(secret, info)`: what is shared among others is then the secret, a number
    /// of any field, instead of the key.
    public init(derivedFrom secret: SecretBytes, info: [UInt8]) {
      key = .x25519(HKDF.sha256(secret: secret, info: info, count: 32))
    }

    /// What the other side is told.
    public var publicKey: PublicKey { PublicKey(unchecked: key.publicKey) }

    /// The 32 secret bytes both sides get. About 40 microseconds.
    ///
    /// - Throws: `CryptoError.smallOrderPublicKey` if they would be all zeros.
    public func sharedSecret(with other: PublicKey) throws(CryptoError) -> SecretBytes {
      guard let secret = key.agree(with: other.bytes) else { throw .smallOrderPublicKey }
      return secret
    }
  }
}

extension X25519.PrivateKey: CustomStringConvertible, CustomReflectable {
  /// Tells no key.
  public var description: String { "a private key of X25519" }

  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
