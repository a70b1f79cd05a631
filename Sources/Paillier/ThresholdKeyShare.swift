internal import BigIntegers
public import CryptoCore
internal import Tensors

/// What one party has of a threshold key.
///
/// Decrypting takes a time that depends on the key's size alone. Nothing of the secret is printed;
/// its memory is zeroed when the last copy goes.
public struct ThresholdKeyShare: Sendable {
  /// Whose share it is, 1...parties.
  public let party: Int
  /// What everybody knows of the key.
  public let key: ThresholdPublicKey
  /// s_i, modulo n^s m'.
  let secret: SecretInteger

  init(unchecked secret: SecretInteger, party: Int, key: ThresholdPublicKey) {
    self.secret = secret
    self.party = party
    self.key = key
  }

  /// A share that belongs to the verification key of its party.
  ///
  /// - Throws: `ThresholdError.wrongShare`.
  init(_ secret: SecretInteger, party: Int, key: ThresholdPublicKey) throws(ThresholdError) {
    let context = key.context
    let raised = key.base.power(context.delta, modulo: context.ciphertextModulus)
    let power = context.modulus.power(context.residue(raised), secret).revealed()
    guard power == key.verificationKeys[party - 1] else { throw .wrongShare(party: party) }
    self.init(unchecked: secret, party: party, key: key)
  }

  /// This party's part of the messages of ciphertexts, with one proof for all of them.
  ///
  /// The proof names the session: what was given for one sum is none for another. Whatever a
  /// threshold of parties give parts of is decrypted, so that parties agree on what that is before.
  ///
  /// - Parameters:
  ///   - ciphertexts: 1...65,536 of them, in everybody's order.
  ///   - session: What is decrypted and when, any bytes; the same for all parties.
  ///   - workers: Threads; the result does not depend on how many.
  ///   - source: Gives the proof's nonce. One that repeats gives the share away.
  /// - Throws: `ThresholdError.wrongCount`, `.foreignCiphertext` or `.paillier(.randomness)`.
  /// - Complexity: For k ciphertexts k + 2 powers of (s + 1) times the modulus' bits, and 3 k short
  ///   ones.
  public func partialDecryption(
    of ciphertexts: [some ThresholdCiphertext], session: [UInt8], workers: Int = 1,
    using source: inout some SecretSource
  ) throws(ThresholdError) -> PartialDecryption {
    let context = key.context
    let numbers = try key.numbers(ciphertexts)
    let doubled = 2 * context.delta
    let secret = secret
    let powers = WorkerPool.map(numbers.count, workers: workers) { index, _ in
      let base = numbers[index].power(doubled, modulo: context.ciphertextModulus)
      return context.modulus.power(context.residue(base), secret).revealed()
    }
    let statement = ThresholdStatement(
      key: key, party: party, session: session, ciphertexts: numbers, powers: powers)
    let nonce = try ThresholdError.wrapping { () throws(PaillierError) in
      try SecretInteger(randomBits: 64 * context.responseWords - 1, using: &source)
    }
    let commitments = statement.bases.map {
      context.modulus.power(context.residue($0), nonce).revealed()
    }
    let challenge = statement.challenge(commitments)
    // Below 2^(64 words): the product is 128 bits shorter than the nonce may be.
    let response =
      (nonce + secret * SecretInteger(challenge, wordCount: ThresholdContext.challengeWords))
      .resized(to: context.responseWords)
    return PartialDecryption(
      context: context, keyDigest: key.digest, party: party, numbers: powers,
      challenge: challenge, response: response.revealed())
  }

  /// The same with randomness of the operating system.
  ///
  /// - Throws: `ThresholdError.wrongCount`, `.foreignCiphertext` or `.paillier(.randomness)`.
  public func partialDecryption(
    of ciphertexts: [some ThresholdCiphertext], session: [UInt8], workers: Int = 1
  ) throws(ThresholdError) -> PartialDecryption {
    var source = SystemRandomness()
    return try partialDecryption(
      of: ciphertexts, session: session, workers: workers, using: &source)
  }
}

extension ThresholdKeyShare: CustomStringConvertible, CustomReflectable {
  /// The party and the sizes, nothing else.
  public var description: String { "the share of party \(party) of \(key)" }

  /// Shows the party, nothing else.
  public var customMirror: Mirror { Mirror(self, children: ["party": party]) }
}
