internal import BigIntegers
internal import CryptoCore

extension SecretInteger {
  /// A number of at most `bits` bits, all of them random.
  convenience init(randomBits bits: Int, using source: inout some SecretSource)
    throws(PaillierError)
  {
    let failure: SystemRandomness.Failure
    do throws(SystemRandomness.Failure) {
      try self.init(wordCount: (bits + 63) / 64) { words throws(SystemRandomness.Failure) in
        try source.fill(UnsafeMutableRawBufferPointer(words))
        words[words.count - 1] &= UInt64.max >> UInt64(64 * words.count - bits)
      }
      return
    } catch {
      failure = error
    }
    throw .randomness(failure)
  }

  /// A random number of exactly `bits` bits that is 3 modulo 4, its two highest bits set: so that a
  /// product of two such primes has twice as many bits.
  static func primeCandidate(
    bits: Int, using source: inout some SecretSource
  ) throws(PaillierError) -> SecretInteger {
    let draw = try SecretInteger(randomBits: bits, using: &source)
    return SecretInteger(wordCount: draw.wordCount) { words in
      draw.withWords { for index in words.indices { words[index] = $0[index] } }
      words[0] |= 3
      for bit in [bits - 1, bits - 2] { words[bit / 64] |= 1 << UInt64(bit % 64) }
    }
  }

  /// A number from 1 up to below `bound`, uniform, as wide as it; by rejection, which tells nothing
  /// of the number taken.
  static func random(
    below bound: SecretInteger, using source: inout some SecretSource
  ) throws(PaillierError) -> SecretInteger {
    let bits = bound.bitWidth
    while true {
      let draw = try SecretInteger(randomBits: bits, using: &source)
        .resized(to: bound.wordCount)
      if draw.isLess(than: bound), !draw.isZero { return draw }
    }
  }

  /// A number from 1 up to below `bound` that has no divisor in common with it.
  static func randomUnit(
    modulo bound: SecretInteger, using source: inout some SecretSource
  ) throws(PaillierError) -> SecretInteger {
    while true {
      let draw = try random(below: bound, using: &source)
      if gcd(draw, bound).equals(1) { return draw }
    }
  }

  /// Whether this is a small number, told without telling more.
  func equals(_ small: UInt64) -> Bool {
    withWords { words in
      words.dropFirst().reduce(words[0] ^ small, |) == 0
    }
  }

  /// The small number, as wide as said.
  convenience init(small: UInt64, wordCount: Int) {
    self.init(wordCount: wordCount) { $0[0] = small }
  }
}
