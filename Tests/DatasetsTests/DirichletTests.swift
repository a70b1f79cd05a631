import Datasets
import Foundation
import Randomness
import TestSupport
import Testing

/// The procedures called Dirichlet besides the class-wise uncapped one (`PartitionTests`), each against
/// a closed form or a plain version of its source's rule.
@Suite("Dirichlet procedures")
struct DirichletTests {
  /// Whole classes dealt out one after the other: for each class, the share of the first client among
  /// those that may take it, mapped to the uniform distribution it should have. With alpha 1 a share of
  /// `m` is Beta(1, m - 1), so `1 - (1 - x)^(m - 1)` is uniform.
  private func uniformShares(
    _ counts: [[Int]], mayTake: (_ client: Int, _ label: Int) -> Bool, classSize: Int
  ) -> [Double] {
    var values: [Double] = []
    var totals = [Int](repeating: 0, count: counts.count)
    let mean = classSize * counts[0].count / counts.count
    for label in counts[0].indices {
      let owners = counts.indices.filter { mayTake($0, label) }
      let open = owners.filter { totals[$0] < mean }
      let takers = open.isEmpty ? owners : open
      for client in counts.indices where !takers.contains(client) {
        #expect(counts[client][label] == 0, "client \(client) has enough, or does not own \(label)")
      }
      if takers.count > 1 {
        let share = (Double(counts[takers[0]][label]) + 0.5) / Double(classSize + 1)
        values.append(1 - pow(1 - share, Double(takers.count - 1)))
      }
      for client in counts.indices { totals[client] += counts[client][label] }
    }
    return values
  }

  @Test("capped: a client with its N / n gets no more, the others' shares are Dirichlet")
  func capped() throws {
    let data = pool(cyclicLabels(8000, classes: 20), classes: 20)
    let partition = try DirichletCapped(.init(clients: 8, alpha: 1, minimumSize: 1))
    var generator = testGenerator()
    var values: [Double] = []
    for _ in 0..<40 {
      let counts = try partition.assign(data, using: &generator).counts(data)
      values += uniformShares(counts, mayTake: { _, _ in true }, classSize: 400)
      // Beyond the mean by at most the last class taken.
      #expect(counts.allSatisfy { $0.reduce(0, +) < 1000 + 400 })
    }
    #expect(values.count > 600)
    expectUniform(values)
  }

  @Test("extended: owners alone take part, every label has owners enough, shares are Dirichlet")
  func extended() throws {
    let data = pool(cyclicLabels(8000, classes: 10), classes: 10)
    let partition = try DirichletExtended(.init(clients: 10, labels: 4, alpha: 1, minimumSize: 1))
    var generator = testGenerator()
    var values: [Double] = []
    for _ in 0..<80 {
      let counts = try partition.assign(data, using: &generator).counts(data)
      // Who owns a label is only seen from a share of it: an owner with none cannot be told, so the
      // values below are right up to those, which are few at 800 examples a class.
      #expect(counts.allSatisfy { $0.count { $0 > 0 } <= 4 })
      for label in 0..<10 { #expect(counts.reduce(0) { $0 + $1[label] } == 800) }
      values += uniformShares(
        counts, mayTake: { counts[$0][$1] > 0 }, classSize: 800)
    }
    #expect(values.count > 500)
    expectUniform(values)
  }

  @Test("extended with equal shares: a label in equal parts to owners, each label's chosen alike")
  func extendedOwners() throws {
    let data = pool(cyclicLabels(1200, classes: 4), classes: 4)
    let partition = try DirichletExtended(.init(clients: 3, labels: 2, alpha: 1e9, minimumSize: 1))
    var generator = testGenerator()
    var pairs = [Int](repeating: 0, count: 6)
    for _ in 0..<1200 {
      let counts = try partition.assign(data, using: &generator).counts(data)
      let own = (0..<4).filter { counts[0][$0] > 0 }
      // Nobody is full before its second label comes: one label is at most 300 of the 400.
      #expect(own.count == 2)
      pairs[[[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]].firstIndex(of: own) ?? 0] += 1
    }
    // All labels are alike, so all six pairs are equally likely.
    let expected = [Double](repeating: 200, count: 6)
    #expect(chiSquareSurvival(chiSquare(pairs, expected: expected), degrees: 5) > 1e-5)
  }

  /// FedLab's loop as it stands: a random client, again if it is full; a random label, again if it is
  /// empty.
  private func depletingPool(
    _ stock: [Int], sizes: [Int], alpha: Double, using generator: inout Generator
  ) -> [[Int]] {
    var (stock, sizes) = (stock, sizes)
    let priors = sizes.map { _ in generator.dirichlet(concentration: alpha, count: stock.count) }
    var counts = sizes.map { _ in stock.map { _ in 0 } }
    while sizes.contains(where: { $0 > 0 }) {
      let client = generator.uniform(below: sizes.count)
      guard sizes[client] > 0 else { continue }
      sizes[client] -= 1
      while true {
        let u = generator.uniform()
        var (label, sum) = (0, priors[client][0])
        while u > sum, label < stock.count - 1 {
          label += 1
          sum += priors[client][label]
        }
        guard stock[label] > 0 else { continue }
        stock[label] -= 1
        counts[client][label] += 1
        break
      }
    }
    return counts
  }

  @Test("client-wise: outcomes are those of the plain loop with its retries")
  func depleting() throws {
    let labels: [Int32] = [0, 0, 0, 1, 1, 2, 2, 2]
    let data = pool(labels, classes: 3)
    let partition = try DirichletClient(.init(clients: 3, alpha: 1))
    var generator = testGenerator()
    var plain = testGenerator(1)
    var (ours, theirs): ([[Int]], [[Int]]) = ([], [])
    for _ in 0..<4000 {
      ours.append(try partition.assign(data, using: &generator).counts(data)[1])
      theirs.append(depletingPool([3, 2, 3], sizes: [2, 3, 3], alpha: 1, using: &plain)[1])
    }
    expectSameDistribution(ours, theirs)
  }

  @Test("client-wise: many small clients have Dirichlet label proportions; sigma spreads the sizes")
  func clientPriors() throws {
    // With a tiny alpha every client wants one label. A label that m clients want gives each 1,000 / m
    // examples, at least 50 for m up to 20, and the rest of what they need comes from others.
    let data = pool(cyclicLabels(4000, classes: 4), classes: 4)
    var generator = testGenerator()
    let one = try DirichletClient(.init(clients: 40, alpha: 1e-4)).assign(data, using: &generator)
    let pure = one.counts(data).count { $0.max() ?? 0 >= 50 }
    #expect(pure >= 30 && one.indices.allSatisfy { $0.count == 100 })
    // A large alpha makes them all alike: binomial shares of a quarter, standard deviation below 4.4.
    let flat = try DirichletClient(.init(clients: 40, alpha: 1e6)).assign(data, using: &generator)
    #expect(flat.counts(data).joined().allSatisfy { abs($0 - 25) < 27 })
    // Two clients' sizes: the logit of the first's share is N(0, 2 sigma^2).
    let partition = try DirichletClient(.init(clients: 2, alpha: 1, sigma: 0.5))
    expectUniform(
      try (0..<500).map { _ in
        let sizes = try partition.assign(data, using: &generator).indices.map { Double($0.count) }
        return erfc(-log(sizes[0] / sizes[1]) / (2 * 0.5)) / 2
      })
  }

  @Test(
    "shared pool: with equal weights counts are hypergeometric, and examples equally often taken")
  func sharedEqualWeights() throws {
    let data = pool([0, 0, 0, 0, 0, 0, 1, 1, 1, 1], classes: 2)
    let partition = try DirichletShared(.init(clients: 2000, alpha: 1e9, size: 4))
    var generator = testGenerator()
    #expect(throws: DataError.self) { try partition.assign(data, using: &generator) }
    var zeros = [Int](repeating: 0, count: 5)
    var taken = [Int](repeating: 0, count: 10)
    for _ in 0..<300 {
      let shares = try DirichletShared(.init(clients: 10, alpha: 1e9, size: 4))
        .assign(data, using: &generator)
      for (indices, counts) in zip(shares.indices, shares.counts(data)) {
        zeros[counts[0]] += 1
        for index in indices { taken[index] += 1 }
      }
    }
    // C(6, j) C(4, 4 - j) / C(10, 4) of 3,000.
    let expected = [1.0, 24, 90, 80, 15].map { 3000 * $0 / 210 }
    #expect(chiSquareSurvival(chiSquare(zeros, expected: expected), degrees: 4) > 1e-5)
    // Counts of examples within a client are negatively correlated, which makes this the safer.
    let each = [Double](repeating: 1200, count: 10)
    #expect(chiSquareSurvival(chiSquare(taken, expected: each), degrees: 9) > 1e-5)
  }

  @Test("shared pool: outcomes are those of drawing example by example with weights")
  func sharedPlain() throws {
    let labels: [Int32] = [0, 0, 0, 0, 1, 1, 2]
    let data = pool(labels, classes: 3)
    let partition = try DirichletShared(.init(clients: 1, alpha: 0.7, size: 4))
    var generator = testGenerator()
    var plain = testGenerator(1)
    var (ours, theirs): ([[Int]], [[Int]]) = ([], [])
    for _ in 0..<6000 {
      ours.append(try partition.assign(data, using: &generator).indices[0])
      let prior = plain.dirichlet(concentration: 0.7, count: 3)
      var weights = labels.map { prior[Int($0)] }
      var share: [Int] = []
      for _ in 0..<4 {
        var rest = plain.uniform() * weights.reduce(0, +)
        let drawn = weights.indices.first { index in
          rest -= weights[index]
          return rest < 0
        }
        share.append(drawn ?? 6)
        weights[drawn ?? 6] = 0
      }
      theirs.append(share.sorted())
    }
    expectSameDistribution(ours, theirs)
  }

  @Test("two-level: outcomes are those of asking every client with room for every example")
  func twoLevel() throws {
    let labels: [Int32] = [0, 0, 0, 1, 1, 1, 1]
    let data = pool(labels, classes: 2)
    let partition = try DirichletTwoLevel(.init(clients: 3, sizeAlpha: 1e9, alpha: 0.8))
    var generator = testGenerator()
    var plain = testGenerator(1)
    var (ours, theirs): ([[Int]], [[Int]]) = ([], [])
    for _ in 0..<5000 {
      let shares = try partition.assign(data, using: &generator)
      // Dir(1e9) is a third each, to a nanounit on either side of 7 / 3 and 14 / 3: 2, 2, 3.
      #expect(shares.indices.map(\.count) == [2, 2, 3])
      ours.append(shares.counts(data).flatMap { $0 })
      let priors = (0..<3).map { _ in plain.dirichlet(concentration: 0.8, count: 2) }
      var room = [2, 2, 3]
      var counts = [Int](repeating: 0, count: 6)
      for place in plain.permutation(7) {
        let label = Int(labels[place])
        let weights = (0..<3).map { room[$0] > 0 ? priors[$0][label] : 0 }
        var rest = plain.uniform() * weights.reduce(0, +)
        let client =
          (0..<3).first { client in
            rest -= weights[client]
            return rest < 0
          } ?? 2
        room[client] -= 1
        counts[2 * client + label] += 1
      }
      theirs.append(counts)
    }
    expectSameDistribution(ours, theirs)
  }

  @Test("a concentration whose proportions underflow still fills every client, and no further")
  func extremeConcentration() throws {
    let data = pool(cyclicLabels(300, classes: 3), classes: 3)
    for seed in UInt64(0)..<5 {
      var generator = testGenerator(seed)
      for partition in [
        try DirichletClient(.init(clients: 10, alpha: 1e-5)),
        try DirichletShared(.init(clients: 10, alpha: 1e-5, size: 150)),
        try DirichletTwoLevel(.init(clients: 10, sizeAlpha: 1e9, alpha: 1e-5)),
      ] as [any Partition] {
        let shares = try partition.assign(data, using: &generator)
        let size = partition is DirichletShared ? 150 : 30
        #expect(
          shares.indices.allSatisfy { abs($0.count - size) <= 1 && Set($0).count == $0.count })
      }
    }
  }

  @Test("two-level and quantity: sizes are Dirichlet")
  func dirichletSizes() throws {
    let data = pool(cyclicLabels(3000, classes: 3), classes: 3)
    var generator = testGenerator()
    let quantity = try DirichletQuantity(.init(clients: 5, alpha: 1, minimumSize: 1))
    let twoLevel = try DirichletTwoLevel(.init(clients: 5, sizeAlpha: 1, alpha: 1))
    for partition in [quantity, twoLevel] as [any Partition] {
      // The first of five shares is Beta(1, 4).
      expectUniform(
        try (0..<400).map { _ in
          let size = try partition.assign(data, using: &generator).indices[0].count
          return 1 - pow(1 - (Double(size) + 0.5) / 3001, 4)
        })
    }
    // Contents of the quantity-only one are IID: 5 clients' labels against thirds.
    let counts = try DirichletQuantity(.init(clients: 5, alpha: 50, minimumSize: 100))
      .assign(data, using: &generator).counts(data)
    for counts in counts {
      let third = Double(counts.reduce(0, +)) / 3
      // exp(-x / 2): 1e-5 at 23.
      #expect(chiSquare(counts, expected: [third, third, third]) < 23)
    }
  }
}
