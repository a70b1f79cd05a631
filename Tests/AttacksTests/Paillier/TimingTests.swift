import Attacks
import BigIntegers
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Timing attacks", .serialized)
struct TimingTests {
  @Test("Welch's t is that of the textbook")
  func welch() {
    // Judge: the statistics module of Python.
    let t = TimingTest.welch([1, 2, 3, 4, 5], [2, 4, 6, 8, 10, 12])
    #expect(abs(t + 2.376_354_103) < 1e-8, "\(t)")
    #expect(TimingTest.welch([1, 1], [1, 1]) == 0)
    #expect(TimingTest.welch([1, 1], [2, 2]).isInfinite)
    #expect(TimingTest.welch([1], [2, 3]) == .infinity)
  }

  @Test("a function that takes longer for one class is found out")
  func difference() {
    var order = testGenerator(1)
    var sum = 0.0
    let result = TimingTest.run(count: 300, order: &order) { kind, index in
      for step in 0..<(1000 + 200 * kind) { sum += Double(step ^ index).squareRoot() }
    }
    #expect(sum > 0 && result.largest > 4.5, "\(result)")
  }

  @Test("a function that takes the same time for both is not, whatever they are")
  func noDifference() {
    var order = testGenerator(2)
    var sum = 0.0
    // False alarms: (2e-5)^2.
    let result = TimingTest.run(count: 300, order: &order) { kind, index in
      for step in 0..<1000 { sum += Double(step ^ index ^ kind).squareRoot() }
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
