import Attacks
import BigIntegers
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Timing attacks", .serialized)
struct TimingTests {
  @Test("t of differences is that of the textbook")
  func statistic() {
    // Judge: scipy.stats.ttest_1samp.
    let t = TimingTest.statistic([1, -2, 3, 5, 4, -1])
    #expect(abs(t - 1.455_556_274_348_955) < 1e-12, "\(t)")
    #expect(TimingTest.statistic([0, 0]) == 0)
    #expect(TimingTest.statistic([1, 1]).isInfinite)
  }

  @Test("a function that takes longer for one class is found out")
  func difference() {
    var order = testGenerator(1)
    var sum = 0.0
    let result = TimingTest.run(count: 300, order: &order, make: { $0 }) { kind in
      for step in 0..<(1000 + 200 * kind) { sum += Double(step).squareRoot() }
    }
    #expect(sum > 0 && result.largest > 4.5, "\(result)")
  }

  @Test("a function that takes the same time for both is not, whatever they are")
  func noDifference() {
    var order = testGenerator(2)
    var sum = 0.0
    // False alarms: 6e-8.
    let result = TimingTest.run(count: 300, order: &order, make: { $0 }) { kind in
      for step in 0..<1000 { sum += Double(step ^ kind).squareRoot() }
    }
    #expect(sum > 0 && result.largest <= 4.5, "\(result)")
  }

  @Test(
    "mpz_powm tells sparse exponents from random ones, powers of this library do not",
    .enabled(if: isOptimizedBuild))
  func powers() throws {
    let findings = try ExponentTiming().run(PaillierAttackSetting(seed: 1, timings: 2000))
    #expect(findings.map(\.expected) == [.succeeds, .fails, .succeeds, .fails])
    for finding in findings {
      #expect((finding.value > 4.5) == (finding.expected == .succeeds), "\(finding)")
      #expect(finding.isAsExpected && finding.variant.hasSuffix("N 2000"), "\(finding)")
    }
  }
}
