import Attacks
import Components
import Defenses
import Federation
import Foundation
import Randomness
import Tensors
import TestSupport
import Testing

/// ByzFL's chain in its worked examples.
private func exampleDefense() throws -> [any RoundComponent] {
  [try NNM(f: 1), try Clipping(clippingNorm: 2), try TrimmedMean(f: 1)]
}

/// The trimmed mean in Double.
private func trimmedMean(_ x: Rows, _ f: Int) -> [Double] {
  x[0].indices.map { j in
    let column = x.map { $0[j] }.sorted()[f..<x.count - f]
    return column.reduce(0, +) / Double(column.count)
  }
}

/// The search of the definition, one way, with the factor it ends at.
private func search(
  step: Double, evaluations: Int, _ value: (Double) -> Double
) -> (factor: Double, value: Double) {
  var best = (factor: 0.0, value: value(0))
  var step = step
  var left = evaluations - 1
  while left > 0 {
    let next = value(best.factor + step)
    left -= 1
    if next <= best.value { break }
    best = (best.factor + step, next)
    step *= 2
  }
  step *= 0.8
  while left > 0 {
    let next = value(best.factor + step)
    left -= 1
    if next > best.value { best = (best.factor + step, next) }
    step *= 0.8
  }
  return best
}

/// A rule whose damage goes up and down with what is sent: it returns the sine of the least value.
private struct Wave: Aggregator {
  static let card = Card(name: "wave", summary: "The sine of the least first coordinate.")
  init(_ parameters: NoParameters = NoParameters()) {}
  var parameters: NoParameters { NoParameters() }

  func faults(assumed: Int) -> Int { assumed }
  func minimumUpdates(faults: Int) -> Int { 1 }
  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let least = (0..<view.updates.count).map { view.updates.row($0)[0] }.min() ?? 0
    return Aggregation(.vector(Vector([Float(sin(0.7 * Double(least)))])))
  }
}

@Suite("OptIPM and OptALIE")
struct OptimizedTests {
  @Test("the worked examples of ByzFL hold")
  func examples() throws {
    let ipm = try OptIPM(variant: .positive).crafted(
      own: [[0, 0, 0]], honest: exampleUpdates, defense: try exampleDefense())
    expectClose(ipm[0], [-2.748_779_07, -3.435_973_84, -4.123_168_6], tolerance: 1e-5)
    let alie = try OptALIE(variant: .positive).crafted(
      own: [[0, 0, 0]], honest: exampleUpdates, defense: try exampleDefense())
    expectClose(alie[0], [12.919_851_16, 13.919_851_16, 14.919_851_16], tolerance: 1e-4)
  }

  @Test("the worked example of the documentation holds: the mean has no best factor")
  func unbounded() throws {
    let sent = try OptIPM(variant: .positive).crafted(
      own: [[0]], honest: [[1], [3]], defense: [Mean()])
    expectClose(sent[0], [-2 * 5_242_870], tolerance: 1)
  }

  @Test("the search visits what its definition visits", arguments: [-40, -0.3, 0.02, 0.7, 17, 4e4])
  func visits(_ top: Double) {
    for step in [10.0, -10] {
      for evaluations in [1, 2, 7, 20] {
        for value in [{ -abs($0 - top) }, { min($0, top) }, { cos($0 + top) }]
          as [(Double) -> Double]
        {
          var visited: [Double] = []
          var expected: [Double] = []
          let found = LineSearch(step: step, evaluations: evaluations) {
            visited.append($0)
            return value($0)
          }
          let want = search(step: step, evaluations: evaluations) {
            expected.append($0)
            return value($0)
          }
          #expect((visited == expected) == true)
          #expect(found.best.factor == want.factor && found.best.value == want.value)
        }
      }
    }
  }

  @Test("the factor is that of the search on the trimmed mean, both ways", arguments: 0..<5)
  func trimmed(_ seed: UInt64) throws {
    var generator = testGenerator(seed)
    let (n, f, d) = (9, 2, 12)
    let honest = Kind.skewed.updates(n - f, d, using: &generator)
    let own = Kind.skewed.updates(f, d, using: &generator)
    let x = doubles(honest)
    let mu = mean(x)
    func damage(_ m: [Double]) -> Double {
      squaredDistance(trimmedMean(x + Array(repeating: m, count: f), f), mu).squareRoot()
    }
    func expected(_ start: [Double], _ direction: [Double], both: Bool) -> [Double] {
      let up = search(step: 10, evaluations: 20) { damage(sum(start, $0, direction)) }
      let down = search(step: -10, evaluations: 20) { damage(sum(start, $0, direction)) }
      return sum(start, both && down.value > up.value ? down.factor : up.factor, direction)
    }
    for variant in SearchedSigns.allCases {
      let both = variant == .both
      let ipm = try OptIPM(variant: variant).crafted(
        own: own, honest: honest, defense: [try TrimmedMean(f: 2)])
      let zeros = mu.map { _ in 0.0 }
      let wantIPM = expected(zeros, mu.map { -$0 }, both: both)
      expectClose(ipm[0], wantIPM, tolerance: 1e-4 * norm(wantIPM), "ipm \(variant)")
      let alie = try OptALIE(variant: variant).crafted(
        own: own, honest: honest, defense: [try TrimmedMean(f: 2)])
      let wantALIE = expected(mu, deviation(x), both: both)
      expectClose(alie[0], wantALIE, tolerance: 1e-4 * norm(wantALIE), "alie \(variant)")
      #expect(ipm.allSatisfy { $0 == ipm[0] } && alie.allSatisfy { $0 == alie[0] })
    }
  }

  @Test("does more damage than the fixed attacks of its kind to every rule without jumps")
  func claim() throws {
    var generator = testGenerator()
    let f = 3
    let honest = Kind.skewed.updates(12, 30, using: &generator)
    let own = Kind.skewed.updates(f, 30, using: &generator)
    let mu = mean(doubles(honest))
    // Not Krum: it jumps from one update to another, and twenty steps may miss a lucky factor.
    let rules: [any Aggregator] = [
      Mean(), try Median(), try TrimmedMean(f: 3), try GeometricMedian(),
    ]
    for rule in rules {
      func damage(_ attack: any Corruption) throws -> Double {
        let sent = try attack.crafted(own: own, honest: honest, defense: [rule])
        return squaredDistance(try rule.aggregate(sent + honest).map(Double.init), mu)
      }
      let name = "\(rule.cardName)"
      #expect(try damage(OptIPM()) >= damage(IPM(epsilon: 0.5)) * 0.999, "\(name)")
      #expect(try damage(OptALIE()) >= damage(ALIE()) * 0.999, "\(name)")
    }
  }

  @Test("asks as often as it says, and the round counts it")
  func queries() throws {
    for (attack, asked) in [
      (try OptIPM(evaluations: 7), 14), (try OptALIE(evaluations: 7, variant: .positive), 7),
    ] as [(any Corruption, Int)] {
      let federation = ScriptedFederation(attack: attack, defense: [try Median()]) {
        client, round in (0..<ScriptedFederation.dimension).map { Float(client * $0 + round) }
      }
      let (_, _, record) = try federation.run()
      #expect(record.rounds.allSatisfy { $0.queries == asked }, "\(attack.cardName)")
      let crafting = try attack.crafting(
        own: try UpdateMatrix([[1], [2]]), honest: try UpdateMatrix([[3], [4], [6]]),
        defense: [try Median()])
      #expect(crafting.queries == asked && crafting.updates.count == 2)
    }
  }

  @Test("an attack that asks nothing tells of no questions")
  func noQueries() throws {
    let crafting = try IPM(epsilon: 1).crafting(
      own: try UpdateMatrix([[1]]), honest: try UpdateMatrix([[3], [5]]), defense: [try Median()])
    #expect(crafting.queries == nil && crafting.updates[0].delta.array == [-4])
  }

  @Test("without a defense to try out there is nothing to optimise")
  func noRule() {
    #expect(throws: FederationError.self) {
      try OptIPM().crafted(own: [[1]], honest: [[1], [2]])
    }
  }
}

@Suite("AGRTailored")
struct AGRTailoredTests {
  /// The halving search of the paper.
  private func search(_ succeeds: (Double) -> Bool) -> Double {
    var (success, gamma, step) = (0.0, 10.0, 10.0)
    while abs(success - gamma) > 1e-5 {
      step /= 2
      if succeeds(gamma) {
        success = gamma
        gamma += step
      } else {
        gamma -= step
      }
    }
    return success
  }

  @Test("the worked example of the documentation holds: against the mean γ is 20")
  func mean20() throws {
    let sent = try AGRTailored().crafted(own: [[0]], honest: [[1], [3]], defense: [Mean()])
    expectClose(sent[0], [2 - 20], tolerance: 1e-4)
  }

  @Test(
    "by distance it is the paper's search on the trimmed mean", arguments: Perturbation.allCases)
  func distance(_ direction: Perturbation) throws {
    for seed in 0..<4 as Range<UInt64> {
      var generator = testGenerator(seed)
      let (n, f, d) = (9, 2, 12)
      let honest = Kind.skewed.updates(n - f, d, using: &generator)
      let own = Kind.skewed.updates(f, d, using: &generator)
      let x = doubles(honest)
      let p = push(direction, x)
      var best = -1.0
      let gamma = search { gamma in
        let m = sum(mean(x), -gamma, p)
        let value = squaredDistance(
          trimmedMean(x + Array(repeating: m, count: f), f), mean(x))
        defer { best = max(best, value) }
        return value > best
      }
      let sent = try AGRTailored(direction: direction).crafted(
        own: own, honest: honest, defense: [try TrimmedMean(f: 2)])
      expectClose(sent[0], sum(mean(x), -gamma, p), tolerance: 1e-4 * max(1, gamma), "\(seed)")
    }
  }

  @Test("a push must beat the best so far, not the one before", arguments: 1...12)
  func best(_ scale: Int) throws {
    let honest: [[Float]] = [[0.5 + 0.3 * Float(scale)], [1 + 0.2 * Float(scale)]]
    let middle = mean(doubles(honest))[0]
    var best = -1.0
    let gamma = search { gamma in
      let value = abs(
        sin(0.7 * min(middle - gamma, Double(honest.map { $0[0] }.min() ?? 0))) - middle)
      defer { best = max(best, value) }
      return value > best
    }
    let sent = try AGRTailored().crafted(own: [[0]], honest: honest, defense: [Wave()])
    expectClose(sent[0], [middle - gamma], tolerance: 1e-3)
  }

  @Test("by selection it is the largest push that Krum and Multi-Krum keep")
  func selection() throws {
    var generator = testGenerator()
    let (n, f, d) = (16, 4, 10)
    let honest = Kind.skewed.updates(n - f, d, using: &generator)
    let own = Kind.skewed.updates(f, d, using: &generator)
    let x = doubles(honest)
    for rule in [try Krum(f: 4), try MultiKrum(f: 4)] as [any Aggregator] {
      let p = push(.std, x)
      let gamma = search { gamma in
        let rows = x + Array(repeating: sum(mean(x), -gamma, p), count: f)
        let scores = krumScores(rows, neighbors: n - f - 2)
        let order = rows.indices.sorted { (scores[$0], -$0) < (scores[$1], -$1) }
        return rule is Krum
          ? order[0] >= n - f : Set(order.prefix(n - f)).isSuperset(of: n - f..<n)
      }
      let sent = try AGRTailored(direction: .std).crafted(
        own: own, honest: honest, defense: [rule])
      expectClose(sent[0], sum(mean(x), -gamma, p), tolerance: 1e-4, "\(rule.cardName)")
      #expect(gamma > 0.1, "\(rule.cardName)")
    }
  }

  @Test("tailored to the trimmed mean, it does more damage to it than ALIE and noise")
  func claim() throws {
    var generator = testGenerator()
    let honest = Kind.skewed.updates(16, 30, using: &generator)
    let own = Kind.skewed.updates(4, 30, using: &generator)
    let rule = try TrimmedMean(f: 4)
    let mu = mean(doubles(honest))
    func damage(_ attack: any Corruption) throws -> Double {
      let sent = try attack.crafted(own: own, honest: honest, defense: [rule])
      return squaredDistance(try rule.aggregate(sent + honest).map(Double.init), mu)
    }
    let tailored = try damage(AGRTailored(direction: .std))
    #expect(tailored > 1.5 * (try damage(ALIE())))
    #expect(tailored > 1.5 * (try damage(Gaussian(deviation: 10))))
  }
}
