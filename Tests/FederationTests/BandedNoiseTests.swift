import Accounting
import Algorithms
import Components
import Defenses
import Federation
import PrivateTraining
import Randomness
import Tensors
import Testing

/// Noise of a banded factorisation over the rounds, judged by dense matrices made from the definition.
@Suite("Noise of a banded factorisation at a trusted server")
struct BandedNoiseTests {
  private static func defense(
    bands: Int? = nil, noise: Double? = nil, epsilon: Double? = nil
  ) throws -> DPBandedMF {
    var parameters = BandedNoiseParameters()
    (parameters.noiseMultiplier, parameters.targetEpsilon) = (noise, epsilon)
    (parameters.canaries, parameters.bands, parameters.delta) = (0, bands, 1e-3)
    return try DPBandedMF(parameters)
  }

  private static func setting(
    rounds: Int, separation: Int, dimension: Int = 1
  ) -> ReleaseSetting {
    ReleaseSetting(
      sampling: CohortSampling(.cyclic, size: 5, probabilities: 0...1), separation: separation,
      population: 5 * separation, rounds: rounds, dimension: dimension)
  }

  /// M: the square root of the prefix sums, cut to `bands`, columns of norm 1 if `isScaled`.
  private static func matrix(rounds: Int, bands: Int, isScaled: Bool) -> [[Double]] {
    // (2j choose j) / 4^j.
    var c = [1.0]
    for j in 1..<max(2, bands) { c.append(c[j - 1] * (1 - 1 / (2 * Double(j)))) }
    var matrix = (0..<rounds).map { t in
      (0..<rounds).map { s in t >= s && t - s < bands ? c[t - s] : 0 }
    }
    guard isScaled else { return matrix }
    for s in 0..<rounds {
      let norm = matrix.reduce(0) { $0 + $1[s] * $1[s] }.squareRoot()
      for t in 0..<rounds { matrix[t][s] /= norm }
    }
    return matrix
  }

  /// The inverse of a lower triangular matrix, column by column.
  private static func inverse(_ matrix: [[Double]]) -> [[Double]] {
    var inverse = matrix.map { $0.map { _ in 0.0 } }
    for s in matrix.indices {
      for t in matrix.indices {
        let known = matrix.indices.reduce(0) { $0 + ($1 < t ? matrix[t][$1] * inverse[$1][s] : 0) }
        inverse[t][s] = ((s == t ? 1 : 0) - known) / matrix[t][t]
      }
    }
    return inverse
  }

  @Test(
    "noise is the inverse matrix times independent rows", arguments: [(4, nil), (4, 2), (1, 3)])
  func noise(separation: Int, bands: Int?) throws {
    let (rounds, dimension) = (12, 9)
    let setting = Self.setting(rounds: rounds, separation: separation, dimension: dimension)
    let effective = bands ?? separation
    let inverse = Self.inverse(
      Self.matrix(rounds: rounds, bands: effective, isScaled: effective <= separation))
    func noise(_ bands: Int?) throws -> [[Double]] {
      let defense = try Self.defense(bands: bands, noise: 1)
      var memory = Memory()
      return try (0..<rounds).map {
        try defense.noise($0, in: setting, root: Generator(seed: 5), memory: &memory)
      }
    }
    // One band leaves the rows as they are drawn.
    let independent = try noise(1)
    let found = try noise(bands)
    for t in 0..<rounds {
      for place in 0..<dimension {
        let wanted = (0..<rounds).reduce(0) { $0 + inverse[t][$1] * independent[$1][place] }
        #expect(abs(found[t][place] - wanted) < 1e-12)
      }
    }
    // What one asks for later is what one would have got on the way.
    var memory = Memory()
    let late = try Self.defense(bands: bands, noise: 1)
    _ = try late.noise(3, in: setting, root: Generator(seed: 5), memory: &memory)
    #expect(
      try late.noise(7, in: setting, root: Generator(seed: 5), memory: &memory) == found[7])
  }

  @Test("rows that make the noise are normal and independent")
  func independence() throws {
    let setting = Self.setting(rounds: 2, separation: 2, dimension: 4000)
    let defense = try Self.defense(bands: 1, noise: 1)
    var memory = Memory()
    let rows = try (0..<2).map {
      try defense.noise($0, in: setting, root: Generator(seed: 8), memory: &memory)
    }
    // Five standard errors each: false alarms below 1e-6 apiece.
    for row in rows {
      let variance = row.reduce(0) { $0 + $1 * $1 } / 4000
      #expect(abs(variance - 1) < 5 * (2.0 / 4000).squareRoot())
    }
    let product = zip(rows[0], rows[1]).reduce(0) { $0 + $1.0 * $1.1 } / 4000
    #expect(abs(product) < 5 / 4000.0.squareRoot())
  }

  /// The greatest |M u|^2 over rounds that are at least `separation` apart, found by trying all.
  private static func squaredSensitivity(
    _ matrix: [[Double]], releases: Int, separation: Int
  ) -> Double {
    var most = 0.0
    for pattern in 1..<(1 << releases) {
      let taken = (0..<releases).filter { pattern >> $0 & 1 == 1 }
      guard zip(taken, taken.dropFirst()).allSatisfy({ $1 - $0 >= separation }) else { continue }
      let square = matrix[..<releases].reduce(0) { sum, row in
        let entry = taken.reduce(0) { $0 + row[$1] }
        return sum + entry * entry
      }
      most = max(most, square)
    }
    return most
  }

  @Test("the run costs what the worst of all allowed patterns of rounds costs, stopped early too")
  func sensitivity() throws {
    for (separation, bands) in [(3, nil), (5, 5), (4, 2), (1, 3), (2, 5), (1, 40)] as [(Int, Int?)]
    {
      let rounds = 10
      let setting = Self.setting(rounds: rounds, separation: separation)
      let effective = min(bands ?? separation, rounds)
      let isScaled = effective <= separation
      let matrix = Self.matrix(rounds: rounds, bands: effective, isScaled: isScaled)
      let defense = try Self.defense(bands: bands, noise: 1)
      for releases in 1...rounds {
        let events = try defense.events(noiseMultiplier: 1.5, releases: releases, in: setting)
        let exact = Self.squaredSensitivity(matrix, releases: releases, separation: separation)
        guard case .gaussian(let noise) = events[0].mechanism else {
          Issue.record("not Gaussian")
          return
        }
        #expect(events.count == 1 && events[0].count == 1 && events[0].adjacency == .zeroOut)
        let square = (1.5 / noise) * (1.5 / noise)
        #expect(square >= exact * (1 - 1e-12), "\(separation), \(releases)")
        // Exact but for the rows that are yet to come of scaled columns.
        if !isScaled || releases == rounds { #expect(square <= exact * (1 + 1e-10)) }
      }
    }
  }

  @Test("at equal epsilon sums have less noise than with independent noise, and than the tree's")
  func error() throws {
    let (rounds, groups) = (16, 4)
    let setting = Self.setting(rounds: rounds, separation: groups)
    func multiplier(_ events: [PrivacyEvent]) -> Double {
      guard case .gaussian(let noise) = events.first?.mechanism else { return .nan }
      return noise
    }
    // The mean variance of the sums, with the noise that makes the run Gaussian of multiplier 1.
    func error(_ defense: some CentralPrivacy, _ variances: [Double]) throws -> Double {
      let noise = multiplier(
        try defense.events(noiseMultiplier: 1, releases: rounds, in: setting))
      return variances.reduce(0, +) / Double(rounds) / (noise * noise)
    }
    func sums(_ inverse: [[Double]]) -> [Double] {
      var sum = [Double](repeating: 0, count: rounds)
      return inverse.map { row in
        for s in row.indices { sum[s] += row[s] }
        return sum.reduce(0) { $0 + $1 * $1 }
      }
    }
    let banded = try error(
      Self.defense(noise: 1),
      sums(Self.inverse(Self.matrix(rounds: rounds, bands: groups, isScaled: true))))
    let independent = try error(Self.defense(bands: 1, noise: 1), (1...rounds).map(Double.init))
    var parameters = CorrelatedNoiseParameters()
    parameters.noiseMultiplier = 1
    let tree = try error(DPFTRL(parameters), (1...rounds).map { Double($0.nonzeroBitCount) })
    // The figures of the documentation; 4 17/2 and 36 33/16 by hand.
    #expect(abs(banded - 14.887440638740973) < 1e-9)
    #expect(abs(independent - 34) < 1e-9 && abs(tree - 74.25) < 1e-9)
  }

  /// The steps of the model in a run whose clients send zeros.
  private static func steps(
    _ defense: [any Component], sampler: any Component, clients: Int, rounds: Int
  ) throws -> (steps: [[Double]], record: RunRecord) {
    let zeros = SendingTrainer { _, _, count in [Float](repeating: 0, count: count) }
    func federation(_ defense: [any Component], _ sampler: [any Component]) -> TinyFederation {
      var federation = TinyFederation(
        clients: clients, rounds: rounds, algorithm: [zeros] + sampler, defense: defense)
      federation.threat = ThreatModel(attackers: 0)
      return federation
    }
    var models = [try federation([Mean()], []).run().model]
    let record = try federation(defense, [sampler]).scenario().run(from: nil) {
      models.append($1.record.model)
    }
    return (zip(models.dropFirst(), models).map { ($0 - $1).array.map(Double.init) }, record)
  }

  @Test("a run's noise becomes independent under the matrix, and the ledger is told once")
  func run() throws {
    let rounds = 300
    let (steps, record) = try Self.steps(
      [try Self.defense(noise: 2), Mean()], sampler: try CyclicSampling(groups: 3), clients: 30,
      rounds: rounds)
    let unit = 0.2  // z C / m = 2 * 1 / 10
    // Undone by M, the noise is white again.
    let matrix = Self.matrix(rounds: rounds, bands: 3, isScaled: true)
    let white = matrix.map { row in
      steps[0].indices.map { place in
        row.indices.reduce(0) { $0 + (row[$1] == 0 ? 0 : row[$1] * steps[$1][place] / unit) }
      }
    }
    let count = Double(rounds * steps[0].count)
    // Five standard errors each: false alarms below 1e-6 apiece.
    let variance = white.joined().reduce(0) { $0 + $1 * $1 } / count
    #expect(abs(variance - 1) < 5 * (2 / count).squareRoot() + 0.01)
    for lag in 1...3 {
      let product = zip(white.dropFirst(lag), white).reduce(0) { sum, pair in
        sum + zip(pair.0, pair.1).reduce(0) { $0 + $1.0 * $1.1 }
      }
      #expect(abs(product / count) < 5 / count.squareRoot(), "\(lag)")
    }
    #expect(record.privacy.count == 1 && record.heldRounds == 0)
    // 100 participations: multiplier 2 / 10.
    let upper = try #require(record.evidence?.epsilonUpper)
    let judged = try GaussianAccountant().epsilon(
      delta: 1e-3,
      of: [PrivacyEvent(.gaussian(noiseMultiplier: 0.2), adjacency: .zeroOut, unit: .client)]
    ).upper
    #expect(abs(upper - judged) < 1e-6 * judged)
  }

  @Test("a target is met, and a budget stops the run")
  func target() throws {
    var federation = TinyFederation(
      clients: 400, rounds: 8,
      algorithm: [FedAvg(weighting: .uniform), try CyclicSampling(groups: 4)],
      defense: [try Self.defense(epsilon: 6), Mean()])
    federation.threat = ThreatModel(attackers: 0)
    federation.examplesPerClient = 2
    let met = try #require(try federation.run().evidence?.epsilonUpper)
    #expect(met <= 6 && met > 5.9)
    // Two participations at multiplier 1 are affordable, three are not.
    func epsilon(_ times: Double) throws -> Double {
      try GaussianAccountant().epsilon(
        delta: 1e-3,
        of: [
          PrivacyEvent(
            .gaussian(noiseMultiplier: 1 / times.squareRoot()), adjacency: .zeroOut, unit: .client)
        ]
      ).upper
    }
    var parameters = BandedNoiseParameters()
    (parameters.noiseMultiplier, parameters.canaries, parameters.delta) = (1, 0, 1e-3)
    parameters.targetEpsilon = (try epsilon(2) + epsilon(3)) / 2
    federation.rounds = 12
    federation.defense = [try DPBandedMF(parameters), Mean()]
    let stopped = try federation.run()
    #expect(stopped.heldRounds == 4)
    let upper = try #require(stopped.evidence?.epsilonUpper)
    #expect(try abs(upper - epsilon(2)) < 1e-6)
  }

  @Test("rounds in which nothing leaves keep their place in the noise")
  func places() throws {
    let (steps, record) = try Self.steps(
      [PlaceInNoise(NoParameters()), SometimesCertified(NoParameters())],
      sampler: try CyclicSampling(groups: 2), clients: 10, rounds: 6)
    #expect(record.heldRounds == 2)
    // Rounds 0 and 3 are held; the others have the noise of their number.
    for (round, step) in steps.enumerated() {
      let wanted = round % 3 == 0 ? 0 : Double(round + 1)
      #expect(step.allSatisfy { abs($0 - wanted) < 0.01 * max(1, wanted) }, "\(round): \(step)")
    }
    #expect(record.privacy.count == 1)
    // The last release stands in the sixth place.
    let upper = try #require(record.evidence?.epsilonUpper)
    let judged = try GaussianAccountant().epsilon(
      delta: 1e-5,
      of: [
        PrivacyEvent(
          .gaussian(noiseMultiplier: 1 / 6.0.squareRoot()), adjacency: .zeroOut, unit: .client)
      ]
    ).upper
    #expect(abs(upper - judged) < 1e-6 * judged)
  }

  @Test("what cannot be is refused with what would work")
  func refusals() throws {
    func refusal(_ bands: Int?, _ sampler: [any Component]) -> String? {
      do {
        var federation = TinyFederation(
          clients: 20, algorithm: [FedAvg(weighting: .uniform)] + sampler,
          defense: [try Self.defense(bands: bands, noise: 1), Mean()])
        federation.threat = ThreatModel(attackers: 0)
        try federation.run()
        return nil
      } catch {
        return "\(error)"
      }
    }
    let poisson = try PoissonSampling(rate: 0.5)
    #expect(refusal(nil, [poisson])?.contains("cyclic-sampling in several groups") == true)
    #expect(refusal(nil, [try CyclicSampling(groups: 1)])?.contains("one band") == true)
    #expect(refusal(nil, [try CyclicSampling(groups: 2)]) == nil)
    #expect(refusal(2, [poisson]) == nil)
    #expect(throws: ParameterError.self) { try Self.defense(bands: 0, noise: 1) }
    #expect(throws: ParameterError.self) { try Self.defense(noise: -1) }
  }
}

/// Noise that tells which place it has: its number from 1.
private struct PlaceInNoise: CentralPrivacy {
  static let card = Card(
    name: "place-in-noise", summary: "Noise that is its own number.", formula: "t",
    citation: "none", needs: [.individualUpdates])

  init(_ parameters: NoParameters) {}

  let terms = PrivacyTerms(
    targetEpsilon: nil, delta: 1e-5, noiseMultiplier: 1, clipping: AdaptiveClipping(norm: 1),
    isAdaptive: false, canaries: 0, guesses: 0)

  var hasIndependentNoise: Bool { false }

  func events(
    noiseMultiplier z: Double, releases: Int, in setting: ReleaseSetting
  ) throws(AccountingError) -> [PrivacyEvent] {
    [
      try PrivacyEvent(
        .gaussian(noiseMultiplier: z / Double(releases).squareRoot()), adjacency: .zeroOut,
        unit: .client)
    ]
  }

  func noise(
    _ release: Int, in setting: ReleaseSetting, root: Generator, memory: inout Memory
  ) -> [Double] {
    [Double](repeating: Double(release + 1), count: setting.dimension)
  }
}

/// The zero vector, whose sensitivity it knows in two rounds of three.
private struct SometimesCertified: Aggregator {
  static let card = Card(
    name: "sometimes-certified", summary: "Zero, certified in two rounds of three.", formula: "0",
    citation: "none", needs: [.individualUpdates])

  init(_ parameters: NoParameters) {}

  var certifiesSensitivity: Bool { true }

  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    Aggregation(
      .vector(Vector(zeros: view.globalModel.count)), sensitivity: view.round % 3 == 0 ? nil : 1)
  }
}
