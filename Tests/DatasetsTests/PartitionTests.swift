import Components
import Datasets
import Foundation
import Learning
import Randomness
import TestSupport
import Testing

@Suite("Partitions")
struct PartitionTests {
  /// Labels of `classes` classes, unequal in number and out of order.
  static func labels(_ count: Int, classes: Int) -> [Int32] {
    var generator = testGenerator(UInt64(count), UInt64(classes), name: "labels")
    return (0..<count).map { _ in
      Int32(min(generator.uniform(below: classes), generator.uniform(below: classes)))
    }
  }

  @Test("equal shares differ by at most one example")
  func iidSizes() throws {
    var generator = testGenerator()
    let shares = try IID(.init(clients: 3)).assign(
      pool([Int32](repeating: 0, count: 10), classes: 1), using: &generator)
    #expect(shares.indices.map(\.count) == [3, 3, 4])
  }

  @Test(
    "the first client's Dirichlet shares follow the beta distribution they should",
    arguments: [(0.5, 2), (1.0, 6)])
  func dirichletShares(alpha: Double, clients: Int) throws {
    // 10 partitions of 50 classes of 400 examples give 500 independent shares. A share of a
    // Dir(alpha 1_n) draw is Beta(alpha, (n - 1) alpha), whose distribution function is closed for
    // (1/2, 1/2) and for (1, n - 1).
    let labels = (0..<20_000).map { Int32($0 % 50) }
    var shares: [Double] = []
    var generator = testGenerator(UInt64(clients))
    for _ in 0..<10 {
      let partition = try DirichletPartition(
        .init(clients: clients, alpha: alpha, minimumSize: 1))
      let assigned = try partition.assign(pool(labels, classes: 50), using: &generator)
      var counts = [Double](repeating: 0, count: 50)
      for index in assigned.indices[0] { counts[Int(labels[index])] += 1 }
      shares += counts.map { ($0 + 0.5) / 401 }
    }
    let uniform = shares.map { share in
      alpha == 1
        ? 1 - pow(1 - share, Double(clients - 1)) : 2 / Double.pi * asin(share.squareRoot())
    }
    var bins = [Double](repeating: 0, count: 10)
    for value in uniform { bins[min(Int(value * 10), 9)] += 1 }
    let chiSquare = bins.reduce(0) { $0 + ($1 - 50) * ($1 - 50) / 50 }
    // The 0.9999 quantile at 9 degrees of freedom: one false alarm in 10,000 seeds.
    #expect(chiSquare < 33.72)

    // Mean 1/n and variance (n - 1) / (n^2 (n alpha + 1)), each within 4 standard errors (one
    // false alarm in 10,000).
    let n = Double(clients)
    let mean = shares.reduce(0, +) / 500
    let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 499
    let expected = (n - 1) / (n * n * (n * alpha + 1))
    #expect(abs(mean - 1 / n) < 4 * (expected / 500).squareRoot())
    #expect(abs(variance - expected) < 4 * fourthMomentError(alpha, n, expected))
  }

  /// The standard error of the variance of 500 values from Beta(alpha, (n - 1) alpha).
  private func fourthMomentError(_ alpha: Double, _ n: Double, _ variance: Double) -> Double {
    let (a, b) = (alpha, (n - 1) * alpha)
    let excess =
      6 * ((a - b) * (a - b) * (a + b + 1) - a * b * (a + b + 2))
      / (a * b * (a + b + 2) * (a + b + 3))
    return variance * ((excess + 2) / 500).squareRoot()
  }

  @Test("a large alpha approaches equal shares, a small one separates the classes")
  func alphaSpansTheRange() throws {
    let labels = Self.labels(2000, classes: 10)
    func statistics(_ alpha: Double) throws -> PartitionStatistics {
      var generator = testGenerator()
      let partition = try DirichletPartition(.init(clients: 10, alpha: alpha, minimumSize: 1))
      let data = pool(labels, classes: 10)
      return PartitionStatistics(try partition.assign(data, using: &generator), of: data)
    }
    let flat = try statistics(1e8)
    // Every class of every client is within one example of N_c / n.
    for (label, count) in labelTotals(labels).enumerated() {
      for counts in flat.labelCounts {
        #expect(abs(Double(counts[label]) - Double(count) / 10) <= 1.01)
      }
    }
    #expect(flat.maximumDistance < 0.06)
    let skewed = try statistics(0.05)
    #expect(skewed.meanDistance > 1)
    #expect(try statistics(0.5).meanDistance < skewed.meanDistance)
  }

  private func labelTotals(_ labels: [Int32]) -> [Int] {
    (0..<10).map { label in labels.count { Int($0) == label } }
  }

  @Test("the minimum size is kept, and an impossible one is explained")
  func minimumSize() throws {
    let labels = Self.labels(400, classes: 10)
    var generator = testGenerator()
    let kept = try DirichletPartition(.init(clients: 10, alpha: 0.3, minimumSize: 12))
      .assign(pool(labels, classes: 10), using: &generator)
    #expect(kept.indices.allSatisfy { $0.count >= 12 })
    #expect(
      throws: DataError.clientsTooLarge(
        partition: "dirichlet", clients: 10, minimumSize: 41, examples: 400)
    ) {
      try DirichletPartition(.init(clients: 10, alpha: 0.3, minimumSize: 41))
        .assign(pool(labels, classes: 10), using: &generator)
    }
    do {
      _ = try DirichletPartition(.init(clients: 10, alpha: 0.05, minimumSize: 40))
        .assign(pool(labels, classes: 10), using: &generator)
      Issue.record("ten clients of exactly 40 out of 400 cannot come out at alpha 0.05")
    } catch DataError.clientsTooSmall(_, let minimumSize, let draws, let bestMinimum) {
      #expect(minimumSize == 40 && draws == DirichletPartition.draws)
      // What the message proposes does work.
      let proposed = try DirichletPartition(
        .init(clients: 10, alpha: 0.05, minimumSize: max(1, bestMinimum / 2)))
      _ = try proposed.assign(pool(labels, classes: 10), using: &generator)
    }
  }

  @Test("parameters out of range are all named")
  func checksParameters() {
    #expect(throws: ParameterError.self) { try IID(.init(clients: 0)) }
    do {
      _ = try DirichletPartition(.init(clients: 0, alpha: -1, minimumSize: 0))
      Issue.record("accepted")
    } catch {
      let problems = (error as? ParameterError)?.problems.map(\.key)
      #expect(problems == ["clients", "alpha", "minimum-size"])
    }
  }

  @Test("the statistics of a small partition are as counted by hand")
  func statistics() {
    let data = pool([0, 0, 1, 1], classes: 2)
    let statistics = PartitionStatistics(ClientShares([[0, 1], [2], [2, 3]]), of: data)
    #expect(statistics.sizes == [2, 1, 2])
    #expect(statistics.labelCounts == [[2, 0], [0, 1], [0, 2]])
    #expect(statistics.distances == [1, 1, 1])
    #expect(statistics.meanDistance == 1 && statistics.maximumDistance == 1)
    #expect(statistics.overlap == 1)
    let even = PartitionStatistics(ClientShares([[0, 2], [1, 3]]), of: data)
    #expect(even.distances == [0, 0] && even.overlap == 0)
    // sha256 of the 64-bit little-endian integers 2, 2, 0, 2, 2, 1, 3, by Python's hashlib.
    #expect(even.digest == "c0a3f3e09547391f05f54ceed4c328baf55a2872989187fae6e1e0ac9570df68")
    #expect(statistics.digest != even.digest)
  }

  @Test("the catalogues list every file of their folders")
  func cataloguesTheFolders() throws {
    let root = testsDirectory.deletingLastPathComponent().appending(path: "Sources/Datasets")
    for (folder, types) in [
      ("Sources", dataCatalogue.map { "\($0)" }),
      ("Partitions", partitionCatalogue.map { "\($0)" }),
    ] {
      let files = try FileManager.default.contentsOfDirectory(
        atPath: root.appending(path: folder).path
      ).filter { $0.hasSuffix(".swift") && !$0.hasSuffix("Catalogue.swift") }
      #expect(Set(files.map { String($0.dropLast(6)) }) == Set(types))
    }
  }
}
