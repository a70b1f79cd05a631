package import BigIntegers
public import CryptoCore

/// What one party gives of the messages of ciphertexts: a number for each, and a proof that it has
/// computed them with its share.
public struct PartialDecryption: Sendable, Hashable {
  /// The digest of the threshold key it is of.
  public let keyDigest: SHA256.Digest
  /// Who gives it.
  public let party: Int
  /// c^(2 D s_i), in the order of the ciphertexts.
  package let numbers: [BigInteger]
  /// e, below 2^256.
  let challenge: BigInteger
  /// z = r + e s_i.
  let response: BigInteger
  /// Bytes of a number and of the response.
  let numberWidth: Int
  let responseWidth: Int

  init(
    context: ThresholdContext, keyDigest: SHA256.Digest, party: Int, numbers: [BigInteger],
    challenge: BigInteger, response: BigInteger
  ) {
    self.keyDigest = keyDigest
    self.party = party
    self.numbers = numbers
    self.challenge = challenge
    self.response = response
    numberWidth = context.numberBytes
    responseWidth = 8 * context.responseWords
  }

  /// How many ciphertexts it is for.
  public var count: Int { numbers.count }
}

extension ThresholdPublicKey {
  /// What is wrong with a partial decryption of ciphertexts in a session; nil if it is good.
  ///
  /// - Parameters:
  ///   - partial: As its party gave it.
  ///   - ciphertexts: In the party's order.
  ///   - session: The bytes the party was given.
  /// - Throws: `ThresholdError.wrongCount` or `.foreignCiphertext`.
  /// - Complexity: For k ciphertexts 2 k powers of 128 bits, and two of (s + 1) times the modulus'
  ///   bits.
  public func flaw(
    of partial: PartialDecryption, of ciphertexts: [some ThresholdCiphertext], session: [UInt8]
  ) throws(ThresholdError) -> BadPartial.Flaw? {
    flaw(of: partial, numbers: try numbers(ciphertexts), session: session)
  }

  func flaw(
    of partial: PartialDecryption, numbers: [BigInteger], session: [UInt8]
  ) -> BadPartial.Flaw? {
    guard partial.keyDigest == digest else { return .foreignKey }
    guard partial.count == numbers.count else { return .wrongCount(partial.count) }
    let statement = ThresholdStatement(
      key: self, party: partial.party, session: session, ciphertexts: numbers,
      powers: partial.numbers)
    return statement.isProven(challenge: partial.challenge, response: partial.response)
      ? nil : .wrongProof
  }
}
