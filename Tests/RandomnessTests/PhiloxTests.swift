import Randomness
import TestSupport
import Testing

@Suite("Philox4x32")
struct PhiloxTests {
  struct KnownAnswer: Decodable {
    let gen: String
    let rounds: Int
    let ctr: [String]
    let key: [String]
    let out: [String]
  }

  @Test("gives the published known answers, 7 and 10 rounds")
  func knownAnswers() throws {
    let file = try VectorFile<KnownAnswer>(named: "philox")
    let cases = file.cases.filter { $0.gen == "philox4x32" }
    #expect(cases.count == 6)
    for answer in cases {
      let ctr = try answer.ctr.map { try #require(UInt32($0, radix: 16)) }
      let key = try answer.key.map { try #require(UInt32($0, radix: 16)) }
      let out = try answer.out.map { try #require(UInt32($0, radix: 16)) }
      let block = Philox4x32.block(
        counter: SIMD4(ctr[0], ctr[1], ctr[2], ctr[3]), key: SIMD2(key[0], key[1]),
        rounds: answer.rounds)
      #expect((0..<4).map { block[$0] } == out)
    }
  }
}
