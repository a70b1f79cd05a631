import Foundation
import MembershipInference
import Randomness
import TestSupport
import Testing

@Suite("LiRA")
struct LiRATests {
  private func world(_ variant: UInt64, models: Int = 12, examples: Int = 40) throws -> ShadowTable
  {
    var generator = testGenerator(variant, name: "LiRA world")
    return try table(models: models, examples: examples, generator: &generator) {
      isMember, example, generator in
      Double(example % 5) + (isMember ? 1.5 : 0) + (0.3 + Double(example % 3)) * generator.normal()
    }
  }

  /// Score of one mode, as the definition reads.
  private func plain(
    _ table: ShadowTable, target: Int, variance: LiRA.Variance, mode: LiRA.Mode,
    center: LiRA.Center
  ) throws -> [Double] {
    let phi = try table.outputs.signal(.phi)
    let cases = (0..<table.examples).map {
      PlainCase(phi, table.membership, target: target, example: $0, balanced: true)
    }
    func common(_ side: (PlainCase) -> [Double]) -> Double {
      cases.reduce(0) { $0 + scatter(side($1)) }
        / cases.reduce(0) { $0 + Double(side($1).count - 1) }
    }
    let (fixedIn, fixedOut) = (common(\.inside), common(\.outside))
    let all = cases.reduce(0) { $0 + scatter($1.inside) + scatter($1.outside) }
    let pooled =
      all / cases.reduce(0) { $0 + Double($1.inside.count + $1.outside.count - 2) }
    return cases.map { one in
      let middle = center == .mean ? mean : median
      let variances: (Double, Double) =
        switch variance {
        case .perExample:
          (
            scatter(one.inside) / Double(one.inside.count - 1),
            scatter(one.outside) / Double(one.outside.count - 1)
          )
        // Offline there are no shadows of the other kind to pool with.
        case .pooled: mode == .online ? (pooled, pooled) : (fixedOut, fixedOut)
        default: (fixedIn, fixedOut)
        }
      let inside = logNormal(one.own, middle(one.inside), variances.0)
      let outside = logNormal(one.own, middle(one.outside), variances.1)
      switch mode {
      case .online: return inside - outside
      case .offlineTwoSided: return -outside
      case .offline:
        let z = (one.own - middle(one.outside)) / variances.1.squareRoot()
        return log(0.5 * erfc(-z / 2.0.squareRoot()))
      }
    }
  }

  @Test(
    "Every mode equals its definition, for each target",
    arguments: [LiRA.Variance.perExample, .fixed, .pooled, .automatic], LiRA.Mode.allCases)
  func definitions(variance: LiRA.Variance, mode: LiRA.Mode) throws {
    let table = try world(1)
    for center in LiRA.Center.allCases {
      let lira = LiRA(.init(mode: mode, variance: variance, center: center))
      let scores = try lira.scores(of: [0, 5, 11], in: table, workers: 2)
      for (slot, target) in [0, 5, 11].enumerated() {
        let expected = try plain(
          table, target: target, variance: variance, mode: mode, center: center)
        for (score, value) in zip(scores[slot], expected) {
          #expect(isClose(score, value, tolerance: 1e-9), "\(variance) \(mode) \(center) \(target)")
        }
      }
    }
  }

  @Test("From 32 shadows of each kind on, automatic takes each example's own variance")
  func automatic() throws {
    for (models, own) in [(66, true), (62, false)] {
      let table = try world(2, models: models, examples: 20)
      let automatic = try LiRA().scores(of: 3, in: table)
      let named = try LiRA(.init(variance: own ? .perExample : .fixed)).scores(of: 3, in: table)
      #expect(automatic == named)
    }
  }

  @Test("Per-class variances are fixed ones of each class for itself")
  func perClass() throws {
    var generator = testGenerator()
    let design = try ShadowDesign(models: 8, examples: 30, using: &generator)
    let labels = (0..<30).map { Int32($0 % 2) }
    // The first class is spread ten times as much as the second.
    var losses: [Double] = []
    for model in 0..<8 {
      for example in 0..<30 {
        let spread = example % 2 == 0 ? 1.0 : 0.1
        let phi = (design.membership[model, example] ? 1 : 0) + spread * generator.normal()
        losses.append(log1p(exp(-phi)))
      }
    }
    let outputs = try ModelOutputs(losses: losses, models: 8, examples: 30, labels: labels)
    let all = try ShadowTable(outputs, design.membership)
    let scores = try LiRA(.init(variance: .perClass, center: .mean)).scores(of: 2, in: all)
    let phi = try outputs.signal(.phi)
    let cases = (0..<30).map {
      PlainCase(phi, design.membership, target: 2, example: $0, balanced: true)
    }
    for kind in 0..<2 {
      let some = cases.indices.filter { $0 % 2 == kind }.map { cases[$0] }
      let inside =
        some.reduce(0) { $0 + scatter($1.inside) }
        / some.reduce(0) { $0 + Double($1.inside.count - 1) }
      let outside =
        some.reduce(0) { $0 + scatter($1.outside) }
        / some.reduce(0) { $0 + Double($1.outside.count - 1) }
      for (place, one) in some.enumerated() {
        let value =
          logNormal(one.own, mean(one.inside), inside)
          - logNormal(one.own, mean(one.outside), outside)
        #expect(isClose(scores[2 * place + kind], value, tolerance: 1e-9))
      }
    }
    let unlabelled = try ShadowTable(
      try ModelOutputs(losses: losses, models: 8, examples: 30), design.membership)
    #expect(throws: MembershipError.self) {
      try LiRA(.init(variance: .perClass)).scores(of: 0, in: unlabelled)
    }
  }

  @Test("Fixed variances hold no differences between examples (published code's do)")
  func fixedIsCentred() throws {
    let table = try world(3)
    // The same world with each example's numbers shifted far, on both sides alike.
    let phi = try table.outputs.signal(.phi)
    let shifted = (0..<table.models).flatMap { model in
      (0..<table.examples).flatMap { [phi[model, $0, 0] + 100 * Double($0 % 7), 0.0] }
    }
    let far = try ShadowTable(
      try ModelOutputs(
        logits: shifted, models: table.models, examples: table.examples, classes: 2,
        labels: [Int32](repeating: 0, count: table.examples)), table.membership)
    for variance in [LiRA.Variance.fixed, .pooled, .shrinkage] {
      let lira = LiRA(.init(variance: variance))
      #expect(
        largestDifference(
          try lira.scores(of: 4, in: table), try lira.scores(of: 4, in: far)) < 1e-6)
    }
  }

  @Test(
    "Offline, an example that the target fits worse than all shadows is no member; two-sided it is")
  func oneSided() throws {
    let membership = try Membership(
      models: 5, examples: 2, [true, false] + [Bool](repeating: false, count: 8))
    let phis = [-9.0, 9, 0, 0, 1, 1, 2, 2, 1, 1]
    let outputs = try ModelOutputs(
      logits: phis.flatMap { [$0, 0] }, models: 5, examples: 2, classes: 2, labels: [0, 0])
    let table = try ShadowTable(outputs, membership)
    let one = try LiRA(.init(mode: .offline)).scores(of: 0, in: table)
    let two = try LiRA(.init(mode: .offlineTwoSided)).scores(of: 0, in: table)
    #expect(one[0] < one[1] && one[0].isFinite)
    #expect(two[0] > two[1])
  }

  @Test("Shrinkage lies between an example's own variance and the common one")
  func shrinkage() throws {
    // With variances that are all alike it comes to fixed; with few alike, near per-example.
    var generator = testGenerator()
    let alike = try table(models: 42, examples: 300, generator: &generator) { isMember, _, stream in
      (isMember ? 1 : 0) + stream.normal()
    }
    let mixed = try table(models: 42, examples: 300, generator: &generator) {
      isMember, example, stream in
      (isMember ? 1 : 0) + (example % 2 == 0 ? 0.01 : 10) * stream.normal()
    }
    func distance(_ table: ShadowTable, _ a: LiRA.Variance, _ b: LiRA.Variance) throws -> Double {
      let first = try LiRA(.init(variance: a)).scores(of: 0, in: table)
      let second = try LiRA(.init(variance: b)).scores(of: 0, in: table)
      return zip(first, second).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(first.count)
    }
    #expect(
      try distance(alike, .shrinkage, .fixed) < 0.3 * distance(alike, .perExample, .fixed))
    #expect(
      try distance(mixed, .shrinkage, .perExample) < 0.3 * distance(mixed, .fixed, .perExample))
  }

  @Test("Too few shadows for a mode, or none with an example, are refused with the remedy")
  func tooFew() throws {
    let two = try world(4, models: 2)
    do {
      _ = try LiRA().scores(of: 0, in: two)
      Issue.record("accepted")
    } catch { #expect("\(error)".contains("shadows")) }
    let four = try world(4, models: 4)
    do {
      _ = try LiRA(.init(variance: .perExample)).scores(of: 0, in: four)
      Issue.record("accepted")
    } catch { #expect("\(error)".contains("train more shadows")) }
    #expect(throws: MembershipError.self) { try LiRA().scores(of: [9], in: four, workers: 1) }
  }

  @Test("The number of workers changes no bit, and neither does asking for targets one by one")
  func workers() throws {
    let table = try world(5, models: 8, examples: 700)
    let lira = LiRA(.init(variance: .shrinkage))
    let all = try lira.scores(of: Array(0..<8), in: table, workers: 1)
    #expect(try lira.scores(of: Array(0..<8), in: table, workers: 3) == all)
    #expect(try lira.scores(of: 6, in: table) == all[6])
  }
}
