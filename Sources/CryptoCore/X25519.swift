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

    /// Whether what anybody agrees with it is all zeros: the points of order 1, 2, 4 and 8 of the
    /// curve and of its twist, in every encoding.
    ///
    /// Source: Bernstein, *A state-of-the-art Diffie-Hellman function*, "How do I validate
    /// Curve25519 public keys?", whose list this is.
    public var isSmallOrder: Bool {
      var number = bytes
      number[31] &= 0x7f
      return Self.smallOrders.contains(number)
    }

    /// 0, 1, the two numbers of order 8, and p - 1, p, p + 1, least significant byte first.
    private static let smallOrders: Set<[UInt8]> = {
      let zeros = [UInt8](repeating: 0, count: 31)
      let largest = [UInt8](repeating: 0xff, count: 30) + [0x7f]
      return [
        [0] + zeros, [1] + zeros, [0xec] + largest, [0xed] + largest, [0xee] + largest,
        [
          0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
          0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
          0xb8, 0x00,
        ],
        [
          0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
          0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
          0x11, 0x57,
        ],
      ]
    }()
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
