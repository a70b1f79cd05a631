import Datasets
import Foundation
import Learning
import TestSupport
import Testing

@Suite("Statistics of data and partitions")
struct PartitionStatisticsTests {
  /// Shares that overlap, leave examples out and leave a client empty.
  private static let labels: [Int32] = [0, 0, 0, 0, 1, 1, 2, 2]
  private static let shares = [[0, 1, 4], [1, 6], [], [2, 3, 4, 5]]

  @Test("distances, divergences, overlap and what is left out are those of a plain loop")
  func independent() {
    let found = PartitionStatistics(ClientShares(Self.shares), of: pool(Self.labels, classes: 4))
    var (distances, divergences): ([Double], [Double]) = ([], [])
    for share in Self.shares {
      var (distance, divergence) = (0.0, 0.0)
      for c in 0..<4 where !share.isEmpty {
        let own = Double(share.filter { Self.labels[$0] == c }.count) / Double(share.count)
        let all = Double(Self.labels.filter { $0 == c }.count) / 8
        distance += max(own, all) - min(own, all)
        if own > 0 { divergence += own * (log(own) - log(all)) / log(2) }
      }
      distances.append(distance)
      divergences.append(divergence)
    }
    #expect(largestDifference(found.distances, distances) < 1e-15)
    #expect(largestDifference(found.divergences, divergences) < 1e-15)
    #expect(
      abs(found.meanDivergence - zip([3, 2, 0, 4], divergences).map(*).reduce(0, +) / 9) < 1e-15)
    #expect(found.poolCounts == [4, 2, 2, 0])
    #expect(found.overlap == 2 && !found.isDisjoint)
    #expect(found.leftOut == 1)
    #expect(found.distances[2] == 0 && found.divergences[2] == 0)
  }

  @Test("where everybody has one client the mean divergence is the mutual information")
  func mutualInformation() throws {
    var generator = testGenerator()
    let labels = PartitionTests.labels(600, classes: 5)
    let data = pool(labels, classes: 5)
    let shares = try DirichletPartition(.init(clients: 6, alpha: 0.3, minimumSize: 1))
      .assign(data, using: &generator)
    let found = PartitionStatistics(shares, of: data)
    // H(label) + H(client) - H(label, client), in bits.
    func entropy(_ counts: [Int]) -> Double {
      counts.filter { $0 > 0 }.reduce(0) { $0 - Double($1) / 600 * log2(Double($1) / 600) }
    }
    let information =
      entropy(found.poolCounts) + entropy(found.sizes) - entropy(found.labelCounts.flatMap { $0 })
    #expect(found.leftOut == 0 && found.isDisjoint)
    #expect(abs(found.meanDivergence - information) < 1e-12)
    #expect(found.meanDivergence > 0.1)
  }

  @Test("one class a client is as far from uniform as can be, equal shares are not far at all")
  func extremes() {
    let data = pool((0..<20).map { Int32($0 % 10) }, classes: 10)
    let single = PartitionStatistics(
      ClientShares((0..<10).map { [$0, $0 + 10] }), of: data)
    #expect(single.distances.allSatisfy { abs($0 - 1.8) < 1e-12 })
    #expect(abs(single.meanDivergence - log2(10)) < 1e-12)
    let even = PartitionStatistics(
      ClientShares([Array(0..<10), Array(10..<20)]), of: data)
    #expect(even.maximumDistance == 0 && even.meanDivergence == 0)
  }

  @Test("sizes have the least, the middle, the largest and the deviation of a textbook")
  func sizes() {
    // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, deviation 2.
    let even = SizeSummary([9, 4, 5, 2, 4, 7, 4, 5])
    #expect((even.minimum, even.median, even.maximum) == (2, 4.5, 9))
    #expect((even.mean, even.standardDeviation) == (5, 2))
    #expect(SizeSummary([3, 9, 4]).median == 4)
    #expect(SizeSummary([]).standardDeviation == 0)
  }

  @Test("values have the range, mean and deviation of a plain loop, in a view's examples alone")
  func features() throws {
    let all = try LabeledExamples(
      features: [1, -2, 3.5, 4, 100, 200], labels: [0, 1, 0], shape: [2], classes: 2)
    let found = FeatureStatistics(try all.subset([1, 0]))
    let values = [1, -2, 3.5, 4].map { $0 as Double }
    let mean = values.reduce(0, +) / 4
    let variance = values.map { pow($0 - mean, 2) }.reduce(0, +) / 4
    #expect((found.minimum, found.maximum) == (-2, 4))
    #expect(abs(found.mean - mean) < 1e-15)
    #expect(abs(found.standardDeviation - variance.squareRoot()) < 1e-15)
    #expect(FeatureStatistics(try all.subset([])).maximum == 0)
  }
}
