import Datasets
import Foundation
import Learning
import Randomness
import TestSupport
import Testing

@Suite("Synthetic(alpha, beta) of FedProx")
struct SyntheticFedProxTests {
  private func load(
    _ variant: UInt64 = 0, _ change: (inout SyntheticFedProx.Parameters) -> Void = { _ in }
  ) throws -> DataSplit {
    var parameters = SyntheticFedProx.defaults
    change(&parameters)
    var generator = testGenerator(variant, name: "fedprox")
    return try SyntheticFedProx(parameters).load(using: &generator)
  }

  /// The rows of each client's training examples.
  private func members(_ split: DataSplit) throws -> [[Int]] {
    let groups = try #require(split.groups)
    var members = [[Int]](repeating: [], count: groups.names.count)
    for (row, client) in groups.members.enumerated() { members[Int(client)].append(row) }
    return members
  }

  /// Mean of every feature over these rows.
  private func mean(_ rows: [Int], _ split: DataSplit) -> [Double] {
    var sum = [Double](repeating: 0, count: split.train.featureCount)
    for row in rows {
      for (feature, value) in split.train.features(of: row).enumerated() {
        sum[feature] += Double(value) / Double(rows.count)
      }
    }
    return sum
  }

  @Test("thirty clients, 60 features, 10 classes, and a tenth of each client to test on")
  func shape() throws {
    let split = try load()
    let members = try members(split)
    #expect(members.count == 30 && split.train.shape == [60] && split.train.classes == 10)
    #expect(split.groups?.names.first == "f_00000" && split.groups?.names.last == "f_00029")
    // n - floor(0.9 n) of n >= 50 examples are tested on; n is one or two numbers by the rest.
    var expected = 0...0
    for count in members.map(\.count) {
      #expect(count >= 45)
      let possible = (count...(2 * count)).filter { Int(0.9 * Double($0)) == count }
      let tested = possible.map { $0 - count }
      expected =
        (expected.lowerBound + (tested.min() ?? 0))...(expected.upperBound + (tested.max() ?? 0))
    }
    #expect(expected.contains(split.test.count))
  }

  /// ln(n - 50) of many clients against N(4, 2), the floor kept out by comparing with whole powers:
  /// P(n - 50 < t) = Phi((ln t - 4) / 2) for whole t. Chi-square over nine cells, 1 in 100,000.
  @Test("sizes are 50 and a rounded log-normal number of N(4, 2)")
  func sizes() throws {
    let clients = isOptimizedBuild ? 4000 : 800
    let split = try load { ($0.clients, $0.dimension, $0.classes) = (clients, 1, 2) }
    // The whole of n is n_train / 0.9, exact to one example: cells wider than that, cut where a
    // training size is certain.
    let trained = try members(split).map(\.count)
    let bounds = [2, 8, 20, 40, 80, 200, 500, 2000].map { Double($0) }
    func below(_ t: Double) -> Double {
      0.5 * erfc(-(log(t) - 4) / 2 / 2.0.squareRoot())
    }
    var counts = [Int](repeating: 0, count: bounds.count + 1)
    for size in trained {
      counts[bounds.firstIndex { size < Int(0.9 * (50 + $0)) } ?? bounds.count] += 1
    }
    // floor(0.9 n) < floor(0.9 (50 + t)) exactly when n < 50 + t, if 0.9 (50 + t) is whole or its
    // floor is reached by no smaller n; otherwise one more n: t is moved to the first n of that floor.
    let cut = bounds.map { bound -> Double in
      var n = 50 + Int(bound)
      while Int(0.9 * Double(n - 1)) == Int(0.9 * (50 + bound)) { n -= 1 }
      return below(Double(n - 50))
    }
    let cumulative = [0] + cut + [1]
    let expected = zip(cumulative.dropFirst(), cumulative).map { ($0 - $1) * Double(clients) }
    let statistic = chiSquare(counts, expected: expected)
    #expect(chiSquareSurvival(statistic, degrees: bounds.count) > 1e-5, "\(counts) \(expected)")
  }

  @Test("features vary by j^-1.2 inside a client, centres by 1 around N(0, beta)")
  func moments() throws {
    let beta = 3.0
    let split = try load { ($0.clients, $0.dimension, $0.beta) = (300, 12, beta) }
    let members = try members(split)
    let means = members.map { mean($0, split) }
    var within = [Double](repeating: 0, count: 12)
    var degrees = 0.0
    for (rows, mean) in zip(members, means) {
      // Huge clients would decide alone.
      for row in rows.prefix(200) {
        for (feature, value) in split.train.features(of: row).enumerated() {
          within[feature] += (Double(value) - mean[feature]) * (Double(value) - mean[feature])
        }
      }
      degrees += Double(min(rows.count, 200)) * (1 - 1 / Double(rows.count))
    }
    for feature in 0..<12 {
      // A relative deviation of sqrt(2 / degrees), about 0.009; 6 of them.
      let expected = pow(Double(feature + 1), -1.2)
      #expect(abs(within[feature] / degrees / expected - 1) < 6 * (2 / degrees).squareRoot())
    }
    // B_k is close to the mean of the client's centre; around it centres have variance 1 (the mean of
    // a client's examples adds at most 1/45, counted in the limits).
    let centres = means.map { $0.reduce(0, +) / 12 }
    let between = centres.reduce(0) { $0 + $1 * $1 } / 300
    #expect(abs(between / (beta * beta + 1.0 / 12) - 1) < 5 * (2.0 / 300).squareRoot() + 0.01)
    let spread = zip(means, centres).reduce(0) { sum, client in
      sum + client.0.reduce(0) { $0 + ($1 - client.1) * ($1 - client.1) }
    }
    #expect(abs(spread / (300 * 11) - 1) < 5 * (2.0 / 3300).squareRoot() + 0.01)
  }

  @Test("every client's labels come from one linear model, and clients' models disagree")
  func linear() throws {
    let split = try load { ($0.clients, $0.dimension, $0.classes, $0.beta) = (12, 5, 3, 0) }
    // A perceptron that has seen all of a client makes no mistake in the end if, and only if, a linear
    // model without error exists.
    func mistakes(_ rows: [Int], passes: Int) -> Int {
      var weights = [[Double]](repeating: .init(repeating: 0, count: 6), count: 3)
      var last = 0
      for _ in 0..<passes {
        last = 0
        for row in rows {
          let x = split.train.features(of: row).map(Double.init) + [1]
          let scores = weights.map { zip($0, x).reduce(0) { $0 + $1.0 * $1.1 } }
          let guess = scores.firstIndex(of: scores.max() ?? 0) ?? 0
          let label = Int(split.train.labels[row])
          guard guess != label else { continue }
          last += 1
          for i in 0..<6 {
            weights[label][i] += x[i]
            weights[guess][i] -= x[i]
          }
        }
        if last == 0 { return 0 }
      }
      return last
    }
    let members = try members(split).map { Array($0.prefix(45)) }
    for rows in members { #expect(mistakes(rows, passes: 20_000) == 0) }
    #expect(mistakes(members.flatMap { $0 }, passes: 50) > 100)
  }

  @Test("u_k moves all scores alike: alpha changes no label")
  func alphaIsIdle() throws {
    let zero = try load { ($0.alpha, $0.dimension) = (0, 10) }
    let large = try load { ($0.alpha, $0.dimension) = (50, 10) }
    #expect(zero.train.labels == large.train.labels && zero.train.features == large.train.features)
    let other = try load { ($0.beta, $0.dimension) = (0, 10) }
    #expect(zero.train.features != other.train.features)
  }

  @Test("iid: one model and one centre for all")
  func iid() throws {
    let split = try load { ($0.iid, $0.clients, $0.dimension, $0.classes) = (true, 20, 4, 3) }
    let members = try members(split)
    for rows in members {
      // Means of at least 45 examples with deviations of at most 1; 5.5 deviations.
      for value in mean(rows, split) { #expect(abs(value) < 5.5 / Double(rows.count).squareRoot()) }
    }
    let all = members.flatMap { Array($0.prefix(45)) }.sorted()
    let examples = try split.train.subset(all)
    // With one model, examples near each other have one label whoever holds them: the nearest
    // neighbour among other clients says it far more often than by chance, a third.
    var agreements = 0
    for index in 0..<300 {
      let own = examples.features(of: index)
      let nearest = (0..<examples.count).filter { $0 / 45 != index / 45 }.min { a, b in
        distance(own, examples.features(of: a)) < distance(own, examples.features(of: b))
      }
      if examples.labels[nearest ?? 0] == examples.labels[index] { agreements += 1 }
    }
    #expect(agreements > 240)
    #expect(
      try load { ($0.iid, $0.dimension, $0.alpha, $0.beta) = (true, 4, 3, 7) }.digest
        == load { ($0.iid, $0.dimension) = (true, 4) }.digest)
  }

  private func distance(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  @Test("the partition natural gives the clients back; seeds decide; bad parameters are named")
  func clients() throws {
    let split = try load { $0.dimension = 3 }
    var generator = testGenerator()
    let shares = try Natural(Natural.defaults).assign(split.pool, using: &generator)
    #expect(try shares.indices == members(split))
    #expect(try load { $0.dimension = 3 }.digest == split.digest)
    #expect(try load(1) { $0.dimension = 3 }.digest != split.digest)
    let message = DataFiles.configurationMessage(
      #"{"synthetic-fedprox": {"alpha": -1, "beta": -2, "clients": 0, "classes": 1}}"#)
    for key in ["alpha: must be", "beta: must be", "clients: must be at least 1", "classes: must"] {
      #expect(message?.contains(key) == true)
    }
    #expect(
      DataFiles.configurationMessage(#"{"synthetic-fedprox": {"clients": 1000000}}"#)?.contains(
        "must be few enough for 2^30 values") == true)
  }
}
