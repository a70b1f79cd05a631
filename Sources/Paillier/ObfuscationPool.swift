public import BigIntegers
public import CryptoCore
internal import Glibc

/// Factors that hide, computed ahead: encrypting with one costs a few products.
///
/// A factor used twice gives the messages' difference away, so that each is used once and zeroed; a
/// pool cannot be copied or written down, and serves the process that made it, no fork of it.
///
///     var pool = try ObfuscationPool(for: key, count: 1_000, workers: 2)     // while idle
///     let ciphertext = try pool.encrypt(residue: residue)                    // when it matters
public struct ObfuscationPool: ~Copyable, Sendable {
  /// Whose ciphertexts the factors are for.
  public let key: PaillierPublicKey
  private var factors: [SecretInteger]
  /// The process that made the pool; tests change it.
  package var process: Int32

  /// `count` factors of the operating system's randomness.
  ///
  /// - Throws: `PaillierError.randomness`.
  public init(
    for key: PaillierPublicKey, count: Int, workers: Int = 1
  ) throws(PaillierError) {
    var source = SystemRandomness()
    try self.init(for: key, count: count, workers: workers, using: &source)
  }

  /// `count` factors.
  ///
  /// - Throws: `PaillierError.randomness`.
  public init(
    for key: PaillierPublicKey, count: Int, workers: Int = 1,
    using source: inout some SecretSource
  ) throws(PaillierError) {
    self.key = key
    process = getpid()
    factors = try key.factors(count, workers: workers, using: &source)
  }

  /// How many factors are left.
  public var count: Int { factors.count }

  /// Encrypts a residue with the next factor.
  ///
  /// - Throws: `PaillierError.poolExhausted`, `.poolOfAnotherProcess` or `.residueOutOfRange`.
  public mutating func encrypt(residue: BigInteger) throws(PaillierError) -> Ciphertext {
    let message = try key.context.secret(residue)
    return key.seal(message, with: try take())
  }

  /// Hides what a ciphertext was computed from with the next factor.
  ///
  /// - Throws: `PaillierError.poolExhausted`, `.poolOfAnotherProcess` or `.foreignKey`.
  public mutating func rerandomise(
    _ ciphertext: some PaillierCiphertext
  ) throws(PaillierError) -> Ciphertext {
    guard ciphertext.key == key else { throw .foreignKey }
    return ciphertext.rerandomised(with: try take())
  }

  private mutating func take() throws(PaillierError) -> SecretInteger {
    guard process == getpid() else { throw .poolOfAnotherProcess }
    guard let factor = factors.popLast() else { throw .poolExhausted }
    return factor
  }
}
