import CryptoCore
import TestSupport
import Testing

@Suite("SHA-256")
struct SHA256Tests {
  struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    var alg: String
    var ref: String
    var msg: String?
    var `repeat`: Int?
    var out: String?
    var testDescription: String { "\(ref), \(`repeat` ?? 1) x \(msg?.count ?? 0) digits" }
  }

  static let vectors =
    (try? VectorFile<Vector>(named: "symmetric"))?.cases
    .filter { $0.alg == "sha-256" } ?? []

  @Test("the vector file has the four FIPS 180 cases")
  func vectorsArePresent() { #expect(Self.vectors.count == 4) }

  @Test("digests equal those of FIPS 180, at once and in pieces", arguments: vectors)
  func publishedDigests(vector: Vector) throws {
    let unit = try bytes(#require(vector.msg))
    let times = try #require(vector.repeat)
    let message = [UInt8]((0..<times).flatMap { _ in unit })
    #expect(SHA256.hash(message).hexadecimal == vector.out)

    for piece in [1000, 63, 64, 65] {
      var hasher = SHA256()
      for start in stride(from: 0, to: message.count, by: piece) {
        hasher.update(Array(message[start..<min(start + piece, message.count)]))
      }
      #expect(hasher.finalize().hexadecimal == vector.out, "pieces of \(piece)")
    }
  }

  @Test("a copy goes on by itself and finalizing does not end the computation")
  func valueSemantics() {
    var first = SHA256()
    first.update("a")
    var second = first
    second.update("x")
    _ = first.finalize()
    first.update("bc")
    #expect(first.finalize() == SHA256.hash("abc"))
    #expect(second.finalize() == SHA256.hash("ax"))
  }

  @Test("a span of numbers reads as its bytes in memory")
  func spans() {
    let numbers: [Float] = [1, -2.5, .infinity]
    var hasher = SHA256()
    hasher.update(numbers.span.bytes)
    let bytes = numbers.flatMap { number in
      withUnsafeBytes(of: number) { Array($0) }
    }
    #expect(hasher.finalize() == SHA256.hash(bytes))
  }

  @Test("digests compare and hash by content")
  func digests() {
    #expect(SHA256.hash([]) == SHA256().finalize())
    #expect(SHA256.hash([0]) != SHA256.hash([]))
    #expect(SHA256.hash([0]).bytes.count == 32)
    #expect("\(SHA256.hash("abc"))".hasPrefix("ba7816bf"))
  }
}
