import Datasets
import Foundation
import Randomness
import TestSupport
import Testing

/// Quantity skew against the laws that sizes are drawn from, and natural groups.
@Suite("Quantity skew and natural groups")
struct QuantitySkewTests {
  @Test(
    "the ratio of two sizes follows the law", arguments: [QuantitySkew.Law.logNormal, .powerLaw])
  func twoSizes(_ law: QuantitySkew.Law) throws {
    let data = pool(cyclicLabels(5000, classes: 2), classes: 2)
    let partition = try QuantitySkew(.init(clients: 2, law: law, spread: 1.5))
    var generator = testGenerator()
    expectUniform(
      try (0..<500).map { _ in
        let sizes = try partition.assign(data, using: &generator).indices.map { Double($0.count) }
        let ratio = log(sizes[0] / sizes[1])
        // Log-normal: N(0, 2 sigma^2). Pareto: the difference of two exponentials of rate a, which is
        // Laplace of scale 1 / a. A size of 0 has been drawn again, below 1 in 1,000 cases.
        if law == .logNormal { return erfc(-ratio / (2 * 1.5)) / 2 }
        let tail = exp(-1.5 * abs(ratio)) / 2
        return ratio < 0 ? tail : 1 - tail
      })
  }

  @Test("Zipf's sizes are the harmonic ones, ranks in random order, contents IID")
  func zipf() throws {
    let data = pool(cyclicLabels(110, classes: 2), classes: 2)
    var generator = testGenerator()
    var first = [Int](repeating: 0, count: 3)
    var zeros = 0.0
    for _ in 0..<600 {
      let shares = try QuantitySkew(.init(clients: 3, law: .zipf, spread: 1))
        .assign(data, using: &generator)
      // 110 = 60 + 30 + 20, up to rounding of the cuts.
      let sizes = shares.indices.map(\.count)
      #expect(zip(sizes.sorted(), [20, 30, 60]).allSatisfy { abs($0 - $1) <= 1 })
      first[[20, 30, 60].firstIndex { abs(sizes[0] - $0) <= 1 } ?? 0] += 1
      zeros += Double(shares.counts(data)[0][0]) - Double(sizes[0]) / 2
    }
    #expect(chiSquare(first, expected: [200, 200, 200]) < 18.4)  // 1e-4 at 2 degrees
    // Hypergeometric, variance at most 60 x 50 / 4 / 109: 600 of them within 4 standard deviations.
    #expect(abs(zeros) < 4 * (600 * 60.0 * 50 / 4 / 109).squareRoot())
  }

  @Test("one client a group; small ones are left out; fewer clients draw or merge")
  func natural() throws {
    // Groups by i mod 4: positions 0 4 8, 1 5 9, 2 6, 3 7.
    let data = pool([0, 1, 0, 1, 0, 1, 0, 1, 0, 1], classes: 2, groups: 4)
    var generator = testGenerator()
    let groups = [[0, 4, 8], [1, 5, 9], [2, 6], [3, 7]]
    #expect(try Natural(.init()).assign(data, using: &generator).indices == groups)
    #expect(
      try Natural(.init(minimumSize: 3)).assign(data, using: &generator).indices
        == Array(groups[..<2]))
    let drawn = try Natural(.init(clients: 3)).assign(data, using: &generator).indices
    #expect(drawn.count == 3 && Set(drawn).isSubset(of: groups) && Set(drawn).count == 3)
    for _ in 0..<20 {
      let merged = try Natural(.init(clients: 2, surplus: .merge, minimumSize: 5))
        .assign(data, using: &generator).indices
      // Two groups each; of the three pairings one leaves four examples to a client.
      #expect(merged.allSatisfy { $0.count == 5 } && merged.joined().sorted() == Array(0..<10))
    }
    for (parameters, message) in [
      (
        Natural.Parameters(minimumSize: 4),
        "0 of 4 groups have 4 examples or more; use a minimum-size of at most 3"
      ),
      (
        .init(clients: 5),
        "4 of 4 groups have 1 examples or more, too few for 5 clients; "
          + "use at most 4 clients or a smaller minimum-size"
      ),
    ] {
      do {
        _ = try Natural(parameters).assign(data, using: &generator)
        Issue.record("accepted")
      } catch {
        #expect("\(error)" == "partition natural: \(message)")
      }
    }
  }
}
