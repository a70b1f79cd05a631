import Foundation
import MembershipInference
import Randomness
import TestSupport
import Testing

@Suite("Tuning RMIA's a")
struct TuningTests {
  private let models = 7
  private let examples = 40

  /// Losses of a world in which members are fitted better, easy examples less so.
  private func world(targetLoss: Double? = nil) throws -> (
    table: ShadowTable, losses: [Double], members: [Bool]
  ) {
    var generator = testGenerator()
    var losses: [Double] = []
    var members: [Bool] = []
    let hardness = (0..<examples).map { _ in 3 * generator.uniform() }
    for model in 0..<models {
      for example in 0..<examples {
        let isIn = generator.bernoulli(0.5)
        let loss = hardness[example] * (isIn ? 0.3 : 1) * exp(0.3 * generator.normal()) + 0.01
        losses.append(model == 2 ? targetLoss ?? loss : loss)
        members.append(isIn)
      }
    }
    let table = try ShadowTable(
      try ModelOutputs(losses: losses, models: models, examples: examples),
      try Membership(models: models, examples: examples, members))
    return (table, losses, members)
  }

  @Test("a is what a grid finds that is worked out by hand, without the target")
  func grid() throws {
    let (table, losses, members) = try world()
    let (shadow, target) = (4, 2)
    func p(_ model: Int, _ example: Int) -> Double { exp(-losses[model * examples + example]) }
    func area(_ a: Double) -> Double {
      let ratios = (0..<examples).map { example -> Double in
        let outside = (0..<models).filter {
          $0 != shadow && $0 != target && !members[$0 * examples + example]
        }
        let mean = outside.reduce(0) { $0 + p($1, example) } / Double(outside.count)
        return p(shadow, example) / (((1 + a) * mean + 1 - a) / 2)
      }
      var (wins, pairs) = (0.0, 0.0)
      for x in 0..<examples where members[shadow * examples + x] {
        for y in 0..<examples where !members[shadow * examples + y] {
          wins += ratios[x] > ratios[y] ? 1 : ratios[x] == ratios[y] ? 0.5 : 0
          pairs += 1
        }
      }
      return wins / pairs
    }
    let areas = (0...10).map { area(Double($0) / 10) }
    let best = try #require(areas.indices.max { (areas[$0], -$0) < (areas[$1], -$1) })
    let a = try RMIA.tunedA(on: shadow, leavingOut: target, in: table)
    #expect(abs(a - Double(best) / 10) < 1e-12, "\(areas)")
    #expect(Set(areas).count > 1)
  }

  @Test("tuned scores are those of the a that was found; tuning is for mode offline")
  func scores() throws {
    let table = try world().table
    let tuned = try RMIA(.init(mode: .offline, tuned: true)).scores(
      of: [0, 2], in: table, workers: 2)
    for (slot, target) in [0, 2].enumerated() {
      let a = try RMIA.tunedA(on: (target + 2) % models, leavingOut: target, in: table)
      let plain = try RMIA(.init(mode: .offline, a: a)).scores(of: [target], in: table, workers: 1)
      #expect(tuned[slot] == plain[0])
    }
    #expect(throws: (any Error).self) { try RMIA(.init(tuned: true)) }
  }

  @Test("what the target says does not matter; a shadow that is the target is refused")
  func leavesOut() throws {
    let first = try RMIA.tunedA(on: 4, leavingOut: 2, in: world().table)
    let second = try RMIA.tunedA(on: 4, leavingOut: 2, in: world(targetLoss: 0.001).table)
    #expect(first == second)
    let table = try world().table
    #expect(throws: (any Error).self) { try RMIA.tunedA(on: 2, leavingOut: 2, in: table) }
    #expect(throws: (any Error).self) { try RMIA.tunedA(on: 9, leavingOut: 2, in: table) }
  }
}
