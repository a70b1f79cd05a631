import Attacks
import Components
import Defenses
import Federation
import TestSupport
import Testing

@Suite("Colluders")
struct ColluderTests {
  @Test("are the same for every attack and defense, and nobody without one")
  func pairing() throws {
    var federation = TinyFederation(clients: 12, threat: ThreatModel(attackers: 4))
    for seed in UInt64(1)...5 {
      federation.seed = seed
      var seen: Set<[Int]> = []
      for type in attackCatalogue {
        federation.attack = [try defaultInstance(type)]
        for defense in [[Mean()], [try Krum(f: 1)]] as [[any Component]] {
          federation.defense = defense
          let colluders = try federation.scenario().colluders
          if type == NoAttack.self {
            #expect(colluders.isEmpty)
          } else {
            seen.insert(colluders)
          }
        }
      }
      #expect(seen.count == 1)
      #expect(seen.first?.count == 4 && seen.first.map(Set.init)?.count == 4)
    }
  }

  @Test("sit anywhere with equal probability: neither first, nor last, nor together")
  func positions() throws {
    let (clients, seeds) = (10, 3000)
    let federation = TinyFederation(
      clients: clients, attack: [try SignFlip(scale: 1)], threat: ThreatModel(attackers: 3))
    var scenario = try federation.scenario()
    var counts = [Int](repeating: 0, count: clients)
    var pairs = [Int](repeating: 0, count: clients * clients)
    for seed in 1...UInt64(seeds) {
      scenario.seed = seed
      let colluders = scenario.colluders
      #expect(colluders == colluders.sorted() && Set(colluders).count == 3)
      for a in colluders {
        counts[a] += 1
        for b in colluders where a < b { pairs[a * clients + b] += 1 }
      }
    }
    // Positions are drawn without replacement: a count has variance N p (1 - p) and the counts sum
    // to a constant, so (n-1)/n of the sum of squares over that variance is a chi-square of n-1
    // degrees. False-alarm rate 1e-5.
    let share = 0.3
    let expected = Double(seeds) * share
    let statistic =
      chiSquare(counts, expected: counts.map { _ in expected }) / (1 - share)
      * Double(clients - 1) / Double(clients)
    #expect(chiSquareSurvival(statistic, degrees: clients - 1) > 1e-5, "\(counts)")
    // Each of 45 pairs has probability 3·2/(10·9); six standard deviations are exceeded with
    // probability below 45 · 2e-9.
    let pair = 6.0 / 90
    let spread = (Double(seeds) * pair * (1 - pair)).squareRoot()
    for a in 0..<clients {
      for b in a + 1..<clients {
        #expect(abs(Double(pairs[a * clients + b]) - Double(seeds) * pair) < 6 * spread)
      }
    }
  }

  @Test("more attackers than clients are all clients")
  func everybody() throws {
    let federation = TinyFederation(
      clients: 3, attack: [try SignFlip(scale: 1)], threat: ThreatModel(attackers: 9))
    #expect(try federation.scenario().colluders == [0, 1, 2])
  }
}
