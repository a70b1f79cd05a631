public import Components
internal import Datasets
internal import Federation
internal import Foundation
internal import Learning
public import MembershipInference
internal import Randomness
internal import Tensors

/// Who was in the training data of an experiment's federations?
///
/// For each combination of the axes other than the attack, several federations are trained, all
/// with the whole defense: paired so that each audited example is among its client's training data
/// in exactly half of them and in nobody's in the other half. Each federation is the target once:
///
/// - scores (loss, LiRA, RMIA, …) ask its last model, as the defense releases it, with the other
///   federations as shadows. So the attacker's shadows use the defense under test, whatever it is.
/// - attacks of the experiment that only read along do so in all federations; those that interfere
///   get federations of their own, with the same examples.
///
/// Members and non-members are examples of one client's share; which is which is a coin. The
/// examples that are not audited are in all federations.
public struct MembershipStudy: Sendable {
  /// How much is trained and what is asked of the last models.
  public struct Options: Sendable {
    /// Federations of each combination, an even number.
    public var models = 8
    /// Federations in which an attack that interferes is tried.
    public var activeModels = 4
    /// Audited examples of each client.
    public var audited = 100
    /// Scores of the last models.
    public var scores: [ConfiguredComponent] = []
    /// Intervals and rates.
    public var evaluation = ScoreEvaluation.Options()
    /// Where finished federations are kept, so that a study goes on where it stopped; nil keeps
    /// none.
    public var folder: String?

    /// 8 federations, 4 of each attack that interferes, 100 audited examples a client, no scores.
    public init() {}
  }

  /// The experiment's combinations, checked.
  public let plan: MatrixPlan
  /// How much is trained and asked.
  public let options: Options

  /// A study of the part of an experiment that `selection` chooses.
  ///
  /// - Throws: `ConfigurationError` for whatever keeps the experiment from running, an odd number
  ///   of models, clients that share examples, and attacks that are no inference.
  public init(_ plan: MatrixPlan, options: Options) throws {
    var issues = IssueCollector()
    if options.models < 2 || options.models % 2 != 0 {
      issues.add(
        "--models: \(options.models) is not an even number of 2 or more; each example is in half of "
          + "the federations", at: nil)
    }
    if !(1...max(options.models, 1)).contains(options.activeModels) {
      issues.add(
        "--active-models: \(options.activeModels) must be from 1 to the number of models, "
          + "\(options.models)", at: nil)
    }
    for entry in plan.experiment.entries(.attack) {
      let strangers = entry.components.filter {
        $0.name != "none" && !($0.component is any MembershipAttacker)
      }
      if let stranger = strangers.first {
        issues.add(
          "attack '\(stranger.name)' asks nothing about membership; leave it out, or use 'rampart "
            + "matrix'", at: stranger.position ?? entry.position)
      }
    }
    for entry in plan.experiment.entries(.partition)
    where !entry.components.allSatisfy({ $0.card.claims.contains(.disjoint) }) {
      issues.add(
        "partition '\(entry.label)' gives examples to several clients, so that nobody can say whose "
          + "they are; use one without overlap, such as dirichlet", at: entry.position)
    }
    try issues.finish()
    self.plan = plan
    self.options = options
  }

  /// The combinations of all axes but the attack, each with its attacks.
  var blocks: [Block] {
    var blocks: [Block] = []
    for cell in plan.cells {
      let title = cell.blockTitle(in: plan)
      let isClean = cell.entry(.attack).components.allSatisfy { $0.name == "none" }
      if let index = blocks.firstIndex(where: { $0.key == cell.blockKey }) {
        if isClean { blocks[index].clean = cell } else { blocks[index].attacked.append(cell) }
      } else {
        blocks.append(
          Block(
            key: cell.blockKey, title: title, clean: isClean ? cell : nil,
            attacked: isClean ? [] : [cell]))
      }
    }
    return blocks.filter { $0.clean != nil }
  }

  /// What is asked in one combination.
  struct Block: Sendable {
    var key: String
    var title: String
    /// The cell without attack.
    var clean: Cell?
    /// Cells with one.
    var attacked: [Cell]

    /// Cells whose attack only reads along and can exist.
    var passive: [Cell] { attacked.filter { $0.refusal == nil && !$0.interferes } }
    /// Cells whose attack interferes and can exist.
    var active: [Cell] { attacked.filter { $0.refusal == nil && $0.interferes } }
  }

  /// How many federations are trained.
  public var runs: Int {
    blocks.filter { $0.clean?.refusal == nil }
      .reduce(0) { $0 + options.models + $1.active.count * options.activeModels }
      * plan.seeds.count
  }

  /// How many of them the folder has from earlier.
  ///
  /// - Throws: `ConfigurationError` for data that cannot be had.
  public func finishedRuns() throws -> Int {
    guard let cache = try cache else { return 0 }
    var count = 0
    for block in blocks where block.clean?.refusal == nil {
      for seed in plan.seeds {
        let work = try BlockWork(block, seed: seed, study: self)
        count += work.jobs.count { cache.result(work.key(of: $0)) != nil }
      }
    }
    return count
  }

  private var cache: FederationCache? {
    get throws { try options.folder.map(FederationCache.init) }
  }

  /// Trains what the folder does not have, and asks.
  ///
  /// - Parameters:
  ///   - jobs: Federations side by side; the results do not depend on it.
  ///   - onRun: Called after each that was trained, from any thread.
  /// - Throws: What a federation throws; `MembershipStudyError` for a folder that cannot be written.
  public func run(
    jobs: Int, onRun: @escaping @Sendable () -> Void = {}
  ) throws -> MembershipResults {
    var results = MembershipResults(
      name: plan.experiment.name, models: options.models, seeds: plan.seeds.count)
    let cache = try cache
    for block in blocks {
      if let refusal = block.clean?.refusal {
        results.blocks.append(impossible(block, refusal))
        continue
      }
      var parts: [BlockRun] = []
      for seed in plan.seeds {
        parts.append(
          try BlockRun(
            block, seed: seed, study: self, cache: cache, jobs: jobs, onRun: onRun))
      }
      results.blocks.append(try judge(block, parts, jobs: jobs))
    }
    results.judgeControls()
    return results
  }

  /// A combination that cannot exist, whoever attacks.
  private func impossible(_ block: Block, _ refusal: Refusal) -> MembershipResults.Block {
    var result = MembershipResults.Block(
      title: block.title, isUndefended: block.clean?.isBare ?? false)
    let labels = options.scores.map(\.label) + block.attacked.map { $0.entry(.attack).label }
    result.attacks = labels.map {
      .init(label: $0, outcome: .impossible("\(refusal.component) \(refusal.reason)"))
    }
    return result
  }

  private func judge(
    _ block: Block, _ parts: [BlockRun], jobs: Int
  ) throws -> MembershipResults.Block {
    var result = MembershipResults.Block(
      title: block.title, isUndefended: block.clean?.isBare ?? false,
      accuracy: Estimate(parts.flatMap(\.accuracies)))
    for score in options.scores {
      guard let rule = score.component as? any MembershipScore else { continue }
      let targets = Array(0..<options.models)
      let outcome: MembershipResults.Outcome
      do {
        var judged = Pool()
        for part in parts {
          judged.append(
            try JudgedScores(
              try rule.scores(of: targets, in: part.table, workers: jobs), of: targets,
              in: part.table))
        }
        outcome = .measured(try ScoreEvaluation(try judged.scores(), options: options.evaluation))
      } catch {
        // Known only now; what was trained is not thrown away for it.
        outcome = .impossible("\(error)")
      }
      result.attacks.append(.init(label: score.label, outcome: outcome))
    }
    for cell in block.attacked {
      let label = cell.entry(.attack).label
      if let refusal = cell.refusal {
        result.attacks.append(
          .init(label: label, outcome: .impossible("\(refusal.component) \(refusal.reason)")))
        continue
      }
      var judged = Pool()
      var others = Pool()
      var figures: [String: [Double]] = [:]
      for part in parts {
        for conclusion in part.conclusions[cell.index] ?? [] {
          judged.append(conclusion, comparedWith: .nonMembers)
          others.append(conclusion, comparedWith: .otherMembers)
          for (name, value) in conclusion.figures { figures[name, default: []].append(value) }
        }
      }
      guard judged.hasBoth else {
        result.attacks.append(
          .init(label: label, outcome: .impossible("no round showed a client it asked about")))
        continue
      }
      var attack = MembershipResults.Attack(
        label: label,
        outcome: .measured(
          try ScoreEvaluation(try judged.scores(), options: options.evaluation)))
      if others.hasBoth {
        attack.againstOthers = try ScoreEvaluation(
          try others.scores(), options: options.evaluation
        ).areaUnderCurve
      }
      attack.sourceAccuracy = Estimate(figures["source accuracy"] ?? [])
      attack.accuracy =
        block.active.contains { $0.index == cell.index }
        ? Estimate(parts.flatMap { $0.activeAccuracies[cell.index] ?? [] }) : nil
      result.attacks.append(attack)
    }
    if let part = parts.first {
      result.blind = try BlindBaseline(
        targets: Array(0..<min(8, options.models)), in: part.table,
        significance: options.evaluation.significance, seed: options.evaluation.seed,
        workers: jobs)
    }
    return result
  }
}

extension Cell {
  /// All entries but the attack's.
  var blockKey: String {
    Axis.allCases.filter { $0 != .attack }.map { entry($0).identity.canonicalJSON }
      .joined(separator: "|")
  }

  /// The labels of the axes that vary, but the attack's.
  func blockTitle(in plan: MatrixPlan) -> String {
    let varying = Axis.allCases.filter { axis in
      axis != .attack && (axis == .defense || plan.experiment.entries(axis).count > 1)
    }
    return varying.map { entry($0).label }.joined(separator: " / ")
  }

  /// Whether the attack does more than read along.
  var interferes: Bool {
    entry(.attack).components.contains { one in
      one.component is any Corruption || one.component is any ServerTampering
        || one.component is any DataView || one.component is any UpdateTransform
    }
  }

  /// Whether nothing protects: the plain mean of single updates.
  var isBare: Bool {
    entry(.defense).components.allSatisfy { $0.name == "mean" }
      && entry(.transport).components.allSatisfy { $0.name == "plain" }
  }
}
