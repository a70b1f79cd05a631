/// Masks of secure aggregation: the stream of a seed of 32 bytes, read as little-endian words and
/// reduced modulo a power of two.
///
/// The stream is AES-256 in counter mode from counter zero (the generator of Bonawitz et al., CCS
/// 2017, section 5), so that a seed must serve one vector only. With `width` bits, word i of a mask
/// is word i of the stream modulo 2^width; words are UInt32 or UInt64, and the two differ.
///
/// A sum of masks is never stored one by one:
///
///     var masked = quantized                       // [UInt32]
///     let masks = neighbours.map { MaskTerm($0.seed, $0.id > myID ? .plus : .minus) }
///     MaskGenerator.add(masks, to: &masked, width: 24)
///
/// The loop takes the vector piece by piece and adds every seed's part of that piece, so that the
/// piece stays in the first level cache however long the vector is.
public enum MaskGenerator {
  /// Bytes of a seed.
  public static let seedCount = 32

  /// Adds or subtracts the masks of all terms, modulo 2^width; what `words` held is reduced too.
  ///
  /// - Parameters:
  ///   - terms: Seeds of 32 bytes with their signs.
  ///   - words: Their first element stands for element `offset` of the masks.
  ///   - width: 1...32.
  ///   - offset: At least 0. Masking ranges on their own gives the same as masking the whole.
  ///   - workers: How many threads share the vector, at least 1; the result does not depend on it.
  /// - Complexity: O(terms * words).
  public static func add(
    _ terms: [MaskTerm], to words: inout [UInt32], width: Int, offset: Int = 0, workers: Int = 1
  ) {
    precondition((1...32).contains(width), "a UInt32 has no \(width) bits")
    check(terms, offset: offset, workers: workers)
    words.withUnsafeMutableBufferPointer {
      OpenSSL.addMasks(
        terms.map(\.seed), signs: signs(of: terms), from: UInt64(offset), to: $0, width: width,
        workers: workers)
    }
  }

  /// The same for words of 64 bits.
  ///
  /// - Parameter width: 1...64.
  public static func add(
    _ terms: [MaskTerm], to words: inout [UInt64], width: Int, offset: Int = 0, workers: Int = 1
  ) {
    precondition((1...64).contains(width), "a UInt64 has no \(width) bits")
    check(terms, offset: offset, workers: workers)
    words.withUnsafeMutableBufferPointer {
      OpenSSL.addMasks(
        terms.map(\.seed), signs: signs(of: terms), from: UInt64(offset), to: $0, width: width,
        workers: workers)
    }
  }

  /// The first `count` words of a seed's mask modulo 2^width, width 1...32.
  public static func expand(_ seed: SecretBytes, count: Int, width: Int) -> [UInt32] {
    var words = [UInt32](repeating: 0, count: count)
    add([MaskTerm(seed, .plus)], to: &words, width: width)
    return words
  }

  /// The first `count` words of 64 bits of a seed's mask modulo 2^width, width 1...64.
  public static func expandWide(_ seed: SecretBytes, count: Int, width: Int) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: count)
    add([MaskTerm(seed, .plus)], to: &words, width: width)
    return words
  }

  private static func check(_ terms: [MaskTerm], offset: Int, workers: Int) {
    precondition(offset >= 0, "a mask has no element \(offset)")
    precondition(workers >= 1, "\(workers) workers can do nothing; give at least 1")
    for term in terms {
      precondition(
        term.seed.count == seedCount, "a mask has a seed of 32 bytes, not \(term.seed.count)")
    }
  }

  private static func signs(of terms: [MaskTerm]) -> [UInt8] {
    terms.map { $0.sign == .plus ? 1 : 0 }
  }
}

/// A mask and whether it is added or subtracted.
public struct MaskTerm: Sendable {
  /// What becomes of the mask.
  public enum Sign: Sendable, Hashable {
    case plus
    case minus
  }

  /// 32 secret bytes.
  public var seed: SecretBytes
  /// Whether the mask is added or subtracted.
  public var sign: Sign

  /// The mask of `seed` with a sign.
  public init(_ seed: SecretBytes, _ sign: Sign) {
    self.seed = seed
    self.sign = sign
  }
}
