import CryptoCore
import TestSupport
import Testing

@Suite("Masks")
struct MaskGeneratorTests {
  @Test(
    "words are those of AES-256-CTR from zero, little-endian",
    arguments: SymmetricVector.cases(of: "aes-256-ctr").filter { vector in
      vector.iv?.allSatisfy { $0 == "0" } ?? false
    })
  func keystream(vector: SymmetricVector) throws {
    let seed = try secret(#require(vector.key))
    let stream = try bytes(#require(vector.keystream))
    try check(stream, of: seed)
  }

  struct Prng: Decodable, Sendable {
    var id: String
    var seed: String?
    var out: Out

    enum Out: Decodable, Sendable {
      case text(String)
      case list([String])
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do { self = .text(try container.decode(String.self)) } catch {
          self = .list(try container.decode([String].self))
        }
      }
    }
  }

  @Test("words are those of the generator of Google's reference, of one seed")
  func reference() throws {
    let cases = try VectorFile<Prng>(named: "fcp_prng").cases.filter { $0.id == "aes_ctr_prng" }
    #expect(cases.count == 1)
    for vector in cases {
      guard case .text(let out) = vector.out else { continue }
      try check(bytes(out), of: secret(#require(vector.seed)))
    }
  }

  /// A stream from offset 0 and from every other offset, in both widths of words.
  private func check(_ stream: [UInt8], of seed: SecretBytes) throws {
    #expect(stream.count >= 64)
    let narrow = stride(from: 0, to: stream.count - 3, by: 4).map { start in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(stream[start + $1]) << UInt32(8 * $1) }
    }
    let wide = stride(from: 0, to: stream.count - 7, by: 8).map { start in
      (0..<8).reduce(UInt64(0)) { $0 | UInt64(stream[start + $1]) << UInt64(8 * $1) }
    }
    for width in [1, 7, 8, 24, 31, 32] {
      let mask = UInt32.max >> UInt32(32 - width)
      #expect(
        MaskGenerator.expand(seed, count: narrow.count, width: width) == narrow.map { $0 & mask })
    }
    for width in [1, 33, 63, 64] {
      let mask = UInt64.max >> UInt64(64 - width)
      #expect(
        MaskGenerator.expandWide(seed, count: wide.count, width: width) == wide.map { $0 & mask })
    }
    for offset in narrow.indices {
      var words = [UInt32](repeating: 0, count: narrow.count - offset)
      MaskGenerator.add([MaskTerm(seed, .plus)], to: &words, width: 32, offset: offset)
      #expect(words == Array(narrow[offset...]))
    }
    for offset in wide.indices {
      var words = [UInt64](repeating: 0, count: wide.count - offset)
      MaskGenerator.add([MaskTerm(seed, .minus)], to: &words, width: 64, offset: offset)
      #expect(words == wide[offset...].map { 0 &- $0 })
    }
  }

  private func terms(_ count: Int) throws -> [MaskTerm] {
    var source = InsecureSeededSecrets(seed: 7)
    return try (0..<count).map { index in
      MaskTerm(try SecretBytes(random: 32, using: &source), index % 5 < 2 ? .minus : .plus)
    }
  }

  // Lengths around the chunk (8 KiB), seeds around a group (192), and none of either.
  @Test(
    "the fused sum is the sum of the masks one by one",
    arguments: [0, 1, 2047, 2048, 2049, 5000], [0, 1, 3, 191, 192, 193, 400])
  func fused(count: Int, seeds: Int) throws {
    let terms = try terms(seeds)
    let start = (0..<count).map { UInt32(truncatingIfNeeded: $0 &* 2_654_435_761) }
    let width = 22
    var expected = start
    for term in terms {
      let mask = MaskGenerator.expand(term.seed, count: count, width: 32)
      for index in 0..<count {
        expected[index] =
          term.sign == .plus
          ? expected[index] &+ mask[index] : expected[index] &- mask[index]
      }
    }
    expected = expected.map { $0 & (1 << 22 - 1) }
    var words = start
    MaskGenerator.add(terms, to: &words, width: width)
    #expect(words.elementsEqual(expected))
  }

  @Test("ranges on their own and threads give the whole, in both widths of words")
  func ranges() throws {
    let terms = try terms(5)
    let count = 100_003
    // Not by ==, whose report of a failure would look for the least difference of long arrays.
    var narrow = [UInt32](repeating: 5, count: count)
    var wide = [UInt64](repeating: 5, count: count)
    MaskGenerator.add(terms, to: &narrow, width: 30)
    MaskGenerator.add(terms, to: &wide, width: 50)
    for workers in [2, 3, 8] {
      var words = [UInt32](repeating: 5, count: count)
      MaskGenerator.add(terms, to: &words, width: 30, workers: workers)
      #expect(words.elementsEqual(narrow))
      var others = [UInt64](repeating: 5, count: count)
      MaskGenerator.add(terms, to: &others, width: 50, workers: workers)
      #expect(others.elementsEqual(wide))
    }
    var pieces: [UInt32] = []
    for (start, end) in [(0, 1), (1, 6), (6, 50_001), (50_001, count)] {
      var words = [UInt32](repeating: 5, count: end - start)
      MaskGenerator.add(terms, to: &words, width: 30, offset: start)
      pieces += words
    }
    #expect(pieces.elementsEqual(narrow))
  }

  @Test("a mask added and subtracted leaves what was there")
  func cancellation() throws {
    let terms = try terms(7)
    let opposite = terms.map { MaskTerm($0.seed, $0.sign == .plus ? .minus : .plus) }
    var words = (0..<3000).map { UInt32($0) }
    MaskGenerator.add(terms, to: &words, width: 16)
    #expect(words != (0..<3000).map { UInt32($0) })
    MaskGenerator.add(opposite, to: &words, width: 16)
    #expect(words == (0..<3000).map { UInt32($0) })
  }

  @Test("offsets reach the block whose counter no longer fits 32 bits, and those behind it")
  func farOffsets() throws {
    let vector = try #require(
      SymmetricVector.cases(of: "aes-256-ctr").first {
        $0.iv == "000000000000000000000000ffffffff"
      })
    let seed = try secret(#require(vector.key))
    let stream = try bytes(#require(vector.keystream))
    let expected = stride(from: 0, to: stream.count - 7, by: 8).map { start in
      (0..<8).reduce(UInt64(0)) { $0 | UInt64(stream[start + $1]) << UInt64(8 * $1) }
    }
    for skipped in 0..<5 {
      var words = [UInt64](repeating: 0, count: expected.count - skipped)
      MaskGenerator.add(
        [MaskTerm(seed, .plus)], to: &words, width: 64, offset: 0xFFFF_FFFF * 2 + skipped)
      #expect(words == Array(expected[skipped...]))
    }
  }
}
