import CryptoCore
public import Randomness

/// Where a sampler's random bits come from.
public protocol RandomBits: Sendable {
  /// What is recorded about the source.
  var kind: RandomnessKind { get }

  /// Fills memory with independent, uniformly distributed bits.
  ///
  /// - Throws: `NoiseError.randomness`; the memory then holds nothing to rely on.
  mutating func fill(_ words: UnsafeMutableBufferPointer<UInt64>) throws(NoiseError)
}

/// A seeded generator's bits: reproducible, and so no secret from who knows the seed. Experiments only.
public struct SeededBits: RandomBits {
  private var generator: Generator

  /// The bits of `generator`, from where it stands.
  public init(_ generator: Generator) { self.generator = generator }

  /// `.seeded`.
  public var kind: RandomnessKind { .seeded }

  /// The generator's next words.
  public mutating func fill(_ words: UnsafeMutableBufferPointer<UInt64>) throws(NoiseError) {
    generator.fillWords(words)
  }
}

/// The operating system's bits, through OpenSSL's private generator: for releases.
public struct SystemBits: RandomBits {
  /// The one source there is.
  public init() {}

  /// `.operatingSystem`.
  public var kind: RandomnessKind { .operatingSystem }

  /// Fresh bits.
  public mutating func fill(_ words: UnsafeMutableBufferPointer<UInt64>) throws(NoiseError) {
    do {
      try SystemRandomness.fill(UnsafeMutableRawBufferPointer(words))
    } catch {
      throw .randomness(error.description)
    }
  }
}
