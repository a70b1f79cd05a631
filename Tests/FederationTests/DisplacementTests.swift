import Attacks
import Components
import Federation
import Randomness
import Tensors
import Testing

/// How far an attack moves the plain mean: what the control of a stealthy attack goes by.
@Suite("Displacement of the mean by an attack")
struct DisplacementTests {
  /// Normal updates of equal clients, the same whenever asked; `stranger` ones are nobody's.
  private static func update(_ client: Int, _ round: Int, stranger: Bool = false) -> [Float] {
    let generator = Generator(seed: 5).fork(
      stranger ? "stranger" : "update", UInt64(client), UInt64(round))
    var own = generator
    return own.normals(TinyFederation.dimension)
  }

  private static func run(
    attackers: Int, rounds: Int = 1, clients: Int = 12,
    weight: @escaping @Sendable (Int) -> Double = { _ in 1 }, attack: any Component
  ) throws -> RunRecord {
    var federation = TinyFederation(clients: clients, rounds: rounds)
    federation.algorithm = [ScriptedTrainer(weight: weight) { Self.update($0, $1) }]
    federation.attack = [attack]
    federation.threat = ThreatModel(attackers: attackers)
    return try federation.run()
  }

  private static func average(_ record: RunRecord) -> Double {
    let moves = record.rounds.compactMap(\.displacement)
    return moves.reduce(0, +) / Double(moves.count)
  }

  @Test("colluders that send what they would have sent anyway do not move it at all")
  func idle() throws {
    let idle = ScriptedCorruption { view in
      view.colluders.indices.map { CraftedUpdate(view.own.row($0)) }
    }
    let record = try Self.run(attackers: 4, rounds: 3, attack: idle)
    #expect(record.rounds.map(\.displacement) == [0, 0, 0])
  }

  @Test("strangers' updates in place of the colluders' move it by one")
  func strangers() throws {
    let swap = ScriptedCorruption { view in
      view.colluders.map { CraftedUpdate(Vector(Self.update($0, view.round, stranger: true))) }
    }
    let weights: @Sendable (Int) -> Double = { Double(1 + $0 % 3) }
    for weight in [{ @Sendable _ in 1 }, weights] {
      let record = try Self.run(attackers: 4, rounds: 300, weight: weight, attack: swap)
      // 1800 coordinates: a standard error of about 0.04.
      #expect(abs(Self.average(record) - 1) < 0.15)
    }
  }

  @Test("f copies of one of equal clients move it by (f + 1)/2", arguments: [1, 2, 4, 5])
  func copies(_ f: Int) throws {
    let record = try Self.run(attackers: f, rounds: 300, attack: try Mimic(target: 0))
    let expected = Double(f + 1) / 2
    #expect(abs(Self.average(record) - expected) < 0.15 * expected)
  }

  @Test("it is the squared distance of the weighted means in units of an exchange")
  func definition() throws {
    let weight: @Sendable (Int) -> Double = { Double(1 + $0 * $0) }
    let lie = ScriptedCorruption { view in
      view.colluders.indices.map { CraftedUpdate(-3 * view.own.row($0), weight: 7) }
    }
    let record = try Self.run(attackers: 3, clients: 8, weight: weight, attack: lie)
    let bad = Set(record.colluders)
    let all = (0..<8).map { client in Self.update(client, 0).map(Double.init) }
    func mean(_ rows: [[Double]], _ weights: [Double]) -> [Double] {
      rows[0].indices.map { j in
        zip(rows, weights).reduce(0) { $0 + $1.0[j] * $1.1 } / weights.reduce(0, +)
      }
    }
    func squared(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    let weights = (0..<8).map(weight)
    let sent = all.indices.map { bad.contains($0) ? all[$0].map { -3 * $0 } : all[$0] }
    let claims = weights.indices.map { bad.contains($0) ? 7 : weights[$0] }
    let honest = all.indices.filter { !bad.contains($0) }.map { all[$0] }
    let center = mean(honest, honest.map { _ in 1 })
    let variance = honest.reduce(0) { $0 + squared($1, center) } / Double(honest.count - 1)
    let total = weights.reduce(0, +)
    let exchange = bad.reduce(0) { $0 + 2 * variance * weights[$1] * weights[$1] } / (total * total)
    let expected = squared(mean(sent, claims), mean(all, weights)) / exchange
    let got = try #require(record.rounds[0].displacement)
    #expect(abs(got - expected) < 1e-4 * expected)
  }

  @Test("updates that no rule may see have no part in it")
  func excluded() throws {
    let record = try Self.run(attackers: 4, rounds: 300, attack: try Constant(value: .nan))
    // The mean without 4 of 12 instead of with them: (f/n)² (1/f + 1/h) over 2f/n², h = 8.
    #expect(abs(Self.average(record) - 0.75) < 0.12)
  }

  @Test("it is not told where nothing was crafted, or too few are honest")
  func unknown() throws {
    #expect(try Self.run(attackers: 2, attack: LabelFlip()).rounds[0].displacement == nil)
    #expect(try Self.run(attackers: 0, attack: MinMax()).rounds[0].displacement == nil)
    let early = ScriptedCorruption(tap: .beforeTransforms) { view in
      view.colluders.map { _ in CraftedUpdate(Vector(zeros: TinyFederation.dimension)) }
    }
    #expect(try Self.run(attackers: 2, attack: early).rounds[0].displacement == nil)
    let one = ScriptedCorruption { view in
      view.colluders.indices.map { CraftedUpdate(-1 * view.own.row($0)) }
    }
    #expect(try Self.run(attackers: 1, clients: 2, attack: one).rounds[0].displacement == nil)
  }
}
