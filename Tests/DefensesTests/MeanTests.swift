import Defenses
import Federation
import Testing

@Suite("Mean")
struct MeanTests {
  @Test("the worked example of the documentation holds")
  func example() throws {
    #expect(try Mean().aggregate([[1, 2], [3, 4], [8, 0]], weights: [1, 1, 2]) == [5, 1.5])
  }

  @Test("one claimed weight can be the whole result: that is why robust rules ignore weights")
  func claimedWeight() throws {
    let result = try Mean().aggregate([[0], [0], [1]], weights: [1, 1, 1e9])
    #expect(result[0] > 0.999)
  }

  @Test("a weight of zero, or one that is no number, excludes the update by name")
  func badWeights() throws {
    var chain = try RobustAggregation([Mean()])
    let result = try chain.aggregate([[1], [2], [4]], weights: [1, 0, .nan])
    #expect(result.vector == [1])
    #expect(result.exclusions == [1: "weight not positive", 2: "weight not positive"])
  }
}
