internal import Components
internal import CryptoCore
internal import Datasets
internal import Federation
internal import Learning
internal import MembershipInference
internal import Randomness
internal import Tensors

/// The federations of one combination and seed: which there are, what decides each, how one is
/// trained.
struct BlockWork: Sendable {
  /// A federation.
  struct Job: Sendable {
    /// Whose rows of the audit it has.
    var model: Int
    /// The attack that interferes; nil where attacks only read along.
    var cell: Cell?
  }

  /// All federations: without interference first.
  let jobs: [Job]
  /// The audited examples.
  let judged: LabeledExamples
  /// Which federation has which of them.
  let audit: MembershipAudit
  /// Whether the last model's answers are changed before anyone sees them.
  let hasReleases: Bool
  /// Classes of the model.
  let classes: Int

  private let workbench: Workbench
  private let seed: UInt64
  private let clean: Cell
  private let passive: [Cell]
  private let digest: String

  init(_ block: MembershipStudy.Block, seed: UInt64, study: MembershipStudy) throws {
    guard let clean = block.clean else { preconditionFailure("a block has a cell without attack") }
    let (plan, options) = (study.plan, study.options)
    workbench = plan.workbench
    self.seed = seed
    self.clean = clean
    passive = block.passive
    let base = try workbench.scenario(of: clean, seed: seed)
    audit = try MembershipAudit(
      base.shares, perClient: options.audited, models: options.models, seed: seed)
    judged = try base.data.train.subset(audit.examples)
    hasReleases = !base.pipeline.releases.isEmpty
    classes = base.network.classes
    digest = try workbench.data(clean.entry(.data), seed: seed).digest
    jobs =
      (0..<options.models).map { Job(model: $0, cell: nil) }
      + block.active.flatMap { cell in
        (0..<options.activeModels).map { Job(model: $0, cell: cell) }
      }
  }

  /// The attacks that are in a federation.
  func owners(of job: Job) -> [Cell] { job.cell.map { [$0] } ?? passive }

  /// What identifies a federation: everything that decides what it gives. How many others there are
  /// and what is asked of all of them later does not.
  func key(of job: Job) -> String {
    var hash = SHA256()
    hash.update(
      """
      federation of a membership study 1; kernels \(BLAS.coreName)
      cell \((job.cell ?? clean).key(seed: seed, dataDigest: digest))
      attacks \(owners(of: job).map { $0.entry(.attack).identity.canonicalJSON })
      model \(job.model); audited \(audit.examples)
      rows \(String(audit.membership.row(job.model).map { $0 ? "1" : "0" }))

      """)
    return hash.finalize().hexadecimal
  }

  /// Trains a federation and asks it.
  func run(_ job: Job) throws -> FederationResult {
    var scenario = try workbench.scenario(of: job.cell ?? clean, seed: seed)
    if job.cell == nil {
      scenario.pipeline.attack.observers = try passive.flatMap {
        try workbench.pipeline(of: $0).attack.observers
      }
    }
    audit.apply(to: &scenario, model: job.model, seed: seed)
    let record = try scenario.run()
    var uses: [String: Int] = [:]
    let conclusions = owners(of: job).map { owner -> [Conclusion] in
      owner.entry(.attack).components.compactMap { component in
        guard component.component is any MembershipAttacker else { return nil }
        uses[component.name, default: 0] += 1
        let use = uses[component.name] ?? 1
        return record.conclusions[use == 1 ? component.name : "\(component.name) \(use)"]
      }
    }
    return FederationResult(
      accuracy: record.finalAccuracy,
      outputs: job.cell == nil ? try outputs(of: record.model, scenario) : [],
      conclusions: conclusions)
  }

  /// What the last model answers about the audited examples: logits, or probabilities as released.
  private func outputs(of model: Vector, _ scenario: Scenario) throws -> [Double] {
    let logits = try scenario.network.predict(
      parameters: model, on: judged, workspace: Workspace(for: scenario.network)
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
