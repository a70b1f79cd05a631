import Defenses
import Federation
import Testing

/// The rules against float64 results of an independent program.
@Suite("Reference cases of robust aggregation")
struct ReferenceTests {
  static let cases = ReferenceCase.all

  @Test("all cases are there")
  func loaded() { #expect(Self.cases.count == 20) }

  private func check(
    _ chain: [any RoundComponent], _ test: ReferenceCase, _ expected: [Double],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var aggregation = try RobustAggregation(chain, assumedFaults: test.f)
    let result = try #require(
      try aggregation.aggregate(test.x).vector, sourceLocation: sourceLocation)
    let size = test.x.flatMap { $0 }.map { Double(abs($0)) }.max() ?? 1
    // Float sums of n rows: the error is bounded by a few n ulps of the largest value.
    let tolerance = 4e-7 * size
    for (got, want) in zip(result, expected) where !(abs(Double(got) - want) <= tolerance) {
      Issue.record("\(test): got \(got), expected \(want)", sourceLocation: sourceLocation)
      return
    }
    #expect(result.count == expected.count, sourceLocation: sourceLocation)
  }

  @Test("mean", arguments: cases)
  func mean(_ test: ReferenceCase) throws { try check([Mean()], test, test.out.mean) }

  @Test("median", arguments: cases.filter { 2 * $0.f < $0.n })
  func median(_ test: ReferenceCase) throws { try check([Median()], test, test.out.median) }

  @Test("trimmed mean", arguments: cases)
  func trimmedMean(_ test: ReferenceCase) throws {
    guard let expected = test.out.trimmed else { return }
    try check([TrimmedMean(f: .assumed)], test, expected)
  }

  @Test("krum: the same row, and scores to 1e-5", arguments: cases)
  func krum(_ test: ReferenceCase) throws {
    guard let expected = test.out.krum, test.isDecided("krum") else { return }
    try check([Krum(f: .assumed)], test, expected.v)
    var chain = try RobustAggregation([try Krum(f: .assumed)], assumedFaults: test.f)
    let result = try chain.aggregate(test.x)
    #expect(result.kept?.firstIndex(of: true) == expected.i, "\(test)")
    for (got, want) in zip(result.scores, expected.scores) {
      let got = try #require(got)
      #expect(abs(got - want) <= 1e-5 * want + 1e-30, "\(test)")
    }
  }

  @Test("nnm before mean, median and trimmed mean", arguments: cases)
  func nnm(_ test: ReferenceCase) throws {
    guard let expected = test.out.nnm, test.isDecided("nnm") else { return }
    try check([NNM(f: .assumed), Mean()], test, expected.mean)
    try check([NNM(f: .assumed), Median()], test, expected.median)
    if let trimmed = expected.trimmed {
      try check([NNM(f: .assumed), TrimmedMean(f: .assumed)], test, trimmed)
    }
  }

  @Test("clipping before mean and trimmed mean", arguments: cases)
  func clipping(_ test: ReferenceCase) throws {
    let clip = try Clipping(clippingNorm: test.out.clip.norm)
    try check([clip, Mean()], test, test.out.clip.mean)
    if let trimmed = test.out.clip.trimmed {
      try check([clip, TrimmedMean(f: .assumed)], test, trimmed)
    }
  }
}
