import Foundation
import Randomness
import SecureAggregation
import TestSupport
import Testing

@Suite("Degree and threshold")
struct ParameterFinderTests {
  /// A row of the published table.
  struct Row: Decodable, Sendable, CustomTestStringConvertible {
    var n: Int
    var corrupt: Double
    var dropout: Double
    var adversary: String
    var k: Int?
    var t: Int?
    var refuse: Bool?

    var isHeavy: Bool { n > 10_000 || (k ?? 0) > 1000 }
    /// No corrupt client, and a neighbour that survives is likely enough but two are not: the
    /// published threshold is 2 all the same, ours is 1 and keeps the limit.
    var isOneEnough: Bool { n == 10 && k == 4 && dropout == 0.33 && adversary != "semi-malicious" }

    var testDescription: String { "\(n) clients, \(corrupt), \(dropout), \(adversary)" }

    func parameters() throws -> AggregationParameters {
      try SecureAggregationPolicy(
        clients: n, corrupt: corrupt, dropout: dropout,
        adversary: adversary == "semi-malicious" ? .active : .curious
      ).regularParameters()
    }
  }

  static let rows: [Row] = (try? VectorFile<Row>(named: "fcp_graph_parameters").cases) ?? []
  static let light: [Row] = rows.filter { $0.refuse != true && !$0.isHeavy }
  static let heavy: [Row] = rows.filter { $0.refuse != true && $0.isHeavy }
  static let refused: [Row] = rows.filter { $0.refuse == true }

  private func check(_ row: Row) throws {
    let found = try row.parameters()
    #expect(found.degree == row.k)
    #expect(found.threshold == (row.isOneEnough ? 1 : row.t))
    #expect(found.thresholds.contains(found.threshold))
    for risk in found.risks { #expect(risk.log2Probability <= risk.log2Limit) }
    #expect((found.binding == nil) == (found.degree == 2))
  }

  @Test("published degrees and thresholds", arguments: light)
  func published(_ row: Row) throws { try check(row) }

  @Test("published ones of many clients", .enabled(if: isOptimizedBuild), arguments: heavy)
  func publishedHeavy(_ row: Row) throws { try check(row) }

  @Test("what the published finder refuses is refused", arguments: refused)
  func refusals(_ row: Row) {
    #expect(throws: ParameterError.self) { _ = try row.parameters() }
  }

  @Test("all rows are there")
  func complete() {
    #expect(Self.rows.count == 53)
    #expect(Self.light.count + Self.heavy.count + Self.refused.count == 53)
    #expect(Self.refused.count == 4)
    #expect(Self.rows.count { $0.isOneEnough } == 3)
  }

  /// C(n, k) for small numbers, exact in Double.
  static func choose(_ n: Int, _ k: Int) -> Double {
    guard k >= 0, k <= n else { return 0 }
    return (0..<k).reduce(1.0) { ($0 * Double(n - $1) / Double($1 + 1)).rounded() }
  }

  /// The definition with plain sums of binomials, for graphs small enough.
  static func definition(
    _ n: Int, _ a: Int, _ b: Int, _ active: Bool, _ sigma: Int, _ eta: Int
  ) -> (degree: Int, threshold: Int)? {
    for k in stride(from: 2, to: n - 1, by: 2) {
      let gaps = Double(n * (n - k - 1)) / 2
      let cut = k > a + b ? 0 : gaps * choose(n - k, a + b - k) / choose(n, a + b)
      guard cut < pow(2, Double(-sigma - 1)) else { continue }
      func mass(_ marked: Int, _ x: Int) -> Double {
        choose(marked, x) * choose(n - marked, k - x) / choose(n, k)
      }
      guard
        var t1 = (0...k).first(where: { t in
          (t + 1..<k + 1).reduce(0) { $0 + mass(a, $1) } <= pow(2, Double(-sigma - 1)) / Double(n)
        })
      else { continue }
      let t2 = (0...k).last { t in
        (0..<t).reduce(0) { $0 + mass(n - b, $1) } < pow(2, Double(-eta)) / Double(n)
      }
      if active { t1 = Int(((Double(t1 + k) - 1.25) / 2).rounded(.up)) }
      if let t2, t1 < t2 { return (k, max(t1 + 1, min(2, t2))) }
    }
    return nil
  }

  /// The three bounds, in the order of the constraints.
  static func probabilities(
    _ n: Int, _ a: Int, _ b: Int, _ active: Bool, k: Int, t: Int
  ) -> [Double] {
    func mass(_ marked: Int, _ x: Int) -> Double {
      choose(marked, x) * choose(n - marked, k - x) / choose(n, k)
    }
    let gaps = Double(n * (n - k - 1)) / 2
    let cut = k > a + b ? 0 : gaps * choose(n - k, a + b - k) / choose(n, a + b)
    // From the small terms up, so that nothing small is lost.
    let opened = active ? 2 * t - k : t
    let corrupt = (max(0, opened)..<k + 1).reversed().reduce(0) { $0 + mass(a, $1) }
    let survivors = (0..<t).reduce(0) { $0 + mass(n - b, $1) }
    return [cut, Double(n) * corrupt, Double(n) * survivors]
  }

  @Test("small graphs agree with the definition summed term by term", arguments: 4...40)
  func smallGraphs(n: Int) throws {
    var generator = testGenerator(UInt64(n))
    for _ in 0..<8 {
      let a = generator.uniform(below: n / 3 + 1)
      let b = generator.uniform(below: n / 4 + 1)
      let sigma = 2 + generator.uniform(below: 30)
      let eta = 1 + generator.uniform(below: 20)
      for adversary in SecureAggregationPolicy.Adversary.allCases {
        let policy = try SecureAggregationPolicy(
          clients: n, corrupt: Double(a) / Double(n), dropout: Double(b) / Double(n),
          adversary: adversary, securityBits: sigma, failureBits: eta)
        #expect(policy.corruptClients == a && policy.dropouts == b)
        let total = policy.corrupt + policy.dropout * (adversary == .active ? 2 : 1)
        guard total < 0.9 else { continue }
        let found = try? policy.regularParameters()
        let expected = Self.definition(n, a, b, adversary == .active, sigma, eta)
        #expect(found?.degree == expected?.degree, "\(policy)")
        #expect(found?.threshold == expected?.threshold, "\(policy)")
        guard let found else { continue }
        let exact = Self.probabilities(
          n, a, b, adversary == .active, k: found.degree, t: found.threshold)
        for (risk, probability) in zip(found.risks, exact) {
          #expect(relativeError(risk.probability, min(1, probability)) < 1e-9, "\(risk), \(policy)")
        }
      }
    }
  }

  @Test("fractions are counted as meant")
  func counts() throws {
    let policy = try SecureAggregationPolicy(clients: 100, corrupt: 0.29, dropout: 0.07)
    #expect(policy.corruptClients == 29 && policy.dropouts == 7 && policy.survivors == 93)
  }

  @Test("the full graph's threshold separates corrupt clients from survivors")
  func fullGraph() throws {
    let curious = try SecureAggregationPolicy(clients: 100, corrupt: 0.1, dropout: 0.3)
    let found = try curious.parameters()
    #expect(found.topology == .full && found.degree == 99 && found.neighbourhood == 100)
    #expect(found.threshold == 11 && found.thresholds == 11...70)
    #expect(found.risks.allSatisfy { $0.probability == 0 })
    let active = try SecureAggregationPolicy(
      clients: 100, corrupt: 0.1, dropout: 0.3, adversary: .active)
    // 2t > 110: any two groups of t clients share an honest one.
    #expect(try active.parameters().thresholds == 56...70)
    for n in 2...30 {
      for a in 0..<n {
        let policy = try SecureAggregationPolicy(
          clients: n, corrupt: Double(a) / Double(n), dropout: 0, adversary: .active)
        let least = (2...n + 1).first { 2 * $0 > n + a } ?? 0
        #expect((try? policy.fullGraphParameters().threshold) == (least <= n ? least : nil))
      }
    }
    #expect(throws: ParameterError.noThreshold(try policy(0.5, 0.5), least: 6, survivors: 5)) {
      _ = try policy(0.5, 0.5).fullGraphParameters()
    }
    let many = try SecureAggregationPolicy(clients: 101, corrupt: 0.1, dropout: 0.3)
    #expect(try many.parameters().topology == .regular)
  }

  private func policy(
    _ corrupt: Double, _ dropout: Double, clients: Int = 10
  ) throws -> SecureAggregationPolicy {
    try SecureAggregationPolicy(clients: clients, corrupt: corrupt, dropout: dropout)
  }

  @Test("messages say what would work")
  func messages() throws {
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(
      message { _ = try policy(0.5, 0.5, clients: 1000).regularParameters() }
        == "corrupt + dropout must be at most 0.9 and is 0.5 + 0.5; with these corrupt clients a "
        + "dropout of up to 0.4 works")
    #expect(
      message { _ = try policy(0.4, 0.4).regularParameters() }
        == "no sparse graph of 10 clients keeps the probabilities; the full graph does with "
        + "threshold 5")
    #expect(
      message { _ = try policy(0.5, 0.5).fullGraphParameters() }
        == "a safe threshold is at least 6 of 10, and only 5 clients are sure to survive; with "
        + "these corrupt clients a dropout of up to 0.4 works")
    #expect(
      message { _ = try policy(-1, 0) }
        == "corrupt -1.0 must be a fraction of the clients, from 0 to below 1")
    #expect(throws: ParameterError.self) { _ = try policy(.nan, 0) }
    #expect(throws: ParameterError.self) { _ = try policy(0, 1) }
    #expect(throws: ParameterError.self) { _ = try policy(0, 0, clients: 1) }
    #expect(throws: ParameterError.self) { _ = try policy(0, 0, clients: 10_000_001) }
    #expect(throws: ParameterError.self) {
      _ = try SecureAggregationPolicy(clients: 10, corrupt: 0, dropout: 0, securityBits: 0)
    }
    #expect(throws: ParameterError.self) {
      _ = try SecureAggregationPolicy(clients: 10, corrupt: 0, dropout: 0, failureBits: 1001)
    }
  }

  /// Clients, elements, bits, KiB a client.
  typealias TrafficRow = (clients: Int, elements: Int, bits: Int, kibibytes: Double)

  static let trafficRows: [TrafficRow] = {
    let lengths = [(100_000, 16), (1_000_000, 16), (1 << 20, 16), (100_000, 24), (1_000_000, 24)]
    let table: [(Int, [Double])] = [
      (100, [303, 2826.24, 2969.6, 400, 3809.28]),
      (500, [414, 3164.16, 3307.52, 512, 4136.96]),
      (1000, [536, 3389.44, 3543.04, 634, 4372.48]),
    ]
    return table.flatMap { clients, row in
      zip(lengths, row).map { (clients, $0.0, $0.1, $1) }
    }
  }()

  // Bonawitz et al. 2017, section 7.1, for the full graph: KiB to 3 digits, above 1024 MiB to 3.
  @Test("bytes a client are those of the published formula", arguments: trafficRows)
  func traffic(_ row: TrafficRow) throws {
    let ring = try MaskRing(clients: row.clients, bits: row.bits, maxWeight: 1)
    let traffic = TrafficEstimate(neighbourhood: row.clients, elements: row.elements, ring: ring)
    let unit = row.kibibytes < 1024 ? 0.51 : 0.0051 * 1024.0
    #expect(abs(Double(traffic.total) / 1024 - row.kibibytes) < unit)
  }

  @Test("bytes of the worked example, of the abstract, and of a regular graph")
  func trafficExamples() throws {
    let example = TrafficEstimate(
      neighbourhood: 100, elements: 100_000, ring: try MaskRing(bits: 23))
    #expect(example.keys == 6400 && example.shares == 15_872 && example.vector == 287_500)
    #expect(example.total == 309_772)
    // 1.73 times and 1.98 times the plain vector of 16 and of 16 bits.
    for (clients, elements, factor) in [(1 << 10, 1 << 20, 1.73), (1 << 14, 1 << 24, 1.98)] {
      let ring = try MaskRing(clients: clients, bits: 16, maxWeight: 1)
      let traffic = TrafficEstimate(neighbourhood: clients, elements: elements, ring: ring)
      #expect(abs(Double(traffic.total) / Double(2 * elements) - factor) < 0.0051)
    }
    let ring = try MaskRing(clients: 1000, bits: 16, maxWeight: 1)
    let regular = TrafficEstimate(neighbourhood: 73, elements: 1_000_000, ring: ring)
    #expect(abs(Double(regular.total) / 1_048_576 - 3.11) < 0.0051)
    #expect((regular.keys + regular.shares + 512) / 1024 == 16)
  }
}
