import Defenses
import Federation
import Testing

@Suite("NNM")
struct NNMTests {
  @Test("the worked example of the documentation holds")
  func example() throws {
    var chain = try RobustAggregation([try NNM(f: 1), Mean()])
    expectClose(try #require(try chain.aggregate([[0], [1], [10]]).vector), [6.5 / 3])
    var krum = try RobustAggregation([try NNM(f: 1), try Median(f: 1)])
    expectClose(try #require(try krum.aggregate([[0], [1], [10]]).vector), [0.5])
  }

  @Test("equal updates count as two neighbours, nearer ones first")
  func duplicates() throws {
    // n - f = 3: both zeros mix with each other and 4; the others with one another.
    var chain = try RobustAggregation([try NNM(f: 2), try Median(f: 1)])
    let result = try chain.aggregate([[0], [0], [4], [6], [7]])
    expectClose(try #require(result.vector), [17.0 / 3])
  }

  @Test("what is kept is told in terms of the updates that arrived")
  func keptSets() throws {
    var chain = try RobustAggregation([try NNM(f: 1), try Krum(f: 1)])
    let result = try chain.aggregate([[0], [0.1], [0.2], [0.3], [50]])
    #expect(result.kept?.count == 5)
    #expect(result.kept?[4] == false)
  }
}
