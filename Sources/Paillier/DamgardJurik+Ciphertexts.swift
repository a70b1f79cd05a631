public import BigIntegers

/// A ciphertext of ``DamgardJurik``, hidden or not.
public protocol DamgardJurikCiphertext: Sendable {
  /// Whose it is.
  var key: PaillierPublicKey { get }
  /// How many times n its message is long.
  var s: Int { get }
  /// The number below n^(s+1), for computing: a raw one must not be shown to others.
  var secretNumber: SecretCiphertextNumber { get }
}

extension DamgardJurik {
  /// A ciphertext that hides its message, fit to be sent.
  public struct Ciphertext: DamgardJurikCiphertext, Hashable {
    /// Whose it is.
    public let key: PaillierPublicKey
    /// How many times n its message is long.
    public let s: Int
    /// The number, from 1 up to below n^(s+1).
    public let number: BigInteger

    /// The number, wrapped.
    public var secretNumber: SecretCiphertextNumber { SecretCiphertextNumber(value: number) }
  }

  /// What computing on ciphertexts gives, to be hidden by
  /// ``rerandomise(_:)`` before it is sent.
  public struct RawCiphertext: DamgardJurikCiphertext, Hashable {
    /// Whose it is.
    public let key: PaillierPublicKey
    /// How many times n its message is long.
    public let s: Int
    /// The number, which is not to be shown.
    public let secretNumber: SecretCiphertextNumber
  }
}
