import Learning
import MembershipInference
import Randomness
import TestSupport
import Testing

@Suite("Blind baseline")
struct BlindBaselineTests {
  /// Examples of three features around `shift` and with deviation `scale` where the first model had
  /// them, around 0 with deviation 1 elsewhere.
  private func table(
    _ membership: Membership, shift: Float = 0, scale: Float = 1, world: UInt64 = 0
  ) throws -> ShadowTable {
    var generator = testGenerator(world).fork("features")
    let data = try LabeledExamples(
      features: membership.row(0).flatMap { isMember in
        (0..<3).map { _ in
          (isMember ? shift : 0) + (isMember ? scale : 1) * Float(generator.normal())
        }
      }, labels: membership.row(0).map { _ in Int32(generator.uniform(below: 2)) }, shape: [3],
      classes: 2)
    let (models, examples) = (membership.models, membership.examples)
    return try ShadowTable(
      try ModelOutputs(
        losses: [Double](repeating: 1, count: models * examples), models: models,
        examples: examples), membership, data: data)
  }

  private func pairs(_ models: Int, examples: Int, world: UInt64 = 0) throws -> Membership {
    var generator = testGenerator(world).fork("design")
    return try ShadowDesign(models: models, examples: examples, using: &generator).membership
  }

  @Test("It alarms where members come from elsewhere, be it another mean or another spread")
  func alarm() throws {
    let design = try pairs(2, examples: 300)
    // The optimum is Phi(0.8 sqrt(3/2)) = 0.836.
    let shifted = try BlindBaseline(targets: [0], in: try table(design, shift: 0.8))
    #expect(shifted.isAlarming && shifted.area > 0.75, "\(shifted.area) \(shifted.interval)")
    // Squared lengths are 6.25 and 1 times chi-squared of 3; no line tells them apart.
    let wider = try BlindBaseline(targets: [0], in: try table(design, scale: 2.5))
    #expect(wider.isAlarming && wider.area > 0.7, "\(wider.area) \(wider.interval)")
  }

  @Test("It alarms where one class is likelier to be in than another")
  func labels() throws {
    let design = try pairs(2, examples: 300)
    let data = try LabeledExamples(
      features: [Float](repeating: 0, count: 300),
      labels: (0..<300).map { Int32(design[0, $0] != ($0 % 4 == 0) ? 1 : 0) }, shape: [1],
      classes: 2)
    let blind = try BlindBaseline(
      targets: [0],
      in: try ShadowTable(
        try ModelOutputs(
          losses: [Double](repeating: 1, count: 600), models: 2, examples: 300), design, data: data)
    )
    // A quarter of the labels say the opposite, so that one label is right for three quarters of
    // both kinds: the area is that of one step at (1/4, 3/4).
    #expect(blind.isAlarming && abs(blind.area - 0.75) < 0.06, "\(blind.area)")
  }

  @Test("A pair of halves counts once: the complement changes nothing, and neither do both")
  func complements() throws {
    let design = try pairs(2, examples: 80)
    let shown = try table(design)
    let one = try BlindBaseline(targets: [0], in: shown)
    for targets in [[1], [0, 1]] {
      let other = try BlindBaseline(targets: targets, in: shown)
      #expect(isClose(one.area, other.area, tolerance: 1e-9))
      #expect(isClose(one.interval.lowerBound, other.interval.lowerBound, tolerance: 1e-9))
      #expect(isClose(one.interval.upperBound, other.interval.upperBound, tolerance: 1e-9))
    }
    #expect(one.interval.upperBound - one.interval.lowerBound > 0.1)
  }

  @Test(
    "Where nothing differs its interval misses 1/2 one time in 20, and its mean is that",
    .enabled(if: isOptimizedBuild), arguments: [[0], [0, 1, 2, 3]])
  func falseAlarms(targets: [Int]) throws {
    var (alarms, sum, squares) = (0, 0.0, 0.0)
    let worlds = 200
    for world in 0..<worlds {
      let fair = try BlindBaseline(
        targets: targets,
        in: try table(try pairs(4, examples: 80, world: UInt64(world)), world: UInt64(world)),
        seed: UInt64(world))
      if !fair.interval.contains(0.5) { alarms += 1 }
      sum += fair.area
      squares += (fair.area - 0.5) * (fair.area - 0.5)
    }
    // The interval is exact, so alarms are binomial: of 200 at 5% more than 23 have a chance of
    // 1e-4; fewer than 2 one of 4e-4.
    #expect((2...23).contains(alarms), "\(alarms)")
    // The mean is 1/2 exactly: 4 deviations, missed 1 time in 15,000.
    let deviation = (squares / Double(worlds)).squareRoot() / Double(worlds).squareRoot()
    #expect(abs(sum / Double(worlds) - 0.5) < 4 * deviation, "\(sum / Double(worlds))")
  }

  @Test("The number of workers changes no bit; a small significance widens the interval")
  func workers() throws {
    let shown = try table(try pairs(4, examples: 60))
    let one = try BlindBaseline(targets: [0, 2], in: shown)
    let two = try BlindBaseline(targets: [0, 2], in: shown, workers: 2)
    #expect(one.area == two.area && one.interval == two.interval)
    let wide = try BlindBaseline(targets: [0, 2], in: shown, significance: 1e-6)
    #expect(
      wide.interval.lowerBound < one.interval.lowerBound
        && wide.interval.upperBound > one.interval.upperBound)
  }

  @Test("What the models say is not looked at: losses that tell members for sure change no bit")
  func blind() throws {
    let shown = try table(try pairs(4, examples: 60))
    let honest = try BlindBaseline(targets: [0, 1], in: shown)
    let (models, examples) = (shown.models, shown.examples)
    let telling = (0..<models).flatMap { model in
      (0..<examples).map { shown.membership[model, $0] ? 0.001 : 5 }
    }
    let told = try ShadowTable(
      try ModelOutputs(losses: telling, models: models, examples: examples), shown.membership,
      data: shown.data)
    let other = try BlindBaseline(targets: [0, 1], in: told)
    #expect(other.area == honest.area && other.interval == honest.interval)
    #expect(!other.isAlarming)
    // The losses do tell.
    let loss = try LossScore().scores(of: [0], in: told, workers: 1)[0]
    let judged = try JudgedScores([loss], of: [0], in: told)
    #expect(ROC(judged).areaUnderCurve == 1)
  }

  @Test("Without features, with too few examples of a kind or without targets there is none")
  func badInput() throws {
    let bare = try ShadowTable(
      try ModelOutputs(losses: [1, 2], models: 1, examples: 2),
      try Membership(models: 1, examples: 2, [true, false]))
    #expect(throws: MembershipError.self) { try BlindBaseline(targets: [0], in: bare) }
    let few = try table(try pairs(2, examples: 18))
    #expect(throws: MembershipError.self) { try BlindBaseline(targets: [0], in: few) }
    let enough = try table(try pairs(2, examples: 20))
    #expect(throws: MembershipError.self) { try BlindBaseline(targets: [], in: enough) }
    #expect(throws: MembershipError.self) {
      try BlindBaseline(targets: [0], in: enough, significance: 0)
    }
    #expect(throws: MembershipError.self) { try BlindBaseline(targets: [9], in: enough) }
  }
}
