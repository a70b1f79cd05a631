public import Randomness

/// Damages files as accidents and attackers do: flipped bits, cuts, splices, lengths that lie.
///
/// Deterministic: the generator decides everything.
public struct Mutator {
  private var generator: Generator
  private let corpus: [[UInt8]]
  /// Byte strings that mean something to the format, put in here and there.
  private let words: [[UInt8]]

  /// A source of damaged copies of `corpus`.
  public init(_ corpus: [[UInt8]], words: [String] = [], generator: Generator) {
    self.corpus = corpus
    self.words = words.map { Array($0.utf8) }
    self.generator = generator
  }

  /// The next input: one file of the corpus after one to eight edits.
  public mutating func next() -> [UInt8] {
    var bytes = corpus[generator.uniform(below: corpus.count)]
    let edits = generator.bernoulli(0.5) ? 1 : 1 + generator.uniform(below: 8)
    for _ in 0..<edits { edit(&bytes) }
    return bytes
  }

  private mutating func edit(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else {
      bytes = (0..<generator.uniform(below: 40)).map { _ in UInt8(generator.uniform(below: 256)) }
      return
    }
    // Half of the edits go to the first bytes, where headers are.
    let reach = generator.bernoulli(0.5) ? min(bytes.count, 64) : bytes.count
    let place = generator.uniform(below: reach)
    switch generator.uniform(below: 9) {
    case 0: bytes[place] ^= 1 << UInt8(generator.uniform(below: 8))
    case 1: bytes[place] = UInt8(generator.uniform(below: 256))
    case 2: bytes.removeSubrange(place...)
    case 3: bytes.removeSubrange(place..<min(place + generator.uniform(below: 16), bytes.count))
    case 4:
      let end = min(place + generator.uniform(below: 64), bytes.count)
      bytes.insert(contentsOf: Array(bytes[place..<end]), at: generator.uniform(below: bytes.count))
    case 5:
      // A splice: the end of another file of the corpus.
      let other = corpus[generator.uniform(below: corpus.count)]
      bytes = Array(bytes[..<place]) + other.suffix(generator.uniform(below: other.count + 1))
    case 6:
      // Lengths and counts: two, four or eight bytes, either order, extreme or off by one.
      let width = [2, 4, 8][generator.uniform(below: 3)]
      let value = [
        0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, UInt64.max >> 1, UInt64.max,
        UInt64(bytes.count), UInt64(bytes.count) + 1,
      ][generator.uniform(below: 12)]
      let isBigEndian = generator.bernoulli(0.5)
      for index in 0..<width where place + index < bytes.count {
        let shift = 8 * (isBigEndian ? width - 1 - index : index)
        bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(shift))
      }
    case 7 where !words.isEmpty:
      let word = words[generator.uniform(below: words.count)]
      bytes.replaceSubrange(place..<min(place + word.count, bytes.count), with: word)
    default:
      guard !words.isEmpty else {
        return bytes.swapAt(place, generator.uniform(below: bytes.count))
      }
      bytes.insert(contentsOf: words[generator.uniform(below: words.count)], at: place)
    }
  }
}
