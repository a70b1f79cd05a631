import Harness
import Testing

@Suite("Statistics of rounds")
struct StatisticsTests {
  @Test("the median is the middle figure, or the mean of the two middle ones")
  func median() {
    #expect(Series([9, 1, 5]).median == 5)
    #expect(Series([9, 1, 5, 7]).median == 6)
    #expect(Series([2]).median == 2)
    #expect(Series([9, 1, 5]).minimum == 1)
    #expect(Series([9, 1, 5]).maximum == 9)
  }

  @Test("a ratio above 1 is our advantage, for rates and for times")
  func direction() {
    let fast = Series([20, 40, 60])
    let slow = Series([10, 10, 10])
    #expect(Comparison(.rate, ours: fast, other: slow).ratioOfMedians == 4)
    #expect(Comparison(.time, ours: slow, other: fast).ratioOfMedians == 4)
    #expect(Comparison(.time, ours: fast, other: slow).ratioOfMedians == 0.25)
    #expect(Comparison(.cost, ours: fast, other: slow).ratioOfMedians == 4)
  }

  @Test("a machine that slows both sides down changes no round's ratio")
  func drift() {
    let ours = Series([40, 8, 40, 8, 40])
    let peer = Series([10, 2, 10, 2, 10])
    #expect(Comparison(.rate, ours: ours, other: peer).byRound == Series([4, 4, 4, 4, 4]))
  }

  @Test("two ratios far apart betray a machine whose speed moved within rounds")
  func unsteadiness() {
    let peer = Series([10, 10, 10])
    let steady = Comparison(.rate, ours: Series([40, 41, 39]), other: peer)
    #expect(!steady.isUnsteady)
    // Rounds: 2, 0.5, 40; medians: 40 against 10.
    let unsteady = Comparison(.rate, ours: Series([20, 40, 200]), other: Series([10, 80, 5]))
    #expect(unsteady.isUnsteady)
    #expect(Comparison(.rate, ours: Series([.nan]), other: Series([1])).isUnsteady)
  }

  @Test("values of a finding stand in columns of one width")
  func finding() {
    #expect(Table.finding(["1.2e-16", nil, "0"]) == "  1.2e-16        -        0")
  }

  @Test("figures have about three digits and thousands apart")
  func figures() {
    #expect(Figure.text(198_412) == "198,400")
    #expect(Figure.text(12.34) == "12.3")
    #expect(Figure.text(0.0412) == "0.041")
    #expect(Figure.ratio(6.918) == "6.92x")
    #expect(Figure.ratio(43.21) == "43.2x")
    #expect(Figure.plain(0.9) == "0.9")
    #expect(Figure.exponent(3.14e-12) == "3.1e-12")
  }

  @Test("the better of several peers is the one that counts")
  func honestPeer() {
    let peers = [
      Record.Other(name: "a", series: Series([1, 9, 2])),
      Record.Other(name: "b", series: Series([3, 3, 3])),
    ]
    let rate = Record(
      benchmark: "", label: "", unit: "", measure: .rate, ours: Series([6, 6, 6]), others: peers)
    #expect(rate.others.map(\.name) == ["b", "a"])
    #expect(rate.comparison?.byRound.median == 2)
    let time = Record(
      benchmark: "", label: "", unit: "", measure: .time, ours: Series([1, 1, 1]), others: peers)
    #expect(time.others.map(\.name) == ["a", "b"])
    #expect(time.comparison?.ratioOfMedians == 2)
  }

  @Test("a target is reached at its bound and never by NaN")
  func targets() {
    #expect(Target.atLeast(7).isReached(by: 7))
    #expect(!Target.atLeast(7).isReached(by: 6.99))
    #expect(Target.atMost(1.35).isReached(by: 1.35))
    #expect(!Target.atMost(1.35).isReached(by: 1.36))
    #expect(!Target.atLeast(7).isReached(by: .nan))
    #expect(!Target.atMost(7).isReached(by: .nan))
  }

  @Test("every round runs every side once, every second one backwards")
  func order() throws {
    var log: [String] = []
    let sides = ["a", "b"].map { name in
      Side(name) { _ in
        log.append(name)
        return Double(log.count)
      }
    }
    let series = try Effort(rounds: 3, seconds: 1, warmUp: 0).measure(sides)
    #expect(log == ["a", "b", "b", "a", "a", "b"])
    #expect(series.map(\.rounds) == [[1, 4, 5], [2, 3, 6]])
  }
}
