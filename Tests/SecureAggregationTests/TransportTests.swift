import Components
import Federation
import Randomness
import SecureAggregation
import Tensors
import TestSupport
import Testing
import VerifiableAggregation

@Suite("Transports")
struct TransportTests {
  static let all: [any Transport] =
    (transportCatalogue + verifiableTransportCatalogue).compactMap { type in
      func open<C: Component>(_ type: C.Type) -> (any Component)? { try? C(C.defaults) }
      // Safe primes of the default size are a long search without optimisation.
      if type == ThresholdPaillier.self, !isOptimizedBuild {
        return try? PaillierTransportTests.threshold { $0.parties = 5 }
      }
      // Proofs of single coordinates, too.
      if type == VerifyNet.self, !isOptimizedBuild {
        var parameters = VerifyNet.defaults
        parameters.mode = .perVector
        return try? VerifyNet(parameters)
      }
      return open(type) as? any Transport
    } + variants

  /// What defaults leave out.
  private static let variants: [any Transport] = {
    var (groups, active, sparse) = (
      DoubleMasking.defaults, DoubleMasking.defaults, SecAggPlus.defaults
    )
    groups.groups = 2
    (active.active, active.bits, active.clip) = (true, 12, 6)
    (sparse.active, sparse.corrupt) = (true, 0)
    let made: [(any Transport)?] = [
      try? DoubleMasking(groups), try? DoubleMasking(active), try? SecAggPlus(sparse),
      try? PaillierTransportTests.transport(), try? PaillierTransportTests.threshold(),
    ]
    return made.compactMap { $0 }
  }()

  static func uploads(_ n: Int, _ d: Int, seed: UInt64 = 1) throws -> Uploads {
    var generator = testGenerator(seed)
    return Uploads(
      updates: try UpdateMatrix(
        (0..<n).map { _ in (0..<d).map { _ in Float(generator.normal()) } }),
      clients: (0..<n).map { 3 * $0 + 1 },
      weights: (0..<n).map { _ in Double(1 + generator.uniform(below: 40)) })
  }

  /// The weighted mean in Double, row by row.
  static func weightedMean(_ updates: UpdateMatrix, _ weights: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: updates.columns)
    for (row, weight) in weights.enumerated() {
      for (j, value) in updates.row(row).array.enumerated() { sum[j] += weight * Double(value) }
    }
    let total = weights.reduce(0, +)
    return sum.map { $0 / total }
  }

  private func deliver(_ transport: any Transport, _ uploads: Uploads) throws -> Delivery {
    var generator = testGenerator()
    return try transport.deliver(uploads, using: &generator)
  }

  @Test("the catalogue is all here")
  func loaded() {
    #expect(Self.all.count == transportCatalogue.count + verifiableTransportCatalogue.count + 5)
  }

  @Test(
    "the weighted mean of what is delivered is that of what was uploaded", arguments: all.indices)
  func conservation(_ index: Int) throws {
    let transport = Self.all[index]
    // Sums with noise in them, and without weights: `DistributedDPTests`.
    if transport is any DistributedPrivacy { return }
    for (n, d) in [(1, 1), (2, 5), (9, 33), (20, 130)] where n >= transport.minimumClients {
      let uploads = try Self.uploads(n, d)
      let delivery = try deliver(transport, uploads)
      #expect(delivery.items.count == delivery.updates.rows && delivery.updates.columns == d)
      #expect(delivery.items.map(\.count).reduce(0, +) == n)
      #expect(
        isClose(
          delivery.items.map(\.weight).reduce(0, +), uploads.weights.reduce(0, +), tolerance: 1e-12)
      )
      let got = Self.weightedMean(delivery.updates, delivery.items.map(\.weight))
      #expect(
        largestDifference(got, Self.weightedMean(uploads.updates, uploads.weights))
          < 1e-6 + transport.resolution)
      #expect(delivery.updates.rows == transport.visibleRows(of: n))
      // At least the updates themselves, 4 bytes a parameter.
      #expect(delivery.bytesUp >= 4 * n * d)
    }
  }

  @Test(
    "what is delivered is no more than what the transport says it reveals", arguments: all.indices)
  func honesty(_ index: Int) throws {
    let transport = Self.all[index]
    let delivery = try deliver(transport, Self.uploads(6, 4))
    let individual = delivery.items.contains { $0.count == 1 }
    let named = delivery.items.contains { $0.clients?.count == 1 }
    let claims = delivery.items.contains { $0.steps != nil || $0.startedRound != nil }
    #expect(individual == transport.reveals.contains(.individualUpdates))
    #expect(named == transport.reveals.contains(.clientIdentity))
    #expect(claims == transport.reveals.contains(.claims))
    #expect(
      (delivery.items.count > 1) == !transport.reveals.isDisjoint(with: [
        .individualUpdates, .groupSums,
      ]))
    #expect(transport.reveals.contains(.sum))
  }

  @Test("deterministic: same uploads, same stream, same bits", arguments: all.indices)
  func deterministic(_ index: Int) throws {
    let uploads = try Self.uploads(5, 7)
    let (first, second) = (
      try deliver(Self.all[index], uploads), try deliver(Self.all[index], uploads)
    )
    #expect(first.updates == second.updates && first.items == second.items)
  }

  @Test("plain delivers every row bit for bit, with its sender and weight")
  func plain() throws {
    var rows = (0..<4).map { row in (0..<5).map { Float(row) / 3 + Float($0) * 1e-30 } }
    rows[2][3] = .nan
    rows[1][0] = -0.0
    let uploads = Uploads(
      updates: try UpdateMatrix(rows), clients: [2, 3, 5, 8], weights: [1, 2.5, 7, 4])
    let delivery = try deliver(Plain(), uploads)
    for (row, expected) in rows.enumerated() {
      #expect(delivery.updates.row(row).array.map(\.bitPattern) == expected.map(\.bitPattern))
    }
    #expect(delivery.items.map(\.clients) == [[2], [3], [5], [8]])
    #expect(delivery.items.map(\.weight) == [1, 2.5, 7, 4])
    #expect(delivery.items.map(\.count) == [1, 1, 1, 1])
    #expect(delivery.bytesUp == 80)
  }

  @Test("sum-only shows one row, the weighted mean, and nobody's name")
  func sumOnly() throws {
    let uploads = try Self.uploads(13, 70)
    let delivery = try deliver(SumOnly(), uploads)
    #expect(delivery.updates.rows == 1)
    #expect(
      delivery.items == [.init(clients: nil, count: 13, weight: uploads.weights.reduce(0, +))])
    let expected = Self.weightedMean(uploads.updates, uploads.weights)
    // Rounded to Float once: half an ulp of values below 4.
    #expect(largestDifference(delivery.updates.row(0).array.map(Double.init), expected) < 2.4e-7)
    #expect(delivery.bytesUp == 4 * 13 * 70)
    // The weights tell: the plain mean is another vector.
    let unweighted = Self.weightedMean(uploads.updates, uploads.weights.map { _ in 1 })
    #expect(largestDifference(expected, unweighted) > 0.01)
  }

  @Test("the worked example: (1, 2), (3, 4), (8, 0) with weights 1, 1, 2 are (5, 1.5)")
  func example() throws {
    let uploads = Uploads(
      updates: try UpdateMatrix([[1, 2], [3, 4], [8, 0]]), clients: [0, 1, 2], weights: [1, 1, 2])
    #expect(try deliver(SumOnly(), uploads).updates.row(0).array == [5, 1.5])
  }

  @Test("one non-finite update spoils the sum", arguments: [Float.nan, .infinity, -.infinity])
  func spoiled(_ poison: Float) throws {
    let uploads = Uploads(
      updates: try UpdateMatrix([[1, 2], [poison, 4], [8, 0]]), clients: [0, 1, 2],
      weights: [1, 1, 2])
    #expect(!(try deliver(SumOnly(), uploads)).updates.isFinite(row: 0))
    let plain = try deliver(Plain(), uploads)
    #expect((0..<3).map { plain.updates.isFinite(row: $0) } == [true, false, true])
  }
}
