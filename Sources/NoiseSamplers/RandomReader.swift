import CryptoCore

/// Reads a source of random bits word by word: what every sampler draws from.
///
/// Words are fetched many at a time, erased as they are handed out, and what is left is erased in the
/// end. The reader cannot be copied: a copy would hand out the same bits twice.
///
/// ```swift
/// var reader = RandomReader(SystemBits())
/// let noise = try DiscreteGaussian(standardDeviation: 40).sample(1000, using: &reader)
/// noise.randomness   // .operatingSystem
/// ```
public struct RandomReader: ~Copyable {
  private var source: any RandomBits
  private let words: UnsafeMutableBufferPointer<UInt64>
  private var position: Int
  /// Where the bits come from.
  public let kind: RandomnessKind

  /// Reads `source`, `block` words at a time.
  ///
  /// - Precondition: `block` is positive.
  public init(_ source: some RandomBits, block: Int = 512) {
    precondition(block > 0, "a block holds a word or more")
    self.source = source
    kind = source.kind
    words = .allocate(capacity: block)
    words.initialize(repeating: 0)
    position = block
  }

  deinit {
    SystemRandomness.cleanse(UnsafeMutableRawBufferPointer(words))
    words.deallocate()
  }

  /// The next 64 bits.
  @inline(__always)
  public mutating func next() throws(NoiseError) -> UInt64 {
    if position == words.count { try refill() }
    let word = words[position]
    words[position] = 0
    position += 1
    return word
  }

  /// Overwrites memory with the source's next bits, past those that wait to be handed out.
  ///
  /// The memory is the caller's to erase, by `erase(_:)`.
  package mutating func fill(
    _ out: UnsafeMutableBufferPointer<UInt64>
  ) throws(NoiseError) { try source.fill(out) }

  /// Overwrites used bits with zeros.
  package func erase(_ used: UnsafeMutableBufferPointer<UInt64>) {
    SystemRandomness.cleanse(UnsafeMutableRawBufferPointer(used))
  }

  @inline(never)
  private mutating func refill() throws(NoiseError) {
    try source.fill(words)
    position = 0
  }

  /// An integer drawn uniformly from 0 ..< `bound`, exactly: products that would favour a value are
  /// rejected (Lemire, "Fast random integer generation in an interval", 2019, section 4).
  ///
  /// - Precondition: `bound` is positive.
  @inline(__always)
  public mutating func uniform(below bound: UInt64) throws(NoiseError) -> UInt64 {
    var product = try next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let excess = (0 &- bound) % bound
      while product.low < excess { product = try next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }
}
