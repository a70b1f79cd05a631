internal import Components
internal import Datasets
internal import Federation
internal import Foundation
internal import Synchronization
internal import Tensors

/// Runs the units of a plan side by side and stores each as it ends.
public struct MatrixRunner: Sendable {
  /// What to run.
  public let plan: MatrixPlan
  /// How many units at once.
  public let jobs: Int
  /// The program's version, kept with each result.
  public let version: String
  /// The least time between two checkpoints of a unit under way.
  public let checkpointEvery: Duration
  private let folder: String
  private let store: ResultStore
  private let checkpoints: CheckpointFolder

  /// A runner that keeps its results in `folder`, with `origin` and this machine's processor.
  ///
  /// - Throws: `ConfigurationError` when the folder cannot be written or holds something else.
  public init(
    _ plan: MatrixPlan, folder: String, jobs: Int, version: String,
    checkpointEvery: Duration = .seconds(20), origin: RunOrigin = RunOrigin()
  ) throws {
    self.plan = plan
    self.jobs = jobs
    self.version = version
    self.checkpointEvery = checkpointEvery
    self.folder = folder
    checkpoints = CheckpointFolder(in: folder, version: version)
    store = try ResultStore(creatingIn: folder)
    try store.adopt(
      name: plan.experiment.name, identity: plan.experiment.identity.canonicalJSON)
    try store.set(targets: plan.experiment.targets)
    var origin = origin
    if let processor = RunOrigin.processor { origin.processors.append(processor) }
    try store.add(origin)
    try store.extend(plan: try plan.rows())
  }

  /// How many runs of this shard an earlier call has finished.
  public func finishedCount() throws -> Int {
    let finished = try store.finishedKeys()
    return try plan.shardUnits.count { finished.contains(try plan.key($0)) }
  }

  /// Runs what is not finished yet.
  ///
  /// The results are the same for any `jobs`, any sharding and any interruption. Once `stop` is
  /// asked, units under way are left with a checkpoint after the round they are in, and no other
  /// begins. Where it stands is in the run directory all the time, ``LiveRuns``.
  public func run(
    stop: StopRequest = StopRequest(), onEvent: @escaping @Sendable (MatrixEvent) -> Void
  ) throws -> MatrixOutcome {
    let finished = try store.finishedKeys()
    let units = plan.shardUnits
    let pending = try units.filter { !finished.contains(try plan.key($0)) }
    // A process may have been killed between storing a result and removing its checkpoint.
    checkpoints.remove(finished)
    defer { checkpoints.close() }
    let beacon = LiveBeacon(in: folder, pending: pending.count)
    defer { beacon.close() }
    let tell: @Sendable (MatrixEvent) -> Void = { event in
      beacon.note(event)
      onEvent(event)
    }
    tell(.started(pending: pending.count, total: units.count))
    let outcome = Mutex(MatrixOutcome(reused: units.count - pending.count))
    try WorkerPool.forEach(pending.count, workers: jobs) { index, _ in
      if stop.isAsked { return }
      let unit = pending[index]
      tell(.began(unit))
      do {
        let (result, tensors) = try run(unit, stop: stop, tell: tell)
        try store.save(result, tensors: tensors)
        checkpoints.remove([result.key])
        if let metrics = result.metrics {
          tell(.finished(unit, accuracy: metrics.finalAccuracy, seconds: result.seconds))
        } else {
          tell(.failed(unit, error: result.error ?? "unknown"))
        }
        outcome.withLock {
          $0.ran += 1
          if let error = result.error {
            $0.failures.append((plan.title(unit), error, result.isInputError))
          }
        }
      } catch let stopped as CheckpointedRun.Stopped {
        tell(.left(unit, round: stopped.rounds, of: stopped.total))
        outcome.withLock { $0.left += 1 }
      }
    }
    return outcome.withLock { outcome in
      var outcome = outcome
      outcome.isStopped = outcome.ran < pending.count
      outcome.failures.sort { $0.unit < $1.unit }
      return outcome
    }
  }

  private func run(
    _ unit: Unit, stop: StopRequest, tell: @escaping @Sendable (MatrixEvent) -> Void
  ) throws -> (row: ResultStore.ResultRow, tensors: [String: Conclusion.Tensor]) {
    guard let cell = plan.cell(unit.cell) else { preconditionFailure("a unit of another plan") }
    let run = CheckpointedRun(
      key: try plan.key(unit), checkpoints: checkpoints, interval: checkpointEvery,
      stop: stop,
      onRound: {
        tell(
          .measured(
            unit, round: $0.round + 1, of: cell.training.rounds, accuracy: $0.accuracy))
      },
      onResume: { tell(.resumed(unit, round: $0 + 1, of: cell.training.rounds)) },
      onNote: { tell(.noted(unit, $0)) })
    let clock = ContinuousClock()
    let start = clock.now
    var row = ResultStore.ResultRow(
      key: run.key, seconds: 0, version: version, blasCore: BLAS.coreName)
    var earlier = 0.0
    var tensors: [String: Conclusion.Tensor] = [:]
    do {
      let scenario = try plan.workbench.scenario(of: cell, seed: unit.seed)
      let result = try run(scenario)
      row.metrics = RunMetrics(result.record)
      tensors = result.record.tensors
      earlier = result.earlierSeconds
    } catch let stopped as CheckpointedRun.Stopped {
      throw stopped
    } catch {
      let mistake = cell.mistake(behind: error)
      row.error = mistake.map { "\($0)" } ?? "\(error)"
      row.isInputError = mistake != nil
    }
    row.seconds = earlier + (clock.now - start) / .seconds(1)
    return (row, tensors)
  }
}

extension MatrixPlan {
  /// What progress and errors call a unit: the labels that vary, and the seed.
  public func title(_ unit: Unit) -> String {
    cell(unit.cell).map { "\(title($0)) / seed \(unit.seed)" } ?? "cell \(unit.cell)"
  }

  /// The labels of a cell on the axes that vary.
  public func title(_ cell: Cell) -> String {
    let varying = Axis.allCases.filter { axis in
      axis == .attack || axis == .defense || experiment.entries(axis).count > 1
    }
    return varying.map { cell.entry($0).label }.joined(separator: " / ")
  }

  func rows() throws -> [ResultStore.PlanRow] {
    try cells.flatMap { cell in
      try seeds.map { seed in
        let attackers = cell.entry(.attack).components
          .compactMap { $0.component as? any RoundComponent }
        let control = attackers.compactMap(\.control).first
        let sight = Planner.serverSight(of: attackers).sorted().map(\.rawValue)
        return ResultStore.PlanRow(
          cell: cell.index, seed: seed, key: try key(Unit(cell: cell.index, seed: seed)),
          description: CellDescription(
            labels: Dictionary(
              uniqueKeysWithValues: Axis.allCases.map { ($0.rawValue, cell.entry($0).label) }),
            isCompanion: cell.isCompanion,
            refusal: cell.refusal.map { "\($0.component) \($0.reason)" },
            suggestion: cell.refusal?.suggestion, twin: cell.twin, control: cell.control,
            controlMinimum: control?.minimum,
            controlMeasure: control.flatMap { $0.measure == .accuracyLoss ? nil : $0.measure },
            controlSummary: control?.summary,
            controlAlternatives: control.flatMap {
              $0.alternatives.isEmpty ? nil : $0.alternatives
            },
            colluders: cell.threat.attackers,
            stagesOnGroups: cell.stagesOnGroups.isEmpty ? nil : cell.stagesOnGroups,
            dataDigest: try workbench.data(cell.entry(.data), seed: seed).digest,
            serverSight: cell.twin == cell.index ? nil : sight))
      }
    }
  }

  /// How long the runs of this shard will take, from two timed rounds of one cell of each kind of
  /// training; seconds of one core.
  public func estimatedSeconds() throws -> Double {
    var measured: [String: Double] = [:]
    var total = 0.0
    for unit in shardUnits {
      guard let cell = cell(unit.cell) else { continue }
      let axes: [Axis] = [.data, .partition, .population, .model, .training, .algorithm]
      let kind = axes.map { cell.entry($0).label }.joined(separator: "/")
      if measured[kind] == nil {
        var scenario = try workbench.scenario(of: cell, seed: unit.seed)
        let rounds = scenario.training.rounds
        scenario.training.rounds = min(2, rounds)
        let clock = ContinuousClock()
        let start = clock.now
        _ = try? scenario.run()
        measured[kind] =
          (clock.now - start) / .seconds(1) * Double(rounds) / Double(scenario.training.rounds)
      }
      total += measured[kind] ?? 0
    }
    return total
  }
}
