/// Signatures on Curve25519 (EdDSA, RFC 8032), without context or prehash.
///
///     let signer = try Ed25519.PrivateKey()
///     let signature = signer.sign(transcript)
///     signer.publicKey.isValid(signature, for: transcript)   // true
public enum Ed25519 {
  /// Bytes of a signature.
  public static let signatureCount = 64

  /// What checks signatures.
  public struct PublicKey: Sendable, Hashable {
    /// The 32 bytes of RFC 8032, section 5.1.2.
    public let bytes: [UInt8]

    /// A key from the network. Bytes that are no point of the curve make a key that accepts nothing.
    ///
    /// - Throws: `CryptoError.wrongLength`.
    public init(_ bytes: [UInt8]) throws(CryptoError) {
      self.bytes = try checked(bytes, count: 32, as: "a public key of Ed25519")
    }

    init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    /// Whether `signature` is that of the message: 64 bytes, its number below the group's order (so
    /// that no second signature can be made of one). About 100 microseconds.
    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
      signature.count == signatureCount
        && OpenSSL.ed25519Verify(publicKey: bytes, message: message, signature: signature)
    }
  }

  /// What signs. Zeroed when the last copy goes.
  public struct PrivateKey: Sendable {
    private let key: OpenSSL.PrivateKey

    /// A key of the operating system's randomness.
    public init() throws(SystemRandomness.Failure) {
      var source = SystemRandomness()
      try self.init(using: &source)
    }

    /// A key of 32 random bytes of `source`.
    public init(using source: inout some SecretSource) throws(SystemRandomness.Failure) {
      key = .ed25519(try SecretBytes(random: 32, using: &source))
    }

    /// The key of this seed (RFC 8032, 5.1.5).
    ///
    /// - Throws: `CryptoError.wrongLength` unless it has 32 bytes.
    public init(seed: SecretBytes) throws(CryptoError) {
      guard seed.count == 32 else {
        throw .wrongLength(of: "a private key of Ed25519", expected: 32, actual: seed.count)
      }
      key = .ed25519(seed)
    }

    /// What checks this key's signatures.
    public var publicKey: PublicKey { PublicKey(unchecked: key.publicKey) }

    /// The 64 bytes of the signature, the same every time. About 40 microseconds and O(bytes).
    public func sign(_ message: [UInt8]) -> [UInt8] { key.sign(message) }
  }
}

extension Ed25519.PrivateKey: CustomStringConvertible, CustomReflectable {
  /// Tells no key.
  public var description: String { "a private key of Ed25519" }

  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
