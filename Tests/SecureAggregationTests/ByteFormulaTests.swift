import Federation
import SecureAggregation
import TestSupport
import Testing

@Suite("Bytes of double masking against the formula of Bonawitz et al. 2017, section 7.1")
struct ByteFormulaTests {
  /// (2n + 5n - 4) · 256 bits of keys and shares, and the vector.
  private static func formula(_ n: Int, elements: Int, bits: Int) -> Int {
    (2 * n + 5 * n - 4) * 32 + (elements * bits + 7) / 8
  }

  /// Everything one of `n` clients sends and receives beyond that.
  private static func framing(_ n: Int) -> Int {
    let envelopes = 7 * 153
    let lists = 4 * 4
    // Its own keys come back to it; numbers and commitments of all, and its own commitment.
    let keys = 64 + n * (4 + 32) + 32
    // A number and a tag on each pair of shares, both ways; a number and a kind on each opened one.
    let shares = 2 * (n - 1) * (4 + 16) + n * (4 + 1)
    // A bit of the list of survivors each.
    return envelopes + lists + keys + shares + (n + 7) / 8
  }

  @Test("what a client sends and receives is the formula and the framing, to the byte")
  func exact() throws {
    for (n, dimension, bits) in [(2, 1, 20), (5, 40, 24), (13, 300, 40)] {
      let run = try MaskingCase(
        clients: n, threshold: n / 2 + 1, security: .semiHonest, dimension: dimension, bits: bits
      ).run()
      let bytes = run.costs.reduce(0) { $0 + $1.bytes }
      #expect(
        bytes == n * (Self.formula(n, elements: dimension, bits: bits) + Self.framing(n)),
        "\(n) clients: \(Double(bytes) / Double(n))")
    }
  }

  @Test("at the paper's sizes it is the paper's, and framing adds three percent for 100 clients")
  func sizes() {
    // 100,000 coordinates of 16 bits: 303 KiB of 100 clients, 414 of 500, 536 of 1,000.
    for (n, kibibytes) in [(100, 303), (500, 414), (1000, 536)] {
      let ring = 16 + Int.bitWidth - (n - 1).leadingZeroBitCount
      let bytes = Self.formula(n, elements: 100_000, bits: ring)
      #expect(Int((Double(bytes) / 1024).rounded()) == kibibytes)
      #expect(Double(Self.framing(n)) < (n == 100 ? 0.03 : 0.15) * Double(bytes))
    }
  }
}
