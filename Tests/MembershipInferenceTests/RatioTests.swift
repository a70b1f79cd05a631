import Foundation
import MembershipInference
import Randomness
import TestSupport
import Testing

@Suite("RMIA and BASE")
struct RatioTests {
  /// Probabilities of the true class, models x examples, as losses.
  private func table(
    _ probabilities: [[Double]], _ members: [[Bool]], audited: [Int]? = nil
  ) throws -> ShadowTable {
    let (models, examples) = (probabilities.count, probabilities[0].count)
    return try ShadowTable(
      try ModelOutputs(
        losses: probabilities.joined().map { -log($0) }, models: models, examples: examples),
      try Membership(models: models, examples: examples, Array(members.joined())),
      audited: audited)
  }

  @Test("p = 0.9, P_out = 0.6, a = 0.3: the ratio is 1.2162")
  func golden() throws {
    // The second example has ratios of its own: p = P = 0.74 would be 1, so take p from 0.74 r.
    func score(_ other: Double) throws -> Double {
      let known = 0.6
      let table = try table(
        [[0.9, other], [known, known], [known, known]],
        [[true, false], [false, false], [false, false]])
      return try RMIA(.init(mode: .offline, gamma: 1, a: 0.3)).scores(of: 0, in: table)[0]
    }
    // The other's ratio is other/0.74, too: at 0.9 they tie, above it the first loses.
    #expect(try score(0.899999) == 1 && score(0.900001) == 0)
    let gamma = 1.2162
    let below = try table(
      [[0.9, 0.74], [0.6, 0.6], [0.6, 0.6]], [[true, false], [false, false], [false, false]])
    for (factor, expected) in [(0.9999, 1.0), (1.0001, 0.0)] {
      let rmia = try RMIA(.init(mode: .offline, gamma: gamma * factor, a: 0.3))
      #expect(try rmia.scores(of: 0, in: below)[0] == expected)
    }
  }

  @Test("Both modes equal their definition, all pairs compared", arguments: RMIA.Mode.allCases)
  func definition(mode: RMIA.Mode) throws {
    var generator = testGenerator(mode == .online ? 1 : 2)
    let design = try ShadowDesign(models: 8, examples: 30, using: &generator)
    let p = (0..<8).map { _ in (0..<30).map { _ in 0.001 + 0.998 * generator.uniform() } }
    let members = (0..<8).map { Array(design.membership.row($0)) }
    let table = try table(p, members)
    let signal = try SignalTable(models: 8, examples: 30, Array(p.joined()))
    for target in [0, 3] {
      let ratios = (0..<30).map { example -> Double in
        let one = PlainCase(
          signal, design.membership, target: target, example: example, balanced: true)
        let level =
          mode == .online
          ? (mean(one.inside) + mean(one.outside)) / 2 : (1.4 * mean(one.outside) + 0.6) / 2
        return one.own / level
      }
      let expected = ratios.indices.map { x in
        let others = ratios.indices.filter { $0 != x }
        return Double(others.count { ratios[x] / ratios[$0] >= 1.5 }) / 29
      }
      let rmia = try RMIA(.init(mode: mode, gamma: 1.5, a: 0.4))
      #expect(largestDifference(try rmia.scores(of: target, in: table), expected) < 1e-12)
      // BASE online is the ratio's logarithm.
      if mode == .online {
        let base = try BASE().scores(of: target, in: table)
        #expect(largestDifference(base, ratios.map { log($0) }) < 1e-10)
      } else {
        let base = try BASE(.init(mode: .offline, a: 0.7)).scores(of: target, in: table)
        let plain = (0..<30).map { example -> Double in
          let one = PlainCase(
            signal, design.membership, target: target, example: example, balanced: true)
          return log(one.own) - 0.7 * log(mean(one.outside))
        }
        #expect(largestDifference(base, plain) < 1e-10)
      }
    }
  }

  @Test("A confidence of nearly 0 is a number like others, not a mask")
  func zeroIsNoMask() throws {
    // Two shadows without x; one gives it 1e-30. P_out is the mean of both, not of the other alone.
    let table = try table(
      [[0.5, 0.5], [1e-30, 0.5], [0.5, 0.5]], [[true, false], [false, false], [false, false]])
    let base = try BASE(.init(mode: .offline)).scores(of: 0, in: table)
    #expect(isClose(base[0], log(0.5 / 0.25), tolerance: 1e-12))
    #expect(isClose(base[1], 0, tolerance: 1e-12))
  }

  @Test("Audited and population examples get P in the same way")
  func sameTreatment() throws {
    // Example 2 is population and a copy of example 1 in all numbers: their ratios must tie.
    let p = [
      [0.9, 0.4, 0.4], [0.2, 0.3, 0.3], [0.5, 0.8, 0.8], [0.6, 0.1, 0.1], [0.7, 0.2, 0.2],
    ]
    let members = [[true, false, false]] + [[Bool]](repeating: [false, false, false], count: 4)
    let table = try table(p, members, audited: [0, 1])
    #expect(table.population == [2])
    let base = try BASE(.init(mode: .offline)).scores(of: 0, in: table)
    #expect(base[1] == base[2])
  }

  @Test("Within a target, RMIA and BASE order examples alike")
  func sameOrder() throws {
    var generator = testGenerator()
    let table = try MembershipInferenceTests.table(
      models: 8, examples: 200, generator: &generator
    ) { isMember, _, stream in (isMember ? 1 : 0) + stream.normal() }
    let rmia = try RMIA(.init(gamma: 1)).scores(of: 2, in: table)
    let base = try BASE().scores(of: 2, in: table)
    let order = base.indices.sorted { base[$0] < base[$1] }
    #expect(zip(order, order.dropFirst()).allSatisfy { rmia[$0] <= rmia[$1] })
    #expect(Set(rmia).count > 190)
  }

  @Test("Parameters out of range, and a temperature without logits, are refused")
  func badInput() throws {
    #expect(throws: (any Error).self) { try RMIA(.init(gamma: 0)) }
    #expect(throws: (any Error).self) { try RMIA(.init(a: 1.5)) }
    #expect(throws: (any Error).self) { try BASE(.init(a: -1)) }
    let losses = try table([[0.5, 0.5], [0.5, 0.5]], [[true, false], [false, true]])
    #expect(throws: MembershipError.self) {
      try RMIA(.init(mode: .offline, temperature: 2)).scores(of: 0, in: losses)
    }
  }
}
