/// The generator MT19937 of a seed of 32 bits, which replicas of weak masks draw from.
///
/// Source: Matsumoto, Nishimura 1998, *Mersenne Twister* (ACM TOMACS 8(1)), with the initialisation
/// of 2002, which NumPy's `seed(int)` uses too.
package struct MersenneTwister {
  private static let size = 624
  private static let shift = 397
  private var state: [UInt32]
  private var position = 0

  /// The generator of a seed.
  package init(seed: UInt32) {
    state = [UInt32](repeating: 0, count: Self.size)
    Self.fill(&state, seed)
  }

  private static func fill(_ state: inout [UInt32], _ seed: UInt32) {
    var last = seed
    state[0] = seed
    for index in 1..<state.count {
      last = 1_812_433_253 &* (last ^ last >> 30) &+ UInt32(index)
      state[index] = last
    }
  }

  /// The next word.
  package mutating func next() -> UInt32 {
    // Each word is renewed just before it is handed out.
    let following = (position + 1) % Self.size
    let word = Self.twisted(
      state[position], state[following], state[(position + Self.shift) % Self.size])
    state[position] = word
    position = following
    return Self.tempered(word)
  }

  /// The first words of a seed, by so much of the state as they need: for searching.
  ///
  /// - Precondition: `words` has at most 227 elements, and `state` 397 more.
  package static func first(
    _ words: inout [UInt32], of seed: UInt32, state: inout [UInt32]
  ) {
    precondition(words.count <= size - shift && state.count == words.count + shift)
    fill(&state, seed)
    for index in words.indices {
      words[index] = tempered(twisted(state[index], state[index + 1], state[index + shift]))
    }
  }

  private static func twisted(_ a: UInt32, _ b: UInt32, _ far: UInt32) -> UInt32 {
    let joined = a & 0x8000_0000 | b & 0x7FFF_FFFF
    return far ^ joined >> 1 ^ (joined & 1) &* 0x9908_B0DF
  }

  private static func tempered(_ word: UInt32) -> UInt32 {
    var word = word
    word ^= word >> 11
    word ^= word << 7 & 0x9D2C_5680
    word ^= word << 15 & 0xEFC6_0000
    return word ^ word >> 18
  }
}
