internal import Components
internal import Datasets
internal import Federation
internal import Learning
internal import MembershipInference
internal import Randomness
internal import Synchronization
internal import Tensors

/// The federations of one combination and seed, trained, and what they gave.
struct BlockRun: Sendable {
  /// What the last models said, as released, and which examples they had.
  let table: ShadowTable
  /// Test accuracy of each federation without interference.
  let accuracies: [Double]
  /// What each attack concluded in each federation it was in, by its cell.
  let conclusions: [Int: [Conclusion]]
  /// Test accuracy under each attack that interferes, by its cell.
  let activeAccuracies: [Int: [Double]]

  private struct Job: Sendable {
    var model: Int
    /// Nil for the federations that attacks only read along with.
    var cell: Cell?
  }

  private struct Result: Sendable {
    var accuracy: Double
    var outputs: [Double]
    var conclusions: [(cell: Int, conclusion: Conclusion)]
  }

  init(
    _ block: MembershipStudy.Block, seed: UInt64, study: MembershipStudy, jobs: Int,
    onRun: @escaping @Sendable () -> Void
  ) throws {
    guard let clean = block.clean else { preconditionFailure("a block has a cell without attack") }
    let (plan, options) = (study.plan, study.options)
    let base = try plan.workbench.scenario(of: clean, seed: seed)
    let audit = try MembershipAudit(
      base.shares, perClient: options.audited, models: options.models, seed: seed)
    let work =
      (0..<options.models).map { Job(model: $0, cell: nil) }
      + block.active.flatMap { cell in
        (0..<options.activeModels).map { Job(model: $0, cell: cell) }
      }
    let judged = try base.data.train.subset(audit.examples)
    let hasReleases = !base.pipeline.releases.isEmpty
    let passive = block.passive
    let results = try WorkerPool.map(work.count, workers: jobs) { index, _ -> Result in
      defer { onRun() }
      let job = work[index]
      var scenario = try plan.workbench.scenario(of: job.cell ?? clean, seed: seed)
      if job.cell == nil {
        scenario.pipeline.attack.observers = try passive.flatMap {
          try plan.workbench.pipeline(of: $0).attack.observers
        }
      }
      audit.apply(to: &scenario, model: job.model, seed: seed)
      let record = try scenario.run()
      var conclusions: [(Int, Conclusion)] = []
      var uses: [String: Int] = [:]
      let owners = job.cell.map { [$0] } ?? passive
      for owner in owners {
        for component in owner.entry(.attack).components
        where component.component is any MembershipAttacker {
          uses[component.name, default: 0] += 1
          let use = uses[component.name] ?? 1
          let name = use == 1 ? component.name : "\(component.name) \(use)"
          if let found = record.conclusions[name] { conclusions.append((owner.index, found)) }
        }
      }
      return Result(
        accuracy: record.finalAccuracy,
        outputs: job.cell == nil
          ? try Self.outputs(
            of: record.model, scenario, on: judged, hasReleases: hasReleases) : [],
        conclusions: conclusions)
    }
    let quiet = results.prefix(options.models)
    let classes = base.network.classes
    let values = quiet.flatMap(\.outputs)
    let outputs =
      hasReleases
      ? try ModelOutputs(
        probabilities: values, models: options.models, examples: judged.count, classes: classes,
        labels: judged.labels)
      : try ModelOutputs(
        logits: values, models: options.models, examples: judged.count, classes: classes,
        labels: judged.labels)
    table = try ShadowTable(outputs, audit.membership, data: judged)
    accuracies = quiet.map(\.accuracy)
    var conclusions: [Int: [Conclusion]] = [:]
    var activeAccuracies: [Int: [Double]] = [:]
    for (job, result) in zip(work, results) {
      for (cell, conclusion) in result.conclusions {
        conclusions[cell, default: []].append(conclusion)
      }
      if let cell = job.cell { activeAccuracies[cell.index, default: []].append(result.accuracy) }
    }
    self.conclusions = conclusions
    self.activeAccuracies = activeAccuracies
  }

  /// What the last model answers about the audited examples: logits, or probabilities as released.
  private static func outputs(
    of model: Vector, _ scenario: Scenario, on examples: LabeledExamples, hasReleases: Bool
  ) throws -> [Double] {
    let logits = try scenario.network.predict(
      parameters: model, on: examples, workspace: Workspace(for: scenario.network)
    ).logits.map(Double.init)
    guard hasReleases else { return logits }
    let trained = try scenario.data.train.subset(scenario.shares.indices.flatMap { $0 })
    let holder = ModelHolder(
      network: scenario.network, parameters: model, members: trained,
      references: scenario.data.test)
    var answers = ModelHolder.softmax(logits, classes: scenario.network.classes)
    for (index, release) in scenario.pipeline.releases.enumerated() {
      var generator = Generator(seed: scenario.seed).fork("release", UInt64(index))
      answers = try release.release(answers, by: holder, using: &generator)
    }
    return answers
  }
}
