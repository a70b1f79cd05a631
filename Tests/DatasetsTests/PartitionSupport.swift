import Components
import Datasets
import Learning
import Testing

/// Images of 2 x 2 zeros with these labels; with `groups`, example `i` is of group `i mod groups`.
func pool(_ labels: [Int32], classes: Int, groups: Int = 0) -> ExamplePool {
  do {
    return ExamplePool(
      try LabeledExamples(
        features: [Float](repeating: 0, count: 4 * labels.count), labels: labels, shape: [1, 2, 2],
        classes: classes),
      groups: groups == 0
        ? nil
        : ExampleGroups(
          names: (0..<groups).map { "group \($0)" },
          members: labels.indices.map { Int32($0 % groups) }))
  } catch {
    preconditionFailure("\(error)")
  }
}

/// Labels 0, 1, ..., classes - 1, 0, 1, ...: classes of equal size.
func cyclicLabels(_ count: Int, classes: Int) -> [Int32] {
  (0..<count).map { Int32($0 % classes) }
}

extension ClientShares {
  /// Examples of each client and class.
  func counts(_ pool: ExamplePool) -> [[Int]] { PartitionStatistics(self, of: pool).labelCounts }
}

extension Partition {
  /// The same partition with other values for some of its parameters.
  static func with(_ patch: [String: ConfigurationNode.Value]) throws -> Self {
    let entries = patch.map {
      ConfigurationNode.Entry(key: $0.key, node: ConfigurationNode($0.value))
    }
    return try Self(
      ParameterCoding.overlay(ConfigurationNode(.map(entries)), on: defaults, owner: card.name))
  }

  /// This many clients, and a minimum of one example where there is one.
  static func among(_ clients: Int) throws -> any Partition {
    var patch: [String: ConfigurationNode.Value] = ["clients": .integer(clients)]
    if card.parameters.contains(where: { $0.key == "minimum-size" }) {
      patch["minimum-size"] = .integer(1)
    }
    return try with(patch)
  }
}

/// That values are uniform on [0, 1): Pearson's statistic over ten equal bins, whose 0.9999 quantile
/// at 9 degrees of freedom is 33.72; one false alarm in 10,000 seeds.
func expectUniform(_ values: [Double], sourceLocation: SourceLocation = #_sourceLocation) {
  var bins = [Double](repeating: 0, count: 10)
  for value in values { bins[min(max(Int(value * 10), 0), 9)] += 1 }
  let expected = Double(values.count) / 10
  let statistic = bins.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
  #expect(statistic < 33.72, "\(bins)", sourceLocation: sourceLocation)
}

/// That two lists of outcomes come from one distribution: the two-sample chi-square over outcomes,
/// limit by the normal approximation of its logarithm-free tail (mean + 6 standard deviations + 10),
/// which lets a true hypothesis through far more often than 9,999 times in 10,000.
func expectSameDistribution<Outcome: Hashable>(
  _ first: [Outcome], _ second: [Outcome], sourceLocation: SourceLocation = #_sourceLocation
) {
  var counts: [Outcome: (Double, Double)] = [:]
  for outcome in first { counts[outcome, default: (0, 0)].0 += 1 }
  for outcome in second { counts[outcome, default: (0, 0)].1 += 1 }
  #expect(first.count == second.count && counts.count > 1, sourceLocation: sourceLocation)
  let statistic = counts.values.reduce(0) { sum, pair in
    sum + (pair.0 - pair.1) * (pair.0 - pair.1) / (pair.0 + pair.1)
  }
  let degrees = Double(counts.count - 1)
  #expect(
    statistic < degrees + 6 * (2 * degrees).squareRoot() + 10, "\(counts)",
    sourceLocation: sourceLocation)
}
