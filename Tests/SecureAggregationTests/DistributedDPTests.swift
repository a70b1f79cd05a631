import Accounting
import Components
import Federation
import Randomness
import SecureAggregation
import Tensors
import Testing

/// Shares of noise under masks, judged by the sums that come out.
@Suite("Distributed differential privacy")
struct DistributedDPTests {
  private static func transport(
    _ change: (inout DistributedDP.Parameters) -> Void = { _ in }
  ) throws -> DistributedDP {
    var parameters = DistributedDP.Parameters()
    parameters.noiseMultiplier = 1
    change(&parameters)
    return try DistributedDP(parameters)
  }

  /// The mean that `transport` makes of `rows` when `planned` clients are counted on.
  private static func mean(
    _ transport: DistributedDP, _ rows: [[Float]], planned: Int? = nil, seed: UInt64 = 1
  ) throws -> Delivery {
    var generator = Generator(seed: seed)
    let setting = SharedNoiseSetting(
      cohort: planned ?? rows.count, participations: 1, dimension: rows[0].count)
    return try transport.deliver(
      Uploads(
        updates: try UpdateMatrix(rows: rows.map { Vector($0) }), clients: Array(rows.indices),
        weights: rows.map { _ in 1 }), in: setting, using: &generator)
  }

  private static func squares(_ values: [Float]) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) }
  }

  @Test(
    "the sum of zeros has the declared noise, fresh in every round",
    arguments: DistributedDP.Law.allCases)
  func noise(law: DistributedDP.Law) throws {
    let (clients, dimension, norm, z) = (10, 512, 2.0, 1.5)
    let transport = try Self.transport {
      ($0.noise, $0.noiseMultiplier, $0.clippingNorm) = (law, z, norm)
      $0.minimumSurvivors = 1
    }
    let zeros = [[Float]](
      repeating: [Float](repeating: 0, count: dimension), count: clients)
    var total = 0.0
    var means: [[Float]] = []
    for seed in 0..<8 as Range<UInt64> {
      let values = try Self.mean(transport, zeros, seed: seed).updates.row(0).array
      total += Self.squares(values)
      means.append(values)
    }
    let count = Double(8 * dimension)
    // What rounding adds to a client's reach is in the noise: at most a tenth, squared 0.21.
    let variance = z * z * norm * norm / Double(clients * clients)
    let found = total / count / variance
    let error = 5 * (2 / count).squareRoot()
    #expect(found > 1 - error && found < 1.21 * (1 + error), "\(found)")
    let product = zip(means[0], means[1]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(product) < 5 * variance * Double(dimension).squareRoot() * 1.21)
  }

  @Test("the mean is that of the clipped updates, whatever their direction")
  func mean() throws {
    let (clients, dimension, norm) = (20, 300, 1.0)
    let transport = try Self.transport {
      ($0.noiseMultiplier, $0.clippingNorm, $0.bits) = (0.02, norm, 24)
    }
    var generator = Generator(seed: 4)
    for isSpiky in [false, true] {
      let rows = (0..<clients).map { client in
        (0..<dimension).map { place -> Float in
          isSpiky ? (place == 7 ? Float(client) - 4 : 0) : Float(generator.normal())
        }
      }
      var expected = [Double](repeating: 0, count: dimension)
      for row in rows {
        let length = Self.squares(row).squareRoot()
        let factor = length > norm ? norm / length : 1
        for place in row.indices { expected[place] += factor * Double(row[place]) }
      }
      let found = try Self.mean(transport, rows).updates.row(0).array
      let distance = zip(found, expected).reduce(0.0) { sum, pair in
        let difference = Double(pair.0) - pair.1 / Double(clients)
        return sum + difference * difference
      }.squareRoot()
      // Noise of 0.02 a sum's coordinate, and roundings below it.
      #expect(distance < 2 * 0.02 * Double(dimension).squareRoot() / Double(clients), "\(distance)")
    }
  }

  @Test(
    "one client changes a sum's integers by no more than is declared",
    arguments: [Float.nan, .infinity, -3.4e38, 1e20, 5, 1, 1e-3, 0])
  func sensitivity(size: Float) throws {
    let (clients, dimension) = (5, 64)
    // Noise so small against the modulus that it tells nothing apart, the same in both sums.
    let transport = try Self.transport { ($0.noiseMultiplier, $0.bits) = (0.5, 16) }
    func rows(_ first: [Float]) -> [[Float]] {
      [first]
        + (1..<clients).map { client in
          (0..<dimension).map { Float(($0 * client) % 7) / 20 - 0.15 }
        }
    }
    let zero = [Float](repeating: 0, count: dimension)
    let without = try Self.mean(transport, rows(zero)).updates.row(0).array
    for direction in 0..<4 {
      let first = (0..<dimension).map { place -> Float in
        switch direction {
        case 0: size
        case 1: place == 0 ? size : 0
        case 2: place % 2 == 0 ? size : -size
        default: place < 3 ? size : size / 1000
        }
      }
      let with = try Self.mean(transport, rows(first)).updates.row(0).array
      let moved = Self.squares(zip(with, without).map { $0 - $1 }).squareRoot() * Double(clients)
      // Norm 1, a tenth more by rounding at most; noise streams do not depend on updates.
      #expect(moved <= 1.1 * (1 + 1e-4), "\(moved)")
    }
  }

  @Test("fewer survivors than counted on raise epsilon in ledger and promise")
  func survivors() throws {
    let transport = try Self.transport { $0.minimumSurvivors = 1 }
    let setting = SharedNoiseSetting(cohort: 20, participations: 1, dimension: 100)
    func epsilon(_ survivors: Int) throws -> Double {
      try RenyiAccountant().epsilon(
        delta: 1e-5,
        of: [
          PrivacyEvent(
            transport.mechanism(survivors: survivors, in: setting), adjacency: .zeroOut,
            unit: .client)
        ]
      ).upper
    }
    let gaussian = try GaussianAccountant().epsilon(
      delta: 1e-5,
      of: [PrivacyEvent(.gaussian(noiseMultiplier: 1), adjacency: .zeroOut, unit: .client)]
    ).upper
    let whole = try epsilon(20)
    // A sum of twenty discrete Gaussians is all but a normal one; Renyi conversion costs a tenth.
    #expect(whole >= gaussian && whole < 1.15 * gaussian, "\(whole) \(gaussian)")
    #expect(try epsilon(10) > 1.3 * whole && epsilon(19) > whole)
    let colluding = try Self.transport { ($0.minimumSurvivors, $0.colluding) = (1, 20) }
    #expect(try colluding.mechanism(survivors: 20, in: setting) == .nonPrivate)
  }

  @Test("a target is met by every law, and many rounds take more noise")
  func target() throws {
    for law in DistributedDP.Law.allCases {
      var last = Double.infinity
      for participations in [1, 10, 50] {
        let transport = try Self.transport {
          ($0.noiseMultiplier, $0.targetEpsilon, $0.noise) = (nil, 4, law)
        }
        let setting = SharedNoiseSetting(
          cohort: 50, participations: participations, dimension: 200)
        #expect(transport.refusal(in: setting) == nil)
        let event = try PrivacyEvent(
          transport.mechanism(survivors: 45, in: setting), adjacency: .zeroOut, unit: .client,
          count: participations)
        let epsilon = try RenyiAccountant().epsilon(delta: 1e-5, of: [event]).upper
        #expect(epsilon <= 4 && epsilon > 3.99, "\(law) \(participations) \(epsilon)")
        let once = try RenyiAccountant().epsilon(
          delta: 1e-5,
          of: [
            PrivacyEvent(
              transport.mechanism(survivors: 45, in: setting), adjacency: .zeroOut, unit: .client)
          ]
        ).upper
        #expect(once < last)
        last = once
      }
    }
  }

  @Test("bits too few are refused with how many would do, and parameters out of range are named")
  func refused() throws {
    let narrow = try Self.transport { $0.bits = 8 }
    let setting = SharedNoiseSetting(cohort: 100, participations: 1, dimension: 10_000)
    let refusal = try #require(narrow.refusal(in: setting))
    #expect(refusal.reason.contains("must be at least"), "\(refusal)")
    let words = refusal.reason.split(separator: " ")
    let place = try #require(words.firstIndex(of: "least"))
    let enough = try #require(Int(words[place + 1]))
    #expect(try Self.transport { $0.bits = enough }.refusal(in: setting) == nil)
    #expect(try Self.transport { $0.bits = enough - 1 }.refusal(in: setting) != nil)
    for change: (inout DistributedDP.Parameters) -> Void in [
      { $0.delta = 0 }, { $0.clippingNorm = -1 }, { $0.bits = 50 }, { $0.minimumSurvivors = 0 },
      { $0.colluding = -1 }, { ($0.targetEpsilon, $0.noiseMultiplier) = (1, 1) },
    ] {
      #expect(throws: Components.ParameterError.self) { try Self.transport(change) }
    }
  }
}
