import Foundation
import NoiseSamplers
import Randomness
import TestSupport
import Testing

/// Every goodness of fit fails by chance in 1e-5 of all seeds; the seeds are fixed.
@Suite("Discrete Gaussian noise from a cover of rectangles")
struct CoverGaussianTests {
  private static let count = isOptimizedBuild ? 1_000_000 : 60_000

  private func values(
    _ noise: CoverGaussian, _ count: Int, _ reader: inout RandomReader
  ) throws -> [Int64] {
    var sums = [Int64](repeating: 0, count: count)
    try sums.withUnsafeMutableBufferPointer { (sums) throws in
      try noise.add(to: sums, using: &reader)
    }
    return sums
  }

  /// Tolerance 2 compares no height in floating point.
  @Test(
    "counts fit exp(-k^2 / 2 s^2), tails included, whichever way heights are compared",
    arguments: [32, 45.5, 63.99, 200.25], [0x1p-32, 2])
  func fits(s: Double, tolerance: Double) throws {
    let noise = try #require(CoverGaussian(standardDeviation: s, tolerance: tolerance))
    var reader = testReader(UInt64(100 * s))
    let count = tolerance > 1 ? Self.count / 20 : Self.count
    let drawn = try values(noise, count, &reader)
    let probability = normalized(reach: Int64(12 * s)) { exp(-Double($0 * $0) / (2 * s * s)) }
    #expect(fit(drawn, probability) > 1e-5)
    // In the tail alone, where few fall: the cells at the ends are taken apart from the rest.
    let start = Int64(3.2 * s)
    let tail = drawn.filter { abs($0) >= start }
    let share = (-Int64(12 * s)...Int64(12 * s)).reduce(0.0) {
      abs($1) >= start ? $0 + probability($1) : $0
    }
    #expect(fit(tail) { abs($0) >= start ? probability($0) / share : 0 } > 1e-5)
    let deviation = (Double(count) * share * (1 - share)).squareRoot()
    #expect(abs(Double(tail.count) - Double(count) * share) < 4.5 * deviation)
  }

  @Test("one value at a time fits, too")
  func alone() throws {
    let noise = try #require(CoverGaussian(standardDeviation: 40))
    var reader = testReader()
    let drawn = try (0..<Self.count / 10).map { _ in try noise.draw(using: &reader) }
    let probability = normalized(reach: 480) { exp(-Double($0 * $0) / 3200) }
    #expect(fit(drawn, probability) > 1e-5)
  }

  @Test("floating point and whole numbers decide alike, bit for bit", arguments: [33, 0x1.8p36])
  func decisions(s: Double) throws {
    let quick = try #require(CoverGaussian(standardDeviation: s))
    let exact = try #require(CoverGaussian(standardDeviation: s, tolerance: 2))
    var first = testReader()
    var second = testReader()
    let count = isOptimizedBuild ? 100_000 : 6000
    let drawn = try values(quick, count, &first)
    let judged = try values(exact, count, &second)
    #expect(drawn == judged)
    let (next, other) = (try first.next(), try second.next())
    #expect(next == other)
  }

  /// What rejection rests on: the rectangles leave nothing of the curve uncovered, and what counts as
  /// settled lies below it at every place and at every mirrored place.
  @Test("the rectangles cover the curve", arguments: [32, 47.3, 63.999, 0x1.9p20, 0x1.fffp36])
  func covers(s: Double) throws {
    let noise = try #require(CoverGaussian(standardDeviation: s))
    func rows(at y: Double) -> Double { 128 * exp(-(y / s) * (y / s) / 2) }
    let width = Double(noise.width)
    let columns = Dictionary(grouping: noise.rectangles.filter { $0.row >= 0 }, by: \.column)
    let end = columns.count
    #expect(columns.keys.max() == end - 1)
    for (column, rectangles) in columns {
      #expect(rectangles.map(\.row).sorted() == Array(0..<rectangles.count))
      #expect(Double(rectangles.count) >= rows(at: Double(column) * width))
      for rectangle in rectangles where rectangle.isSettled {
        #expect(Double(rectangle.row + 1) <= rows(at: Double(column + 1) * width))
      }
    }
    let tail = noise.rectangles.filter { $0.row < 0 }
    #expect(tail.map(\.column) == Array(end..<end + 16) && tail.allSatisfy { !$0.isSettled })
    for ring in 1...200 {
      let start = Double(end + (ring - 1) * 16) * width
      #expect(rows(at: start) <= exp2(-Double(ring)))
    }
  }

  /// Kolmogorov-Smirnov for the size, chi-square for the low bits, correlation of neighbours: a false
  /// alarm in 1e-5 each.
  @Test("on a fine grid it is normal, its low bits are fair and its values independent")
  func fineGrid() throws {
    let s = 1.37 * 0x1p36
    let noise = try #require(CoverGaussian(standardDeviation: s))
    var reader = testReader()
    let drawn = try values(noise, Self.count, &reader)
    var largest = 0.0
    for (i, x) in drawn.sorted().enumerated() {
      let expected = erfc(-Double(x) / s / 2.0.squareRoot()) / 2
      largest = max(largest, abs(expected - Double(i) / Double(drawn.count)))
    }
    #expect(largest * Double(drawn.count).squareRoot() < (log(2e5) / 2).squareRoot())
    var counts = [Int](repeating: 0, count: 256)
    for x in drawn { counts[Int(x & 255)] += 1 }
    let expected = [Double](repeating: Double(drawn.count) / 256, count: 256)
    #expect(chiSquareSurvival(chiSquare(counts, expected: expected), degrees: 255) > 1e-5)
    for lag in [1, 2, 1024] {
      let sum = zip(drawn, drawn.dropFirst(lag)).reduce(0.0) {
        $0 + Double($1.0) / s * Double($1.1) / s
      }
      #expect(abs(sum) / Double(drawn.count - lag).squareRoot() < 4.42)
    }
  }

  @Test("what is there is added to, at any length")
  func adds() throws {
    let noise = try #require(CoverGaussian(standardDeviation: 1000))
    for count in [0, 1, 7, 8, 255, 256, 1023, 1024, 1025, 3000] {
      var first = testReader()
      var second = testReader()
      var sums = (0..<count).map { Int64($0) << 20 }
      let start = sums
      try sums.withUnsafeMutableBufferPointer { (sums) throws in
        try noise.add(to: sums, using: &first)
      }
      let noises = try values(noise, count, &second)
      #expect(zip(sums, start).map { $0 - $1 } == noises)
    }
  }

  @Test("deviations that no cover fits have none")
  func range() {
    for s in [0, 1, 31.99, 0x1p37, .infinity, .nan] {
      #expect(CoverGaussian(standardDeviation: s) == nil)
    }
    #expect(CoverGaussian(standardDeviation: Double(0x1p37).nextDown) != nil)
  }
}
