import Datasets
import Randomness
import TestSupport
import Testing

/// Shards, k labels a client, dominant labels and biased groups, each against its definition.
@Suite("Label skew")
struct LabelSkewTests {
  @Test("shards are the slices of the examples sorted by label, each with one client")
  func shards() throws {
    // Sorted by label: 1 4 | 8 0 | 2 5 | 6 3 | 7 9; shards of two, two a client and one for... five
    // clients with one each, then one client with five.
    let data = pool([1, 0, 1, 2, 0, 1, 1, 2, 0, 2], classes: 3)
    let slices: Set = [[1, 4], [0, 8], [2, 5], [3, 6], [7, 9]]
    var generator = testGenerator()
    let one = try Shards(.init(clients: 5, shardsPerClient: 1)).assign(data, using: &generator)
    #expect(Set(one.indices) == slices)
    let all = try Shards(.init(clients: 1, shardsPerClient: 5)).assign(data, using: &generator)
    #expect(all.indices == [Array(0..<10)])
    // 11 examples in four shards: cuts at 2, 5 and 8.
    let uneven = pool([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3], classes: 4)
    let four = try Shards(.init(clients: 4, shardsPerClient: 1)).assign(uneven, using: &generator)
    #expect(Set(four.indices) == [[0, 1], [2, 3, 4], [5, 6, 7], [8, 9, 10]])
  }

  @Test("with two shards a client sees at most two labels, and every pairing is equally likely")
  func shardPairs() throws {
    let data = pool((0..<40).map { Int32($0 / 10) }, classes: 4)
    var generator = testGenerator()
    var partners = [Int](repeating: 0, count: 4)
    for _ in 0..<900 {
      let shares = try Shards(.init(clients: 2, shardsPerClient: 2)).assign(data, using: &generator)
      let holds = shares.counts(data)[0].map { $0 > 0 }
      #expect(holds.count { $0 } == 2 && shares.indices[0].count == 20)
      // Who is with label 0: each other label in a third of the cases.
      partners[(1..<4).first { holds[$0] == holds[0] } ?? 0] += 1
    }
    // exp(-x / 2) is the tail at two degrees of freedom: one false alarm in 10,000 at 18.4.
    #expect(chiSquare(Array(partners[1...]), expected: [300, 300, 300]) < 18.4)
  }

  @Test("client i has label i mod K and k - 1 others, and a class comes in equal parts")
  func kClass() throws {
    let labels = PartitionTests.labels(3000, classes: 10)
    let data = pool(labels, classes: 10)
    var generator = testGenerator()
    for k in [1, 2, 3, 10] {
      let shares = try KClass(.init(clients: 23, labels: k)).assign(data, using: &generator)
      let counts = shares.counts(data)
      for (client, counts) in counts.enumerated() {
        #expect(counts[client % 10] > 0 && counts.count { $0 > 0 } == k)
      }
      for label in 0..<10 {
        // The parts of numpy's array_split, in the clients' order.
        let parts = counts.map { $0[label] }.filter { $0 > 0 }
        let total = labels.count { Int($0) == label }
        let (quotient, remainder) = total.quotientAndRemainder(dividingBy: parts.count)
        #expect(parts == parts.indices.map { quotient + ($0 < remainder ? 1 : 0) })
      }
    }
  }

  @Test("the other label is each of the others equally often")
  func kClassOthers() throws {
    let data = pool(cyclicLabels(60, classes: 4), classes: 4)
    var generator = testGenerator()
    var others = [Int](repeating: 0, count: 4)
    for _ in 0..<900 {
      let shares = try KClass(.init(clients: 6, labels: 2)).assign(data, using: &generator)
      let counts = shares.counts(data)[5]
      others[counts.indices.first { $0 != 1 && counts[$0] > 0 } ?? 1] += 1
    }
    #expect(others[1] == 0)
    // One false alarm in 10,000.
    #expect(chiSquare([others[0], others[2], others[3]], expected: [300, 300, 300]) < 18.4)
  }

  @Test("fewer clients than classes still leave no label out")
  func kClassCovers() throws {
    let data = pool(cyclicLabels(100, classes: 10), classes: 10)
    for seed in UInt64(0)..<50 {
      var generator = testGenerator(seed)
      let shares = try KClass(.init(clients: 4, labels: 3)).assign(data, using: &generator)
      #expect(shares.indices.joined().count == 100)
    }
  }

  @Test("a client has its fraction of its label; 0 and 1 are the ends of the range")
  func dominantLabel() throws {
    let data = pool(cyclicLabels(1000, classes: 10), classes: 10)
    var generator = testGenerator()
    var own = 0
    for _ in 0..<20 {
      let shares = try DominantLabel(.init(clients: 20, rho: 0.8)).assign(data, using: &generator)
      for (client, counts) in shares.counts(data).enumerated() {
        #expect(counts[client % 10] >= 40 && counts.reduce(0, +) == 50)
        own += counts[client % 10] - 40
      }
    }
    // 200 of each 1,000 are dealt out at random, 20 of each label: of the 10 that a client gets, one
    // has its label on average. 400 hypergeometric numbers of mean 1 and variance below 0.9, each
    // within 4 standard deviations in sum: one false alarm in 10,000.
    #expect(abs(Double(own) - 400) < 4 * (400 * 0.9).squareRoot())
    let pure = try DominantLabel(.init(clients: 10, rho: 1)).assign(data, using: &generator)
    #expect(pure.counts(data).enumerated().allSatisfy { $1[$0] == 100 })
    let flat = try DominantLabel(.init(clients: 2, rho: 0)).assign(data, using: &generator)
    // 500 of 1,000, of which 100 have label 0: hypergeometric, standard deviation 4.75; 5 of them.
    #expect(abs(flat.counts(data)[0][0] - 50) < 24)
  }

  @Test("a label too rare for its clients is refused with a fraction that works")
  func dominantLabelRefuses() throws {
    let data = pool([Int32](repeating: 0, count: 70) + [Int32](repeating: 1, count: 30), classes: 2)
    var generator = testGenerator()
    do {
      _ = try DominantLabel(.init(clients: 4, rho: 0.9)).assign(data, using: &generator)
      Issue.record("two clients of 25 cannot have 90% of a label with 30 examples")
    } catch {
      #expect(
        "\(error)" == "partition dominant-label: the clients with label 1 need 46 examples of it, "
          + "there are 30; use a rho of 0.58 or less")
    }
    _ = try DominantLabel(.init(clients: 4, rho: 0.58)).assign(data, using: &generator)
  }

  @Test(
    "labels go to groups with the probabilities of the source's thresholds", arguments: [0.1, 0.5])
  func groupBias(q: Double) throws {
    // Seven clients in three groups: 0 1, 2 3, 4 5 6.
    let (group, size) = ([0, 0, 1, 1, 2, 2, 2], [2.0, 2.0, 3.0])
    let data = pool(cyclicLabels(30_000, classes: 3), classes: 3)
    var generator = testGenerator(UInt64(q * 10))
    let shares = try GroupBias(.init(clients: 7, q: q)).assign(data, using: &generator)
    let counts = shares.counts(data)
    for label in 0..<3 {
      let expected = group.map { group in
        // Fang's code lays the interval [0, 1] out as the groups in order, its own one q long.
        10_000 * (group == label ? q : (1 - q) / 2) / size[group]
      }
      #expect(
        chiSquareSurvival(chiSquare(counts.map { $0[label] }, expected: expected), degrees: 6)
          > 1e-5)
    }
    let certain = try GroupBias(.init(clients: 7, q: 1)).assign(data, using: &generator)
    #expect(certain.counts(data).enumerated().allSatisfy { $1[group[$0]] == $1.reduce(0, +) })
  }
}
