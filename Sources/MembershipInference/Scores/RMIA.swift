public import Components
internal import Glibc
internal import Tensors

/// The robust membership attack: is the example likelier, relative to models in general, than most
/// others are?
///
///     r(u) = p_target(u) / P(u)
///     score = share of z in the population with r(x) / r(z) >= gamma
///
/// with P as in `LikelihoodRatio`: the mean of both kinds of shadows online, ((1 + a) P_out + 1 -
/// a)/2 offline. Example: p = 0.9, P_out = 0.6, a = 0.3 gives P = 0.74 and r = 1.2162.
///
/// Within one target the order of examples is that of r, as long as ratios differ; the population
/// makes numbers of different targets comparable. Online, z runs over the other audited examples
/// (their rows are not looked at); offline, over the known non-members of the table, if there are
/// any. x is not compared with itself. a must not be tuned on the audited target:
/// ``tunedA(on:leavingOut:in:workers:)`` takes a shadow in its place.
///
/// Published values: gamma 2, a 1/3 (by data), temperature 2. Published code fixes gamma at 1 and
/// treats z and x differently, see `LikelihoodRatio`.
///
/// Source: Zarifzadeh, Liu, Shokri, "Low-cost high-power membership inference attacks"
/// (arXiv 2312.03262), sections 3.1 and 3.3.
public struct RMIA: MembershipScore {
  /// Which shadows are at hand.
  public enum Mode: String, CaseIterable, Codable, Hashable, Sendable {
    /// Shadows with and without the example.
    case online
    /// Shadows without it.
    case offline
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Which shadows are used.
    public var mode = Mode.online
    /// How much likelier than another example counts.
    public var gamma = 2.0
    /// Offline: how much a model with the example is like one without it, 0 to 1.
    public var a = 1.0 / 3
    /// Offline: whether a is chosen for each target on a shadow in its place.
    public var tuned = false
    /// Divides logits before the softmax; needs logits unless 1.
    public var temperature = 1.0

    /// Online, gamma 2, a 1/3, temperature 1.
    public init(
      mode: Mode = .online, gamma: Double = 2, a: Double = 1.0 / 3, tuned: Bool = false,
      temperature: Double = 1
    ) {
      self.mode = mode
      self.gamma = gamma
      self.a = a
      self.tuned = tuned
      self.temperature = temperature
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "rmia",
    summary: "Is the example likelier, relative to models in general, than most others are?",
    formula: "share of z with r(x)/r(z) >= gamma, r = p_target/P, P = (P_in + P_out)/2",
    citation: "Zarifzadeh et al. 2024, arXiv 2312.03262, sections 3.1 and 3.3",
    needs: [.targetLoss, .shadowModels],
    parameters: [
      .init("mode", "which shadows are used", range: "online or offline"),
      .init("gamma", "how much likelier than another counts", range: "a number greater than 0"),
      .init("a", "offline: P = ((1 + a) P_out + 1 - a)/2", range: "a number from 0 to 1"),
      .init(
        "tuned", "offline: whether a is chosen for each target on a shadow in its place",
        range: "true or false"),
      .init("temperature", "divides logits", range: "a number greater than 0"),
    ])

  /// Online, gamma 2, a 1/3, temperature 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public private(set) var parameters: Parameters

  /// The attack with `parameters`.
  ///
  /// - Throws: `ParameterError` for a number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "gamma", parameters.gamma > 0 && parameters.gamma.isFinite,
      "must be a number greater than 0", got: parameters.gamma)
    check("a", (0...1).contains(parameters.a), "must be from 0 to 1", got: parameters.a)
    check(
      "tuned", !parameters.tuned || parameters.mode == .offline, "is for mode offline",
      got: parameters.tuned)
    check(
      "temperature", parameters.temperature > 0 && parameters.temperature.isFinite,
      "must be a number greater than 0", got: parameters.temperature)
    try check.finish()
    self.parameters = parameters
  }

  /// Compares ratios. O(models) an example, O(examples log examples) a target.
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    if parameters.tuned {
      // Not the next model: it may be the target's partner, whose row is the target's turned round.
      return try targets.map { target throws(MembershipError) in
        let a = try Self.tunedA(
          on: (target + 2) % table.models, leavingOut: target, in: table, workers: workers)
        var own = self
        (own.parameters.a, own.parameters.tuned) = (a, false)
        return try own.scores(of: [target], in: table, workers: workers)[0]
      }
    }
    let isOffline = parameters.mode == .offline
    let population =
      isOffline && table.population.count > 1 ? table.population : table.audited
    guard population.count > 1 else {
      throw .tooFew(
        what: "rmia: examples to compare with", got: population.count, needed: 2,
        remedy: "give several examples")
    }
    let sweep = ColumnSweep(
      try Self.logConfidence(table, temperature: parameters.temperature, workers: workers),
      of: table, workers: workers)
    let ratios = try LikelihoodRatio(denominator: isOffline ? .linear(parameters.a) : .both)
      .ratios(of: targets, sweep: sweep, score: Self.card.name)
    var marks = [Bool](repeating: false, count: table.examples)
    for example in population { marks[example] = true }
    let isCompared = marks
    let shift = log(parameters.gamma)
    return WorkerPool.map(ratios.count, workers: workers) { slot, _ in
      let row = ratios[slot]
      let ranks = RankTable(population.map { row[$0] })
      return row.enumerated().map { example, ratio -> Double in
        var count = ranks.count(through: ratio - shift)
        guard !ratio.isNaN else { return ratio }
        guard isCompared[example] else {
          return Double(count) / Double(population.count)
        }
        if shift <= 0 { count -= 1 }
        return Double(count) / Double(population.count - 1)
      }
    }
  }

  /// The a, of 0, 0.1, … 1, with the greatest area under the curve for a shadow as the target, whose
  /// training data the attacker knows; the smallest of equals. The audited target takes no part.
  ///
  /// Source: section 3.3 and appendix B.2.2: a is chosen with a reference model in the target's place.
  ///
  /// - Parameters:
  ///   - shadow: The model that is attacked to choose.
  ///   - target: The model that a is chosen for; it is left out.
  /// - Throws: `MembershipError` for models that are not there or the same, or with fewer than 3.
  /// - Complexity: 11 times an offline score of one target.
  public static func tunedA(
    on shadow: Int, leavingOut target: Int, in table: ShadowTable, workers: Int = 1
  ) throws(MembershipError) -> Double {
    try table.check([shadow, target])
    guard shadow != target, table.models >= 3 else {
      throw .tooFew(
        what: "rmia: models to choose a with, beside target \(target) and shadow \(shadow)",
        got: shadow == target ? 0 : table.models - 2, needed: 1,
        remedy: "take a shadow that is not the target, and at least 3 models")
    }
    let kept = (0..<table.models).filter { $0 != target }
    let slot = shadow < target ? shadow : shadow - 1
    let reduced = try table.keeping(kept)
    let audited = reduced.audited
    let truth = audited.map { reduced.membership[slot, $0] }
    var best = (a: 0.0, area: -1.0)
    for step in 0...10 {
      let a = Double(step) / 10
      var parameters = Parameters(mode: .offline, a: a)
      parameters.gamma = 1
      let rule: RMIA
      do {
        rule = try RMIA(parameters)
      } catch {
        throw .invalid(what: "rmia: a", got: "\(a)", requirement: "must be from 0 to 1")
      }
      let scores = try rule.scores(of: [slot], in: reduced, workers: workers)[0]
      let judged = try JudgedScores(scores: audited.map { scores[$0] }, isMember: truth)
      let area = ROC(judged).areaUnderCurve
      if area > best.area { best = (a, area) }
    }
    return best.a
  }

  /// log p_y of every model and example.
  static func logConfidence(
    _ table: ShadowTable, temperature: Double = 1, workers: Int
  ) throws(MembershipError) -> SignalTable {
    let losses = try table.outputs.signal(
      .loss, for: card.name, temperature: temperature, workers: workers)
    return SignalTable(
      unchecked: losses.values.map { -$0 }, models: losses.models, examples: losses.examples,
      queries: losses.queries)
  }
}
