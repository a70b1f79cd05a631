import Accounting
import Algorithms
import Components
import Defenses
import Federation
import Learning
import Randomness
import Tensors
import Testing

/// Noise of a binary tree over the rounds, judged by its variance and by a sensitivity counted by
/// hand.
@Suite("Correlated noise of a trusted server")
struct CorrelatedNoiseTests {
  private static func defense(
    noise: Double? = nil, epsilon: Double? = nil, canaries: Int = 0
  ) throws -> DPFTRL {
    var parameters = CorrelatedNoiseParameters()
    (parameters.noiseMultiplier, parameters.targetEpsilon) = (noise, epsilon)
    (parameters.canaries, parameters.guesses, parameters.delta) = (canaries, canaries / 4, 1e-3)
    return try DPFTRL(parameters)
  }

  @Test("the first t rounds together have the noise of as many nodes as t has ones in binary")
  func prefixes() throws {
    let dimension = 4000
    let setting = ReleaseSetting(
      sampling: CohortSampling(.everybody, size: 20, probabilities: 1...1), separation: 1,
      population: 20, rounds: 16, dimension: dimension)
    let defense = try Self.defense(noise: 1)
    var sum = [Double](repeating: 0, count: dimension)
    var memory = Memory()
    var prefixes: [[Double]] = []
    for release in 0..<16 {
      let noise = defense.noise(
        release, in: setting, root: Generator(seed: 5), memory: &memory)
      for place in sum.indices { sum[place] += noise[place] }
      prefixes.append(sum)
      let variance = sum.reduce(0) { $0 + $1 * $1 } / Double(dimension)
      let ones = Double((release + 1).nonzeroBitCount)
      // Five standard errors of a variance; 16 of them: false alarms below 1e-5.
      #expect(abs(variance / ones - 1) < 5 * (2 / Double(dimension)).squareRoot(), "\(release)")
    }
    // Sums of 2 and 3 rounds share a node, those of 3 and 4 none.
    func product(_ left: Int, _ right: Int) -> Double {
      zip(prefixes[left - 1], prefixes[right - 1]).reduce(0) { $0 + $1.0 * $1.1 }
        / Double(dimension)
    }
    let error = 5 * (3 / Double(dimension)).squareRoot()
    #expect(abs(product(2, 3) - 1) < error && abs(product(3, 4)) < error)
  }

  /// The squared length of what a client changes in the tree of `rounds` leaves that takes part in
  /// rounds `separation` apart, at most, each time by 1: counted node by node.
  private static func squaredSensitivity(rounds: Int, separation: Int) -> Double {
    var most = 0
    for first in 0..<separation {
      let taken = stride(from: first, to: rounds, by: separation)
      var square = 0
      var size = 1
      while size <= rounds {
        for node in 0..<(rounds / size) {
          let inside = taken.count { $0 / size == node }
          square += inside * inside
        }
        size *= 2
      }
      most = max(most, square)
    }
    return Double(most)
  }

  @Test("groups that take turns pay once a turn, in the nodes above them", arguments: [1, 4, 16])
  func sensitivity(groups: Int) throws {
    var federation = TinyFederation(
      clients: 32, rounds: 16,
      algorithm: [FedAvg(weighting: .uniform), try CyclicSampling(groups: groups)],
      defense: [try Self.defense(noise: 1.5), Mean()])
    federation.threat = ThreatModel(attackers: 0)
    let record = try federation.run()
    let square = Self.squaredSensitivity(rounds: 16, separation: groups)
    let judged = try GaussianAccountant().epsilon(
      delta: 1e-3,
      of: [
        PrivacyEvent(
          .gaussian(noiseMultiplier: 1.5 / square.squareRoot()), adjacency: .zeroOut, unit: .client)
      ]
    ).upper
    let upper = try #require(record.evidence?.epsilonUpper)
    #expect(abs(upper - judged) < 1e-3 * judged, "\(upper) and \(judged)")
    // One mechanism for all of the run.
    #expect(record.privacy.count == 1 && record.heldRounds == 0)
  }

  /// The steps of the model in a run whose clients all send the same value in every coordinate.
  private static func steps(_ value: Float, noise: Double, rounds: Int) throws -> [[Double]] {
    func federation(_ value: Float, _ defense: [any Component]) -> TinyFederation {
      var federation = TinyFederation(
        clients: 10, rounds: rounds,
        algorithm: [SendingTrainer { _, _, count in [Float](repeating: value, count: count) }],
        defense: defense)
      federation.threat = ThreatModel(attackers: 0)
      return federation
    }
    var models = [try federation(0, [Mean()]).run().model]
    _ = try federation(value, [try defense(noise: noise), Mean()]).scenario().run(from: nil) {
      models.append($1.record.model)
    }
    return zip(models.dropFirst(), models).map { ($0 - $1).array.map(Double.init) }
  }

  @Test("a run's steps get z C / m of every node that begins, less the nodes that end")
  func run() throws {
    let steps = try Self.steps(0, noise: 3, rounds: 400)
    let node = 0.3 * 0.3  // z C / m = 3 * 1 / 10
    /// The mean product of the steps of `count` a round with those `lag` before.
    func mean(_ rounds: [Int], lag: Int) -> (value: Double, count: Double) {
      let products = rounds.flatMap { round in
        zip(steps[round - 1], steps[round - 1 - lag]).map { $0 * $1 / node }
      }
      return (products.reduce(0, +) / Double(products.count), Double(products.count))
    }
    let odd = Array(stride(from: 3, through: 399, by: 2))
    let twice = Array(stride(from: 2, through: 398, by: 4))
    // A product of normals of variances a and b with covariance c has variance ab + c^2. Five standard
    // errors each: false alarms below 1e-6 apiece.
    for (rounds, lag, wanted, variance) in [
      (odd, 0, 1.0, 2.0), (twice, 0, 2.0, 8.0), (twice, 1, -1.0, 3.0), (odd, 2, 0.0, 1.0),
    ] {
      let rounds = rounds.filter { $0 > lag }
      let found = mean(rounds, lag: lag)
      #expect(
        abs(found.value - wanted) < 5 * (variance / found.count).squareRoot(),
        "\(found) at lag \(lag)")
    }
  }

  @Test("updates are clipped to C before they are summed, however long they are")
  func clip() throws {
    for step in try Self.steps(1e6, noise: 0, rounds: 3) {
      let norm = step.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - 1) < 1e-4)
    }
  }

  @Test("a target is met, with less noise for clients that take part less often")
  func target() throws {
    var noises: [Double] = []
    for groups in [1, 8] {
      var federation = TinyFederation(
        clients: 400, rounds: 8,
        algorithm: [FedAvg(weighting: .uniform), try CyclicSampling(groups: groups)],
        defense: [try Self.defense(epsilon: 6), Mean()])
      federation.threat = ThreatModel(attackers: 0)
      federation.examplesPerClient = 2
      let record = try federation.run()
      let upper = try #require(record.evidence?.epsilonUpper)
      #expect(upper <= 6 && upper > 5.9)
      guard case .gaussian(let noise) = record.privacy.entries.first?.mechanism else {
        Issue.record("no Gaussian release in the ledger")
        return
      }
      noises.append(noise)
    }
    // The ledger is told the mechanism of the run: the same, whatever the noise of a round.
    #expect(abs(noises[0] / noises[1] - 1) < 0.02)
  }

  @Test("cohorts of cyclic sampling are the groups in turn")
  func turns() throws {
    var federation = TinyFederation(
      clients: 7, rounds: 6,
      algorithm: [FedAvg(weighting: .uniform), try CyclicSampling(groups: 3)], defense: [Mean()])
    federation.threat = ThreatModel(attackers: 0)
    #expect(try federation.run().rounds.map(\.received) == [3, 2, 2, 3, 2, 2])
    #expect(throws: ParameterError.self) { try CyclicSampling(groups: 0) }
    #expect(try CyclicSampling(groups: 3).guaranteedCohort(of: 7) == 2)
  }
}
