internal import BigIntegers
internal import CryptoCore

/// What a party proves of its partial decryptions c_ij of ciphertexts c_j: one s_i makes them, the
/// one in its verification key.
///
///     log_A B = log_V v_i    with A = (prod_j c_j^w_j)^(4 D),  B = (prod_j c_ij^w_j)^2,  V = v^D
///
/// This is the proof of Chaum and Pedersen (CRYPTO 1992) over squares of unknown order (Shoup,
/// EUROCRYPT 2000, section 3.2), non-interactive by SHA-256 (Fiat, Shamir): with a = A^r, b = V^r,
/// e = H(all of the statement, a, b) and z = r + e s_i, who checks computes a = A^z B^-e and
/// b = V^z v_i^-e. r is 128 bits longer than e s_i. Weights of 128 bits that come from the statement
/// join the ciphertexts (Bellare, Garay, Rabin, EUROCRYPT 1998): since squares have no element of
/// small order but 1, a wrong part survives with a probability of 2^-128. Squaring makes squares of
/// what is given.
struct ThresholdStatement {
  let key: ThresholdPublicKey
  let party: Int
  /// SHA-256 of all that is stated.
  let digest: SHA256.Digest
  /// A and V.
  let bases: [BigInteger]
  /// B and v_i.
  let targets: [BigInteger]

  init(
    key: ThresholdPublicKey, party: Int, session: [UInt8], ciphertexts: [BigInteger],
    powers: [BigInteger]
  ) {
    let context = key.context
    self.key = key
    self.party = party
    var hasher = SHA256()
    hasher.update("Rampart threshold Paillier, statement, 1")
    hasher.update(key.digest.bytes)
    hasher.update(BigInteger(party).bytes(count: 4))
    hasher.update(BigInteger(session.count).bytes(count: 8))
    hasher.update(session)
    hasher.update(BigInteger(ciphertexts.count).bytes(count: 4))
    for number in ciphertexts + powers { hasher.update(context.bytes(number)) }
    let digest = hasher.finalize()
    self.digest = digest
    let weights = ciphertexts.indices.map { Self.weight($0, of: digest) }
    let modulus = context.ciphertextModulus
    bases = [
      context.product(ciphertexts, to: weights).power(4 * context.delta, modulo: modulus),
      key.base.power(context.delta, modulo: modulus),
    ]
    let joined = context.product(powers, to: weights)
    targets = [joined * joined % modulus, key.verificationKeys[party - 1]]
  }

  /// 1 for the first ciphertext, 128 bits of a digest for others.
  private static func weight(_ index: Int, of digest: SHA256.Digest) -> BigInteger {
    guard index > 0 else { return 1 }
    var hasher = SHA256()
    hasher.update("Rampart threshold Paillier, weight, 1")
    hasher.update(digest.bytes)
    hasher.update(BigInteger(index).bytes(count: 4))
    return BigInteger(bytes: Array(hasher.finalize().bytes.prefix(16)))
  }

  /// e, for a and b.
  func challenge(_ commitments: [BigInteger]) -> BigInteger {
    var hasher = SHA256()
    hasher.update("Rampart threshold Paillier, challenge, 1")
    hasher.update(digest.bytes)
    for number in commitments { hasher.update(key.context.bytes(number)) }
    return BigInteger(bytes: hasher.finalize().bytes)
  }

  /// Whether (e, z) proves the statement.
  func isProven(challenge: BigInteger, response: BigInteger) -> Bool {
    let context = key.context
    var commitments: [BigInteger] = []
    for (base, target) in zip(bases, targets) {
      guard let quotient = context.power(target, -challenge) else { return false }
      commitments.append(
        base.power(response, modulo: context.ciphertextModulus) * quotient
          % context.ciphertextModulus)
    }
    return self.challenge(commitments) == challenge
  }
}
