public import BigIntegers
internal import Tensors

extension ThresholdPublicKey {
  /// Messages, and whose partial decryptions were left out.
  public struct Combination: Sendable, Hashable {
    /// From 0 up to below n^s, in the order of the ciphertexts.
    public let messages: [BigInteger]
    /// Who was found bad before there were good ones enough, in the order given.
    public let bad: [BadPartial]
  }

  /// The messages of ciphertexts from their partial decryptions.
  ///
  /// Proofs are checked in the order given until there are `threshold` good ones; those behind are
  /// not looked at.
  ///
  /// - Parameters:
  ///   - partials: Of different parties, as they were given.
  ///   - ciphertexts: In the parties' order.
  ///   - session: The bytes the parties were given.
  ///   - workers: Threads; the result does not depend on how many.
  /// - Throws: `ThresholdError.tooFewPartials` with those that were bad, `.wrongCount`,
  ///   `.foreignCiphertext` or `.inconsistentKey`.
  /// - Complexity: The checks of `threshold` good ones and of the bad before them; for each
  ///   ciphertext `threshold` powers of about log2(parties!) bits. Takes a time that depends on the
  ///   ciphertexts and on who gave partial decryptions, not on messages.
  public func combine(
    _ partials: [PartialDecryption], of ciphertexts: [some ThresholdCiphertext],
    session: [UInt8], workers: Int = 1
  ) throws(ThresholdError) -> Combination {
    let numbers = try numbers(ciphertexts)
    var good: [PartialDecryption] = []
    var bad: [BadPartial] = []
    for partial in partials {
      if good.count == threshold { break }
      if good.contains(where: { $0.party == partial.party }) {
        bad.append(BadPartial(party: partial.party, flaw: .repeated))
      } else if let flaw = flaw(of: partial, numbers: numbers, session: session) {
        bad.append(BadPartial(party: partial.party, flaw: flaw))
      } else {
        good.append(partial)
      }
    }
    guard good.count == threshold else {
      throw .tooFewPartials(good: good.count, threshold: threshold, bad: bad)
    }
    return Combination(messages: try combine(proven: good, workers: workers), bad: bad)
  }

  /// The messages from proven partial decryptions of `threshold` parties.
  private func combine(
    proven partials: [PartialDecryption], workers: Int
  ) throws(ThresholdError) -> [BigInteger] {
    let exponents = Self.weights(of: partials.map(\.party), delta: context.delta).map { 2 * $0 }
    let messages = ThresholdLogarithm(context)
    return try WorkerPool.map(partials[0].count, workers: workers) {
      (index, _) throws(ThresholdError) in
      var product: BigInteger = 1
      for (partial, exponent) in zip(partials, exponents) {
        guard let power = context.power(partial.numbers[index], exponent) else {
          throw .inconsistentKey
        }
        product = product * power % context.ciphertextModulus
      }
      guard product % key.n == 1 else { throw .inconsistentKey }
      return messages(product)
    }
  }

  /// lambda_i = D prod_j j / (j - i), over the other parties: integers, for D is a multiple of what
  /// they are divided by.
  package static func weights(of parties: [Int], delta: BigInteger) -> [BigInteger] {
    parties.map { own in
      let others = parties.filter { $0 != own }
      let numerator = others.reduce(delta) { $0 * BigInteger($1) }
      return numerator / others.reduce(1) { $0 * BigInteger($1 - own) }
    }
  }
}

/// Messages of (1 + n)^(4 D^2 m), in a time that does not depend on them.
private struct ThresholdLogarithm: Sendable {
  private let powers: [SecretInteger]
  private let factorialInverses: [SecretInteger]
  private let scale: SecretInteger

  init(_ context: ThresholdContext) {
    powers = (1...context.s + 1).map {
      let power = context.key.n.power($0)
      return SecretInteger(power, wordCount: power.magnitudeWords.count)
    }
    let messages = powers[context.s - 1]
    factorialInverses = PrimePower.factorialInverses(s: context.s, modulo: messages)
    let inverse = (4 * context.delta * context.delta).inverse(modulo: context.messageModulus)
    scale = SecretInteger(inverse ?? 1, wordCount: messages.wordCount)
  }

  func callAsFunction(_ power: BigInteger) -> BigInteger {
    let messages = powers[powers.count - 2]
    let number = SecretInteger(power, wordCount: powers[powers.count - 1].wordCount)
    return PrimePower.logarithm(number, powers: powers, factorialInverses: factorialInverses)
      .multiplied(by: scale, modulo: messages).revealed()
  }
}

extension PackedEncoding {
  /// The sums of a packed vector from partial decryptions of its ciphertexts, and whose were left
  /// out.
  ///
  /// - Parameters:
  ///   - partials: Of `vector.ciphertexts`, as they were given.
  ///   - vector: What was decrypted.
  ///   - key: The threshold key, whose `key` encrypted the vector.
  ///   - session: The bytes the parties were given.
  ///   - workers: Threads.
  /// - Throws: What `ThresholdPublicKey.combine` throws; `.paillier` with `.mismatchedPacking` or
  ///   `.slotOverflow`.
  public func combine(
    _ partials: [PartialDecryption], of vector: PackedVector<Ciphertext>,
    with key: ThresholdPublicKey, session: [UInt8], workers: Int = 1
  ) throws(ThresholdError) -> (sums: [Int], bad: [BadPartial]) {
    guard vector.packing == self else { throw .paillier(.mismatchedPacking) }
    let found = try key.combine(
      partials, of: vector.ciphertexts, session: session, workers: workers)
    let sums = try ThresholdError.wrapping { () throws(PaillierError) in
      try decode(found.messages, count: vector.count, weight: vector.weight)
    }
    return (sums, found.bad)
  }
}
