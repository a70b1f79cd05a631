import Defenses
import Federation
import Testing

@Suite("Median")
struct MedianTests {
  @Test("the worked example of the documentation holds")
  func example() throws {
    #expect(try Median(f: 1).aggregate([[1, 2], [3, 4], [8, 0]]) == [3, 2])
  }

  @Test("even n takes the mean of the two middle values")
  func even() throws {
    #expect(try Median(f: 1).aggregate([[1], [2], [4], [9]]) == [3])
  }

  @Test("holds at f and breaks at a majority: the theory's edge")
  func edge() throws {
    let honest: [[Float]] = [[0], [1], [2]]
    #expect(try Median(f: 2).aggregate(honest + [[1e9], [1e9]])[0] <= 2)
    #expect(try Median(f: 0).aggregate(honest + Array(repeating: [1e9], count: 4))[0] == 1e9)
  }
}
