import Components
import Learning
import Randomness
import Tensors

/// From visible items to one vector: the finite check, admission, pre-aggregation and the rule.
///
/// The one road from updates to an aggregate: the simulated round and `RobustAggregation` both
/// take it.
struct ServerStage: Sendable {
  let admissions: [any Admission]
  let preAggregators: [any PreAggregator]
  let aggregator: any Aggregator

  /// What the stage remembers between rounds, one memory a component.
  struct Memories: Codable, Sendable {
    var admissions: [Memory]
    var preAggregators: [Memory]
    var aggregator = Memory()
  }

  /// What came of a round's items.
  struct Outcome: Sendable {
    /// The aggregate; nil holds the model.
    var aggregate: Vector?
    /// For each item, whether it had a part; nil when the rule keeps no set.
    var kept: [Bool]?
    /// The rule's score of each row it saw, when every row stands for one item.
    var scores: [Double?]
    var sensitivity: Double?
    /// Why the model was held or items were left out.
    var notes: [String]
    /// For each item, why it was left out before the rule saw it.
    var exclusions: [Int: String]
    /// For each item, what a pre-aggregator or the rule had against it.
    var reasons: [Int: String]
    /// How many rows the rule saw.
    var rows = 0
    /// How many of them were not clipped, where rows are.
    var short = 0
  }

  var freshMemories: Memories {
    Memories(
      admissions: admissions.map { _ in Memory() },
      preAggregators: preAggregators.map { _ in Memory() })
  }

  /// Everything about a round that the stage works in but the updates.
  struct Setting {
    var round: Int
    var assumedFaults: Int
    var globalModel: Vector
    var segments: [Segment]
    var root: RootData?
    /// The norm to which every row is clipped before the rule, each with weight 1; nil clips nothing.
    var clippingNorm: Double?
    /// Whether too few rows are no mistake of the experiment's.
    var holdsWhenTooFew = false
    /// The stream of each pre-aggregator.
    var preparation: @Sendable (Int) -> Generator
    /// The rule's stream.
    var rule: Generator
  }

  /// What comes of a round that ends before any rule sees it: nothing, with nobody in it.
  static func held(_ reason: String, items: Int, notes: [String] = []) -> Outcome {
    Outcome(
      aggregate: nil, kept: [Bool](repeating: false, count: items),
      scores: [Double?](repeating: nil, count: items), sensitivity: nil,
      notes: notes + ["held: \(reason)"], exclusions: [:], reasons: [:])
  }

  /// What comes of `updates`, one row for each of `items`.
  func aggregate(
    _ updates: UpdateView, items: [Delivery.Item], in setting: Setting, memories: inout Memories
  ) throws -> Outcome {
    let decision = try decide(updates, items: items, in: setting, memories: &memories)
    return try finish(decision, with: decision.computed, in: setting)
  }

  /// A round that is decided up to sums over coordinates.
  struct Decision {
    /// What the aggregate is.
    enum Aggregate {
      /// None: the model is held.
      case held
      /// This.
      case vector(Vector)
      /// The combination of these rows with these coefficients.
      case combination(UpdateView, [Double])
      /// The mean of these rows with these weights.
      case weightedMean(UpdateView, [Double])
    }

    var aggregate: Aggregate
    /// Everything else about the outcome.
    var outcome: Outcome

    /// The aggregate, computed.
    var computed: Vector? {
      switch aggregate {
      case .held: nil
      case .vector(let vector): vector
      case .combination(let view, let coefficients): view.combination(coefficients)
      case .weightedMean(let view, let weights): view.weightedMean(weights)
      }
    }
  }

  /// The outcome of a decision whose aggregate came out as `vector`.
  func finish(
    _ decision: Decision, with vector: Vector?, in setting: Setting
  ) throws(FederationError) -> Outcome {
    var outcome = decision.outcome
    guard let vector else { return outcome }
    if vector.count != setting.globalModel.count {
      throw .wrongSize(
        component: aggregator.cardName, got: vector.count, expected: setting.globalModel.count)
    }
    if vector.isFinite {
      outcome.aggregate = vector
    } else {
      outcome.notes.append("held: \(aggregator.cardName) overflowed")
      outcome.kept = [Bool](repeating: false, count: outcome.scores.count)
      outcome.scores = [Double?](repeating: nil, count: outcome.scores.count)
      outcome.sensitivity = nil
    }
    return outcome
  }

  /// Everything but the sums over coordinates.
  func decide(
    _ updates: UpdateView, items: [Delivery.Item], in setting: Setting, memories: inout Memories
  ) throws -> Decision {
    let first: any FaultTolerant = preAggregators.first ?? aggregator
    let looksFirst =
      admissions.isEmpty && !updates.isKnownFinite && setting.clippingNorm == nil
    let look = looksFirst ? first.firstLook : .nothing
    if look == .coordinates {
      // As if all rows were finite, which shows; if they are not, nothing of this counts.
      var trial = memories
      let decision = Swift.Result {
        try decide(updates, items: items, isFinite: nil, in: setting, memories: &trial)
      }
      if updates.isKnownFinite, updates.finiteRows.allSatisfy({ $0 }) {
        memories = trial
        return try decision.get()
      }
    }
    return try decide(
      updates, items: items, isFinite: updates.finiteRows(besideDistances: look == .distances),
      in: setting, memories: &memories)
  }

  /// The same, where it is known which rows are finite. If it is not, all are taken for finite until
  /// the first component has looked at them.
  private func decide(
    _ updates: UpdateView, items: [Delivery.Item], isFinite: [Bool]?, in setting: Setting,
    memories: inout Memories
  ) throws -> Decision {
    let (round, globalModel) = (setting.round, setting.globalModel)
    var exclusions: [Int: String] = [:]
    var reasons: [Int: String] = [:]
    var notes: [String] = []
    let count = items.count
    func outcome(hold reason: String) -> Decision {
      var outcome = Self.held(reason, items: count, notes: notes)
      (outcome.exclusions, outcome.reasons) = (exclusions, reasons)
      return Decision(aggregate: .held, outcome: outcome)
    }

    // No update with a NaN, an infinity or a useless weight reaches a rule, and none vanishes
    // silently.
    var rows: [Int] = []
    for (index, item) in items.enumerated() {
      if let reason = Self.refusal(
        isFinite: isFinite?[index] ?? true, weight: item.weight)
      {
        exclusions[index] = reason
      } else {
        rows.append(index)
      }
    }
    notes += Self.notes(of: exclusions)
    if rows.isEmpty { return outcome(hold: "no usable update arrived") }

    var view = AggregationView(
      round: round, updates: rows.count == count ? updates : updates.selecting(rows),
      weights: rows.map { items[$0].weight },
      clients: rows.map { items[$0].clients.flatMap { $0.count == 1 ? $0[0] : nil } },
      steps: rows.map { items[$0].steps },
      staleness: rows.map { items[$0].startedRound.map { round - $0 } },
      faults: setting.assumedFaults, globalModel: globalModel, segments: setting.segments,
      root: setting.root)

    // What is left of a round after exclusions may be too few rows: no mistake of the caller's, so
    // the model is held. Too few to begin with is one.
    func faults(
      of stage: any FaultTolerant, received: Int
    ) throws(FederationError) -> Result<Int, FederationError> {
      do throws(FederationError) {
        return .success(try stage.checkedFaults(assumed: setting.assumedFaults, received: received))
      } catch {
        if setting.holdsWhenTooFew || !exclusions.isEmpty { return .failure(error) }
        throw error
      }
    }

    // Which items stand behind each row of the view.
    var members = rows.map { [$0] }

    for (index, admission) in admissions.enumerated() {
      var generator = setting.preparation(index)
      let verdicts = try admission.admit(
        view, using: &generator, memory: &memories.admissions[index])
      try check(verdicts.count, view.updates.count, admission.cardName)
      let isAdmitted = verdicts.map { $0.factor > 0 && $0.factor.isFinite }
      let keep = verdicts.indices.filter { isAdmitted[$0] }
      var excluded: [Int: String] = [:]
      for (row, verdict) in verdicts.enumerated() where !isAdmitted[row] {
        for item in members[row] { excluded[item] = verdict.reason ?? admission.cardName }
      }
      exclusions.merge(excluded) { first, _ in first }
      notes += Self.notes(of: excluded)
      if keep.isEmpty { return outcome(hold: "\(admission.cardName) admitted nothing") }
      view.weights = keep.map { view.weights[$0] * verdicts[$0].factor }
      view.clients = keep.map { view.clients[$0] }
      view.steps = keep.map { view.steps[$0] }
      view.staleness = keep.map { view.staleness[$0] }
      view.updates = view.updates.selecting(keep)
      members = keep.map { members[$0] }
    }

    var rowsAreApart = admissions.isEmpty
    for (index, stage) in preAggregators.enumerated() {
      switch try faults(of: stage, received: view.updates.count) {
      case .success(let faults): view.faults = faults
      case .failure(let error): return outcome(hold: "\(error)")
      }
      var generator = setting.preparation(admissions.count + index)
      let prepared = try stage.prepare(
        view, using: &generator, memory: &memories.preAggregators[index])
      if isFinite == nil, !updates.isKnownFinite { return outcome(hold: "rows are not finite") }
      if prepared.updates.dimension != globalModel.count {
        throw FederationError.wrongSize(
          component: stage.cardName, got: prepared.updates.dimension, expected: globalModel.count)
      }
      try check(
        prepared.updates.count, prepared.members?.count ?? view.updates.count, stage.cardName)
      for (row, reason) in prepared.reasons {
        for item in members[row] { reasons[item] = "\(stage.cardName): \(reason)" }
      }
      if let groups = prepared.members {
        view.weights = groups.map { group in group.reduce(0) { $0 + view.weights[$1] } }
        view.clients = groups.map { $0.count == 1 ? view.clients[$0[0]] : nil }
        view.steps = groups.map { $0.count == 1 ? view.steps[$0[0]] : nil }
        view.staleness = groups.map { $0.count == 1 ? view.staleness[$0[0]] : nil }
        members = groups.map { group in group.flatMap { members[$0] } }
      }
      view.updates = prepared.updates
      rowsAreApart = rowsAreApart && stage.rowBound != nil && prepared.members == nil
      view.rowBound = rowsAreApart ? stage.rowBound : nil
    }

    var short = 0
    if let norm = setting.clippingNorm {
      short = Self.clip(&view, to: norm)
      view.rowBound = rowsAreApart || preAggregators.isEmpty && admissions.isEmpty ? norm : nil
    }

    switch try faults(of: aggregator, received: view.updates.count) {
    case .success(let faults): view.faults = faults
    case .failure(let error): return outcome(hold: "\(error)")
    }
    var generator = setting.rule
    // A rule that remembers what was not released would release it later: it begins anew.
    var fresh = Memory()
    let aggregation =
      setting.clippingNorm == nil
      ? try aggregator.aggregate(view, using: &generator, memory: &memories.aggregator)
      : try aggregator.aggregate(view, using: &generator, memory: &fresh)

    for made in [aggregation.kept?.count, aggregation.scores?.count] {
      try check(made ?? view.updates.count, view.updates.count, aggregator.cardName)
    }
    for (row, reason) in aggregation.reasons {
      for item in members[row] { reasons[item] = "\(aggregator.cardName): \(reason)" }
    }
    let aggregate: Decision.Aggregate
    switch aggregation.output {
    case .hold(let reason): return outcome(hold: "\(aggregator.cardName) \(reason)")
    case .combination(let coefficients):
      try check(coefficients.count, view.updates.count, aggregator.cardName)
      aggregate = .combination(view.updates, coefficients)
    case .weightedMean(let weights):
      try check(weights.count, view.updates.count, aggregator.cardName)
      aggregate = .weightedMean(view.updates, weights)
    case .vector(let vector): aggregate = .vector(vector)
    }

    var scores = [Double?](repeating: nil, count: count)
    for (row, score) in (aggregation.scores ?? []).enumerated() where members[row].count == 1 {
      scores[members[row][0]] = score
    }
    let kept = aggregation.kept.map { flags in
      var kept = [Bool](repeating: false, count: count)
      let rows = flags.indices.filter { flags[$0] }
      for item in rows.flatMap({ members[$0] }) { kept[item] = true }
      // A row that a stage has mixed carries every update it was mixed of.
      for item in view.updates.rows(of: updates, behind: rows) ?? [] { kept[item] = true }
      return kept
    }
    return Decision(
      aggregate: aggregate,
      outcome: Outcome(
        aggregate: nil, kept: kept, scores: scores,
        // Of several clients in a row, one moves it in ways no bound on the row tells.
        sensitivity: rowsAreApart && items.allSatisfy { $0.count == 1 }
          ? aggregation.sensitivity : nil,
        notes: notes, exclusions: exclusions, reasons: reasons, rows: view.updates.count,
        short: short))
  }

  /// Shortens the rows that are longer than `norm`, each of weight 1 whatever it claims; how many
  /// were not.
  private static func clip(_ view: inout AggregationView, to norm: Double) -> Int {
    let norms = view.updates.squaredNorms.map { $0.squareRoot() }
    if norms.contains(where: { $0 > norm }) {
      view.updates = view.updates.scaled(by: norms.map { $0 > norm ? norm / $0 : 1 })
    }
    view.weights = norms.map { _ in 1 }
    return norms.count { $0 <= norm }
  }

  /// The same of a sum that was made while the updates arrived, for a rule that is the weighted mean.
  func aggregate(
    _ sum: RoundSum, assumedFaults: Int, holdsWhenTooFew: Bool
  ) throws -> Outcome {
    var outcome = Outcome(
      aggregate: nil, kept: nil, scores: [], sensitivity: nil, notes: Self.notes(of: sum.reasons),
      exclusions: [:], reasons: [:])
    if sum.usable == 0 {
      outcome.notes.append("held: no usable update arrived")
      return outcome
    }
    do throws(FederationError) {
      _ = try aggregator.checkedFaults(assumed: assumedFaults, received: sum.usable)
    } catch {
      guard holdsWhenTooFew || !sum.reasons.isEmpty else { throw error }
      outcome.notes.append("held: \(error)")
      return outcome
    }
    let mean = sum.mean
    if mean.isFinite {
      outcome.aggregate = mean
    } else {
      outcome.notes.append("held: \(aggregator.cardName) overflowed")
    }
    return outcome
  }

  private func check(_ got: Int, _ expected: Int, _ component: String) throws(FederationError) {
    if got != expected {
      throw .wrongCount(component: component, got: got, expected: expected)
    }
  }

  /// Why no rule may see an update; nil if it may.
  static func refusal(isFinite: Bool, weight: Double) -> String? {
    if !isFinite { return "non-finite update" }
    return weight.isFinite && weight > 0 ? nil : "weight not positive"
  }

  private static func notes(of exclusions: [Int: String]) -> [String] {
    notes(of: Set(exclusions.values))
  }

  private static func notes(of reasons: Set<String>) -> [String] {
    reasons.sorted().map { "excluded: \($0)" }
  }
}

extension ServerStage {
  /// The κ of the whole chain on `count` rows; nil where no bound is known.
  ///
  /// The stages' bounds hold for the same f and number of rows; a stage that groups rows ends the
  /// chain of reasoning.
  func robustnessCoefficient(updates count: Int, assumedFaults: Int) -> Double? {
    let faults = aggregator.faults(assumed: assumedFaults)
    guard admissions.isEmpty,
      var kappa = aggregator.robustnessCoefficient(updates: count, faults: faults)
    else { return nil }
    for stage in preAggregators.reversed() {
      guard stage.preparedCount(from: count) == count,
        stage.faults(assumed: assumedFaults) == faults,
        let next = stage.robustnessCoefficient(after: kappa, updates: count, faults: faults)
      else { return nil }
      kappa = next
    }
    return kappa
  }
}
