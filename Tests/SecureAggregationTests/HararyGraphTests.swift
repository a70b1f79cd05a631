import Foundation
import Randomness
import SecureAggregation
import TestSupport
import Testing

@Suite("Harary graphs")
struct HararyGraphTests {
  @Test("a ring's neighbours are the nearest on either side")
  func example() throws {
    let ring = try HararyGraph(order: [0, 1, 2, 3, 4, 5, 6], degree: 4)
    #expect(ring.neighbours(of: 0) == [5, 6, 1, 2])
    #expect(ring.neighbours(of: 3) == [1, 2, 4, 5])
    let other = try HararyGraph(order: [3, 1, 0, 2, 4], degree: 2)
    #expect(other.neighbours(of: 3) == [4, 1])
    #expect(other.neighbours(of: 2) == [0, 4])
  }

  /// How many parts the clients that `isIn` have among each other.
  static func parts(_ graph: HararyGraph, _ isIn: [Bool]) -> Int {
    var isSeen = [Bool](repeating: false, count: isIn.count)
    var parts = 0
    for start in isIn.indices where isIn[start] && !isSeen[start] {
      parts += 1
      isSeen[start] = true
      var open = [start]
      while let client = open.popLast() {
        for next in graph.neighbours(of: client) where isIn[next] && !isSeen[next] {
          isSeen[next] = true
          open.append(next)
        }
      }
    }
    return parts
  }

  @Test(
    "regular, symmetric, connected, and as connected as its degree",
    arguments: [(3, 2), (4, 2), (5, 4), (12, 2), (13, 6), (40, 10), (101, 100), (64, 62)])
  func structure(_ shape: (clients: Int, degree: Int)) throws {
    var generator = testGenerator(UInt64(shape.clients))
    let (n, k) = shape
    let graph = try HararyGraph(clients: n, degree: k, using: &generator)
    #expect(graph.order.sorted() == Array(0..<n))
    for client in 0..<n {
      let neighbours = graph.neighbours(of: client)
      #expect(neighbours.count == k && Set(neighbours).count == k)
      #expect(!neighbours.contains(client))
      for other in 0..<n {
        #expect(graph.areNeighbours(client, other) == neighbours.contains(other))
        #expect(graph.areNeighbours(client, other) == graph.areNeighbours(other, client))
      }
    }
    #expect(Self.parts(graph, [Bool](repeating: true, count: n)) == 1)
    // Any k - 1 clients may go; the k neighbours of a client cut it off.
    for _ in 0..<20 {
      var isIn = [Bool](repeating: true, count: n)
      for client in generator.choice(k - 1, of: n) { isIn[client] = false }
      #expect(Self.parts(graph, isIn) == 1)
    }
    if k < n - 1 {
      var isIn = [Bool](repeating: true, count: n)
      for client in graph.neighbours(of: 0) { isIn[client] = false }
      #expect(Self.parts(graph, isIn) == 2)
    }
  }

  @Test("what is no ring is refused")
  func refusals() throws {
    var generator = testGenerator()
    for (clients, degree) in [(5, 3), (5, 0), (5, 6), (4, 4), (2, 2), (0, 2), (-1, 2), (5, -2)] {
      #expect(throws: ParameterError.self) {
        _ = try HararyGraph(clients: clients, degree: degree, using: &generator)
      }
    }
    for order in [[0, 1, 1, 2], [0, 1, 2, 4], [-1, 0, 1, 2]] {
      #expect(throws: ParameterError.permutation) { _ = try HararyGraph(order: order, degree: 2) }
    }
  }

  @Test("the order follows the generator")
  func seeded() throws {
    var (a, b, c) = (testGenerator(1), testGenerator(1), testGenerator(2))
    let first = try HararyGraph(clients: 50, degree: 4, using: &a)
    #expect(try HararyGraph(clients: 50, degree: 4, using: &b) == first)
    #expect(try HararyGraph(clients: 50, degree: 4, using: &c) != first)
  }

  /// How often each constraint is broken in `trials` draws of the ring, the corrupt and the dropped.
  static func frequencies(
    _ parameters: AggregationParameters, threshold: Int, trials: Int, _ generator: inout Generator
  ) throws -> [AggregationParameters.Constraint: Int] {
    let policy = parameters.policy
    var counts: [AggregationParameters.Constraint: Int] = [:]
    for _ in 0..<trials {
      let graph = try HararyGraph(
        clients: policy.clients, degree: parameters.degree, using: &generator)
      // Corrupt clients come first, those that drop out next: the ring's order is random.
      let corrupt = 0..<policy.corruptClients
      let dropped = corrupt.upperBound..<(corrupt.upperBound + policy.dropouts)
      let isIn = (0..<policy.clients).map { !corrupt.contains($0) && !dropped.contains($0) }
      if parts(graph, isIn) > 1 { counts[.connectivity, default: 0] += 1 }
      var isOpened = false
      var isLost = false
      for client in 0..<policy.clients {
        let neighbours = graph.neighbours(of: client)
        let bad = neighbours.count { corrupt.contains($0) }
        let left = neighbours.count { !dropped.contains($0) }
        switch policy.adversary {
        case .curious: isOpened = isOpened || bad >= threshold
        // Two groups of neighbours that reach the threshold, the corrupt in both.
        case .active: isOpened = isOpened || parameters.degree + bad >= 2 * threshold
        }
        isLost = isLost || left < threshold
      }
      if isOpened { counts[.corruptNeighbourhood, default: 0] += 1 }
      if isLost { counts[.survivors, default: 0] += 1 }
    }
    return counts
  }

  // Weak security on purpose, so that what the bounds bound is seen. A frequency may exceed a bound p
  // by 5 standard deviations of p: false alarm below 1e-5 in all.
  @Test(
    "drawn graphs fail no more often than the bounds say",
    arguments: [
      (40, 0.3, 0.2, 3, 3), (60, 0.25, 0.25, 4, 4), (100, 0.1, 0.4, 5, 3), (50, 0.4, 0.05, 2, 6),
    ], SecureAggregationPolicy.Adversary.allCases)
  func monteCarlo(
    _ row: (clients: Int, corrupt: Double, dropout: Double, security: Int, failure: Int),
    adversary: SecureAggregationPolicy.Adversary
  ) throws {
    let policy = try SecureAggregationPolicy(
      clients: row.clients, corrupt: row.corrupt, dropout: row.dropout, adversary: adversary,
      securityBits: row.security, failureBits: row.failure)
    guard let found = try? policy.regularParameters() else { return }
    var generator = testGenerator(UInt64(row.clients), adversary == .active ? 1 : 0)
    let trials = isOptimizedBuild ? 20_000 : 400
    let counts = try Self.frequencies(
      found, threshold: found.threshold, trials: trials, &generator)
    for risk in found.risks {
      let seen = Double(counts[risk.constraint] ?? 0) / Double(trials)
      let bound = risk.probability
      let deviation = (max(bound * (1 - bound), 1 / Double(trials)) / Double(trials)).squareRoot()
      #expect(
        seen <= bound + 5 * deviation,
        "\(risk.constraint) seen \(seen), bound \(bound), degree \(found.degree)")
    }
  }

  // The same three counts where the bounds are nearly equalities, for degree and threshold as found:
  // a bound that is far too low or a count that sees nothing would fail.
  @Test("the bounds are not far above what is seen", .enabled(if: isOptimizedBuild))
  func tightness() throws {
    let policy = try SecureAggregationPolicy(
      clients: 60, corrupt: 0.3, dropout: 0.3, securityBits: 3, failureBits: 3)
    let found = try policy.regularParameters()
    var generator = testGenerator()
    let trials = 50_000
    let counts = try Self.frequencies(
      found, threshold: found.threshold, trials: trials, &generator)
    for risk in found.risks where risk.probability > 1e-3 {
      let seen = Double(counts[risk.constraint] ?? 0) / Double(trials)
      #expect(
        seen > risk.probability / 20, "\(risk.constraint) seen \(seen) of \(risk.probability)")
      #expect(seen > 0)
    }
  }
}
