import CryptoCore
import SecretSharing
import TestSupport
import Testing

@Suite("Sharing by pieces of 31 bits")
struct PieceSharingTests {
  struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    var id: String
    var threshold: Int
    var secret: String
    var shares: [String]
    var coefficients: [[UInt32]]?
    var testDescription: String { "\(id), \(secret.count / 2) bytes, threshold \(threshold)" }
  }

  static let vectors = (try? VectorFile<Vector>(named: "fcp_shamir"))?.cases ?? []

  private func bytes(_ text: String) throws -> SecretBytes {
    let digits = Array(text)
    return SecretBytes(
      copying: try stride(from: 0, to: digits.count, by: 2).map { index in
        try #require(UInt8(String(digits[index...index + 1]), radix: 16))
      })
  }

  @Test("the vector file has the reference's case and three more")
  func vectorsArePresent() {
    #expect(Self.vectors.count == 4)
    #expect(Self.vectors.contains { $0.id == "published" })
  }

  @Test("any threshold of the reference's shares rebuild its secret", arguments: vectors)
  func rebuilt(vector: Vector) throws {
    let secret = try bytes(vector.secret)
    let shares = try vector.shares.map(bytes)
    for subset in subsets(of: shares.count) where subset.count >= vector.threshold {
      let some = subset.map { (client: UInt16($0), value: shares[$0]) }
      let rebuilt = try PieceSharing.reconstruct(some, byteCount: secret.count)
      #expect(rebuilt.isEqual(to: secret))
    }
  }

  @Test("shares equal those computed by its rule", arguments: vectors)
  func shared(vector: Vector) throws {
    guard let coefficients = vector.coefficients else { return }
    let shares = PieceSharing.share(
      try bytes(vector.secret), count: vector.shares.count, coefficients: coefficients)
    for (share, expected) in zip(shares, vector.shares) {
      #expect(try share.isEqual(to: bytes(expected)))
    }
  }

  @Test("what is no share is refused by name")
  func refusals() throws {
    let good = try bytes("70cf762e6ed4aa1c")
    #expect(throws: SharingError.duplicatePoint(3)) {
      try PieceSharing.reconstruct([(2, good), (2, good)], byteCount: 4)
    }
    #expect(throws: SharingError.wrongLength(point: 1, count: 8)) {
      try PieceSharing.reconstruct([(0, good)], byteCount: 8)
    }
    #expect(throws: SharingError.tooFewShares(count: 0, threshold: 1)) {
      try PieceSharing.reconstruct([], byteCount: 4)
    }
    // 2^31 + 11, and a first piece of more than one bit.
    let tooLarge = try bytes("000000008000000b")
    #expect(throws: SharingError.notCanonical(point: 1)) {
      try PieceSharing.reconstruct([(0, tooLarge)], byteCount: 4)
    }
    let tooLong = try bytes("0000000200000000")
    #expect(throws: SharingError.notCanonical(point: nil)) {
      try PieceSharing.reconstruct([(0, tooLong)], byteCount: 4)
    }
  }
}
