/// Why a threshold key, a share of one or a partial decryption is refused.
public enum ThresholdError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was to be read.
  public enum Message: String, Sendable, Hashable {
    /// Of everybody.
    case publicKey = "public threshold key"
    /// Of one party.
    case keyShare = "share of a threshold key"
    /// What a party gives away of ciphertexts.
    case partialDecryption = "partial decryption"
  }

  // Dealing.

  /// More parties than there can be, or none.
  case partiesOutOfRange(Int)
  /// A threshold that is not between 1 and the number of parties.
  case thresholdOutOfRange(threshold: Int, parties: Int)
  /// This factor less one, halved, is not a prime.
  case notSafePrime(PaillierError.Factor)
  /// Factors of different sizes.
  case unequalFactors
  /// Factors near enough for Fermat's method.
  case nearFactors
  /// A modulus whose bits do not fill its words: shares would tell how long they are.
  case unusableSize(bits: Int)
  /// The modulus or a factor is not one of Paillier's, or the source gave no randomness.
  case paillier(PaillierError)

  // Messages.

  /// Bytes that are not what was to be read, and why.
  case malformed(Message, String)
  /// A share of another key.
  case foreignKey
  /// The secret of this party's share is not the one its verification key belongs to.
  case wrongShare(party: Int)

  // Decrypting.

  /// No ciphertexts, or more than one message takes.
  case wrongCount(Int)
  /// The ciphertext at this place is of another key or another length of messages.
  case foreignCiphertext(index: Int)
  /// Fewer good partial decryptions than the threshold, and those that were bad.
  case tooFewPartials(good: Int, threshold: Int, bad: [BadPartial])
  /// Good partial decryptions that give no message: the dealer's key is wrong.
  case inconsistentKey

  /// One sentence.
  public var description: String {
    switch self {
    case .partiesOutOfRange(let count):
      "\(count) parties: there are \(ThresholdPublicKey.partyCounts)"
    case .thresholdOutOfRange(let threshold, let parties):
      "a threshold of \(threshold) for \(parties) parties: it is between 1 and their number"
    case .notSafePrime(let factor):
      "\(factor.rawValue) is not a safe prime: (p - 1) / 2 must be one"
    case .unequalFactors: "the factors differ in size: take two primes of the same bits"
    case .nearFactors: "the factors are too near each other: Fermat's method may find them"
    case .unusableSize(let bits):
      "a modulus of \(bits) bits: a threshold key has a multiple of 64 of them"
    case .paillier(let error): error.description
    case .malformed(let message, let reason): "not a \(message.rawValue): \(reason)"
    case .foreignKey: "the share is of another key"
    case .wrongShare(let party):
      "the share of party \(party) does not belong to its verification key"
    case .wrongCount(let count):
      "\(count) ciphertexts: a message takes \(ThresholdPublicKey.ciphertextCounts)"
    case .foreignCiphertext(let index): "the ciphertext at \(index) is of another key"
    case .tooFewPartials(let good, let threshold, let bad):
      "\(good) good partial decryptions, and \(threshold) are needed"
        + (bad.isEmpty ? "" : "; bad: " + bad.map(\.description).joined(separator: ", "))
    case .inconsistentKey: "proven partial decryptions give no message: the key was dealt wrongly"
    }
  }

  /// What Paillier's part throws, as one of these.
  static func wrapping<Result>(
    _ body: () throws(PaillierError) -> Result
  ) throws(ThresholdError) -> Result {
    do throws(PaillierError) { return try body() } catch { throw .paillier(error) }
  }
}

/// A partial decryption that was left out.
public struct BadPartial: Sendable, Hashable, CustomStringConvertible {
  /// What is wrong with it.
  public enum Flaw: Sendable, Hashable {
    /// It is of another threshold key.
    case foreignKey
    /// It is for so many ciphertexts, not for those there are.
    case wrongCount(Int)
    /// Its proof does not hold: for these ciphertexts, in this session, by this party.
    case wrongProof
    /// The party has given another one before.
    case repeated
  }

  /// Who gave it.
  public let party: Int
  /// Why it was left out.
  public let flaw: Flaw

  /// A bad partial decryption of a party.
  public init(party: Int, flaw: Flaw) {
    self.party = party
    self.flaw = flaw
  }

  /// The party and what is wrong.
  public var description: String {
    switch flaw {
    case .foreignKey: "party \(party) (another key)"
    case .wrongCount(let count): "party \(party) (\(count) numbers)"
    case .wrongProof: "party \(party) (no proof)"
    case .repeated: "party \(party) (given twice)"
    }
  }
}
