public import BigIntegers
public import CryptoCore

/// What everybody knows of a threshold key: the key that encrypts, how many parties decrypt, and
/// what their proofs are checked with.
public struct ThresholdPublicKey: Sendable, Hashable, CustomStringConvertible {
  let context: ThresholdContext
  /// v, a generator of the squares modulo n^(s+1).
  public let base: BigInteger
  /// v_i = v^(D s_i) with D = parties!, party 1 first.
  public let verificationKeys: [BigInteger]
  /// SHA-256 of ``bytes``: what proofs and messages are bound to.
  public let digest: SHA256.Digest

  /// How many parties there can be: D, and with it the powers that combine, grows with them.
  public static let partyCounts = 1...128
  /// How many ciphertexts one message takes.
  public static let ciphertextCounts = 1...65_536

  init(context: ThresholdContext, base: BigInteger, verificationKeys: [BigInteger]) {
    self.context = context
    self.base = base
    self.verificationKeys = verificationKeys
    digest = SHA256.hash(Self.bytes(context, base, verificationKeys))
  }

  static func check(parties: Int, threshold: Int) throws(ThresholdError) {
    guard partyCounts.contains(parties) else { throw .partiesOutOfRange(parties) }
    guard threshold >= 1, threshold <= parties else {
      throw .thresholdOutOfRange(threshold: threshold, parties: parties)
    }
  }

  /// The key that encrypts, for s = 1; `DamgardJurik` takes it for longer messages.
  public var key: PaillierPublicKey { context.key }

  /// Messages are of s times the modulus' length.
  public var s: Int { context.s }

  /// How many parties have a share.
  public var parties: Int { context.parties }

  /// How many of them decrypt.
  public var threshold: Int { context.threshold }

  /// Whether both are the same.
  public static func == (a: ThresholdPublicKey, b: ThresholdPublicKey) -> Bool {
    a.digest == b.digest
  }

  /// Hashes the digest.
  public func hash(into hasher: inout Hasher) { hasher.combine(digest) }

  /// The sizes.
  public var description: String {
    "a threshold key of Paillier, \(key.bits) bits, \(threshold) of \(parties) parties"
      + (s > 1 ? ", s = \(s)" : "")
  }

  /// The numbers of ciphertexts of this key.
  ///
  /// - Throws: `ThresholdError.wrongCount` or `.foreignCiphertext`.
  func numbers(_ ciphertexts: [some ThresholdCiphertext]) throws(ThresholdError) -> [BigInteger] {
    guard Self.ciphertextCounts.contains(ciphertexts.count) else {
      throw .wrongCount(ciphertexts.count)
    }
    for (index, ciphertext) in ciphertexts.enumerated() {
      guard ciphertext.key == key, ciphertext.s == s else {
        throw .foreignCiphertext(index: index)
      }
    }
    return ciphertexts.map(\.number)
  }
}

/// A ciphertext that may be shown to the parties of a threshold key. Raw ones may not: they tell
/// how they were computed.
public protocol ThresholdCiphertext: Sendable {
  /// Whose it is.
  var key: PaillierPublicKey { get }
  /// How many times the modulus' length its message has.
  var s: Int { get }
  /// The number, invertible and below n^(s+1).
  var number: BigInteger { get }
}

extension Ciphertext: ThresholdCiphertext {
  /// 1: messages are below n.
  public var s: Int { 1 }
}

extension DamgardJurik.Ciphertext: ThresholdCiphertext {}
