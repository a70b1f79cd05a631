internal import CryptoCore
internal import SecureAggregation
internal import Tensors

/// Exhaustive search for the seeds of masks.
///
/// What is known of an input is that it is an encoding: codes have fewer bits than words of the
/// ring. Of a wrong seed's unmasked words each is a code with probability 2^bits / R only, so that
/// a few dozen words tell the right seed from all others.
struct SeedSearch {
  /// How many words of a mask are looked at.
  static let words = 32

  /// The masked input, its first words.
  let masked: [UInt32]
  let ring: MaskRing
  /// The largest code.
  let largest: UInt32

  init(_ masked: RingVector, _ encoding: FixedPointEncoding) {
    self.masked = masked.elements.prefix(Self.words).map { UInt32($0) }
    ring = masked.ring
    largest = UInt32(encoding.largestCode)
  }

  private var mask: UInt32 { UInt32(ring.mask) }

  /// Whether taking these words off leaves codes.
  private func isPlausible(_ words: [UInt32]) -> Bool {
    for index in masked.indices where (masked[index] &- words[index]) & mask > largest {
      return false
    }
    return true
  }

  /// What a search came to.
  struct Result {
    /// All seeds that leave codes.
    var seeds: [[UInt32]] = []
    /// How many seeds, or pairs, were covered.
    var covered = 0.0
    var seconds = 0.0
  }

  /// All seeds below 2^bits of the Mersenne Twister whose mask was added.
  func twister(bits: Int, workers: Int) -> Result {
    search(bits: bits, workers: workers) { seeds in
      var found: [UInt32] = []
      var words = [UInt32](repeating: 0, count: masked.count)
      var state = [UInt32](repeating: 0, count: masked.count + 397)
      for seed in seeds {
        MersenneTwister.first(&words, of: UInt32(seed), state: &state)
        if isPlausible(words) { found.append(UInt32(seed)) }
      }
      return found
    }
  }

  /// The same for the generator of this library, whose seeds have 256 bits: those of which all but
  /// the first `bits` are zero.
  func aes(bits: Int, workers: Int) -> Result {
    search(bits: bits, workers: workers) { seeds in
      var found: [UInt32] = []
      for seed in seeds {
        let words = MaskGenerator.expand(
          Self.aesSeed(UInt32(seed)), count: masked.count, width: ring.bits)
        if isPlausible(words) { found.append(UInt32(seed)) }
      }
      return found
    }
  }

  /// A seed of 32 bytes of which all but the first 4 are zero.
  static func aesSeed(_ number: UInt32) -> SecretBytes {
    var bytes = [UInt8](repeating: 0, count: MaskGenerator.seedCount)
    for place in 0..<4 { bytes[place] = UInt8(truncatingIfNeeded: number >> UInt32(8 * place)) }
    return SecretBytes(copying: bytes)
  }

  private func search(
    bits: Int, workers: Int, _ part: @Sendable (Range<Int>) -> [UInt32]
  ) -> Result {
    let clock = ContinuousClock()
    let began = clock.now
    let size = 1 << bits
    let parts = min(64, size)
    let found = WorkerPool.map(parts, workers: workers) { index, _ in
      part(size / parts * index..<size / parts * (index + 1))
    }
    return Result(
      seeds: found.flatMap { $0 }.map { [$0] }, covered: Double(size),
      seconds: (clock.now - began) / .seconds(1))
  }

  /// All pairs of seeds below 2^bits of which the first one's mask was added and the second one's
  /// subtracted.
  ///
  /// The highest bits of y - PRG(s) and of -PRG(s') agree up to a carry for the right pair: a table
  /// of the first, looked up for every second with every pattern of carries. Time O(2^bits 2^k)
  /// with k words in the key instead of O(4^bits), memory O(2^bits).
  func pairs(bits: Int) -> Result {
    let clock = ContinuousClock()
    let began = clock.now
    let size = 1 << bits
    let codeBits = 32 - largest.leadingZeroBitCount
    let slack = ring.bits - codeBits
    let words = min(8, (bits + 2 + slack - 1) / slack)
    let masks = (0..<size).map { seed in
      var words = [UInt32](repeating: 0, count: masked.count)
      var state = [UInt32](repeating: 0, count: masked.count + 397)
      MersenneTwister.first(&words, of: UInt32(seed), state: &state)
      return words
    }
    // Seeds with the same key are chained.
    var head = [Int32](repeating: -1, count: 1 << (slack * words))
    var next = [Int32](repeating: -1, count: size)
    for seed in 0..<size {
      var key = 0
      for word in 0..<words {
        let high = (masked[word] &- masks[seed][word]) & mask
        key = key << slack | Int(high >> UInt32(codeBits))
      }
      next[seed] = head[key]
      head[key] = Int32(seed)
    }
    var found: [[UInt32]] = []
    for second in 0..<size {
      for carries in 0..<(1 << words) {
        var key = 0
        for word in 0..<words {
          let high = Int((0 &- masks[second][word]) & mask) >> codeBits + carries >> word & 1
          key = key << slack | high & (1 << slack - 1)
        }
        var first = head[key]
        while first >= 0 {
          if isPlausible(masks[Int(first)], less: masks[second]) {
            found.append([UInt32(first), UInt32(second)])
          }
          first = next[Int(first)]
        }
      }
    }
    return Result(
      seeds: found, covered: Double(size) * Double(size),
      seconds: (clock.now - began) / .seconds(1))
  }

  private func isPlausible(_ plus: [UInt32], less minus: [UInt32]) -> Bool {
    for index in masked.indices
    where (masked[index] &- plus[index] &+ minus[index]) & mask > largest {
      return false
    }
    return true
  }
}
