import Experiments
import Foundation
import Randomness
import TestSupport
import Testing

@Suite("Estimates over seeds")
struct StatisticsTests {
  /// The 97.5% points of Student's t as every printed table has them.
  @Test(
    "t quantiles agree with the printed table",
    arguments: [
      (1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (6, 2.447), (7, 2.365),
      (8, 2.306), (9, 2.262), (10, 2.228), (20, 2.086), (30, 2.042),
    ])
  func table(_ degrees: Int, _ expected: Double) {
    #expect(abs(StudentT.quantile(0.975, degreesOfFreedom: degrees) - expected) < 0.000_51)
  }

  @Test(
    "t quantiles have their closed forms for one and two degrees of freedom",
    arguments: [
      0.6, 0.75, 0.9, 0.95, 0.99, 0.999,
    ])
  func closedForms(_ p: Double) {
    let one = StudentT.quantile(p, degreesOfFreedom: 1)
    #expect(isClose(one, tan(.pi * (p - 0.5)), tolerance: 1e-9))
    let two = StudentT.quantile(p, degreesOfFreedom: 2)
    #expect(isClose(two, (2 * p - 1) / (2 * p * (1 - p)).squareRoot(), tolerance: 1e-9))
  }

  @Test("a worked example: five values, mean 3, half width 1.963")
  func example() throws {
    let estimate = try #require(Estimate([1, 2, 3, 4, 5]))
    #expect(estimate.count == 5)
    #expect(estimate.mean == 3)
    #expect(estimate.minimum == 1)
    #expect(estimate.maximum == 5)
    // 2.776 · sqrt(2.5 / 5)
    #expect(abs(try #require(estimate.halfWidth) - 1.963_24) < 1e-4)
  }

  @Test("below five values there is no half width, and without any no estimate")
  func few() {
    #expect(Estimate([]) == nil)
    for count in 1...4 {
      let estimate = Estimate((0..<count).map { Double($0) })
      #expect(estimate?.count == count)
      #expect(estimate?.halfWidth == nil)
    }
    #expect(Estimate([2, 2, 2, 2, 2])?.halfWidth == 0)
  }

  /// 20 000 intervals cover with probability 0.95 each: the count is binomial with standard
  /// deviation 30.8, so 4.5 of them (139) are left with probability 7e-6. Fixed seed.
  @Test("95% intervals cover 95% of the time", arguments: [5, 8])
  func coverage(_ count: Int) throws {
    var generator = testGenerator(UInt64(count))
    var covered = 0
    let trials = 20_000
    for _ in 0..<trials {
      let values = (0..<count).map { _ in 0.7 + 0.1 * generator.normal() }
      let estimate = try #require(Estimate(values))
      let halfWidth = try #require(estimate.halfWidth)
      if abs(estimate.mean - 0.7) <= halfWidth { covered += 1 }
    }
    #expect(abs(covered - trials * 95 / 100) <= 139, "\(covered) of \(trials)")
  }
}
