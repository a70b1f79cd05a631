import Defenses
import Federation
import Testing

@Suite("Clipping")
struct ClippingTests {
  @Test("the worked example of the documentation holds")
  func example() throws {
    var chain = try RobustAggregation([try Clipping(clippingNorm: 5), Mean()])
    let result = try #require(try chain.aggregate([[6, 8]]).vector)
    expectClose(result, [3, 4])
    #expect(try chain.aggregate([[3, 0]]).vector == [3, 0])
  }

  @Test("an update of norm 0 and one exactly at the norm pass unchanged")
  func boundary() throws {
    var chain = try RobustAggregation([try Clipping(clippingNorm: 5), Mean()])
    #expect(try chain.aggregate([[0, 0]]).vector == [0, 0])
    #expect(try chain.aggregate([[3, 4]]).vector == [3, 4])
  }

  @Test("no update weighs more than the norm, however long it is")
  func bound() throws {
    var chain = try RobustAggregation([try Clipping(clippingNorm: 1), Mean()])
    let result = try #require(try chain.aggregate([[0], [0], [1e30]]).vector)
    expectClose(result, [1.0 / 3])
  }

  @Test("a norm that is not positive is refused", arguments: [0, -1, .nan, .infinity])
  func badNorm(_ norm: Double) {
    #expect(throws: (any Error).self) { try Clipping(clippingNorm: norm) }
  }
}
