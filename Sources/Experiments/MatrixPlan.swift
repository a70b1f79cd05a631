internal import Components
internal import Datasets
internal import Federation
internal import Learning

/// The matrix of an experiment, checked before anything runs: every cell, every refusal.
public struct MatrixPlan: Sendable {
  /// The experiment.
  public let experiment: Experiment
  /// The chosen cells in the order of the matrix, companions included.
  public let cells: [Cell]
  /// The seeds to run.
  public let seeds: [UInt64]
  /// The share of the work this process does: `index` of `count`, from 0.
  public let shard: (index: Int, count: Int)

  let workbench: Workbench

  /// Plans the part of `experiment` that `selection` chooses.
  ///
  /// Loads the data and divides it for every seed, so that what cannot work is known now.
  ///
  /// - Throws: `ConfigurationError` with every mistake: more clients than examples, attackers that
  ///   are no minority, an `f` the clients are too few for, parts that do not fit together.
  public init(_ experiment: Experiment, selection: Selection = Selection()) throws {
    try selection.validate(against: experiment)
    self.experiment = experiment
    seeds = selection.seeds ?? experiment.seeds
    shard = selection.shard
    let workbench = Workbench()
    self.workbench = workbench
    let all = try Self.product(experiment)
    try Self.check(all, seeds: seeds, workbench: workbench)
    let seed = seeds.first
    cells = try Self.choose(all, experiment: experiment, selection: selection).map { cell in
      var cell = cell
      let pipeline = try workbench.pipeline(of: cell)
      let claims = cell.entry(.partition).components.map(\.card.claims)
      let refusals =
        (Planner.visibilityRefusals(of: pipeline, threat: cell.threat)
          + Planner.overlapRefusals(
            of: pipeline, areDisjoint: claims.allSatisfy { $0.contains(.disjoint) })
          + Planner.groupRefusals(of: pipeline, threat: cell.threat)
          + Planner.privacyRefusals(of: pipeline))
      cell.refusal = try refusals.first ?? workbench.modelRefusal(of: cell, pipeline, seed)
      if cell.refusal == nil, pipeline.promisesPrivacy, let seed {
        let data = try workbench.data(cell.entry(.data), for: cell.entry(.model), seed: seed)
        cell.refusal = Planner.privacyRefusal(
          of: pipeline, training: cell.training,
          clients: try workbench.shares(
            data: cell.entry(.data), partition: cell.entry(.partition), seed: seed
          ).count,
          dimension: try workbench.network(of: cell, pipeline, data: data).parameterCount)
      }
      cell.stagesOnGroups = Planner.stagesOnGroups(of: pipeline)
      return cell
    }
  }

  /// Every run of the chosen cells that can exist, in order: seeds of a cell side by side.
  public var units: [Unit] {
    cells.filter { $0.refusal == nil }.flatMap { cell in
      seeds.map { Unit(cell: cell.index, seed: $0) }
    }
  }

  /// The runs of this shard: every `count`-th.
  public var shardUnits: [Unit] {
    units.enumerated().filter { $0.offset % shard.count == shard.index }.map(\.element)
  }

  /// The chosen cell at `index` of the matrix.
  public func cell(_ index: Int) -> Cell? { cells.first { $0.index == index } }

  /// What the user should know about the runs before they start, such as images that are resized.
  public func notes() throws -> [String] {
    guard let seed = seeds.first else { return [] }
    var notes: [String] = []
    for cell in cells where cell.refusal == nil {
      let note = try workbench.resizingNote(
        data: cell.entry(.data), model: cell.entry(.model), seed: seed)
      if let note, !notes.contains(note) { notes.append(note) }
      if let note = try auditNote(cell), !notes.contains(note) { notes.append(note) }
    }
    return notes
  }

  /// The name under which the result of `unit` is stored.
  package func key(_ unit: Unit) throws -> String {
    guard let cell = cell(unit.cell) else { preconditionFailure("a unit of another plan") }
    let data = try workbench.data(cell.entry(.data), seed: unit.seed)
    return cell.key(seed: unit.seed, dataDigest: data.digest)
  }

  // MARK: - The product of the axes

  static func product(_ experiment: Experiment) throws -> [Cell] {
    var axes = experiment.axes
    let unattacked = AxisEntry(chain: [try Catalogue.standard.unattacked()], position: nil)
    let undefended = AxisEntry(chain: [try Catalogue.standard.undefended()], position: nil)
    let attacks = with(unattacked, experiment.entries(.attack))
    let defenses = with(undefended, experiment.entries(.defense))
    axes[.attack] = attacks
    axes[.defense] = defenses
    let clean = attacks.firstIndex { $0.identity == unattacked.identity } ?? 0
    let bare = defenses.firstIndex { $0.identity == undefended.identity } ?? 0

    var choices: [[Axis: Int]] = [[:]]
    for axis in Axis.allCases {
      choices = choices.flatMap { choice in
        (axes[axis] ?? []).indices.map { index in choice.merging([axis: index]) { $1 } }
      }
    }
    let plainest = Self.plainest(axes)
    // How far apart neighbours on an axis are; defense is the last axis.
    var strides: [Axis: Int] = [:]
    var stride = 1
    for axis in Axis.allCases.reversed() {
      strides[axis] = stride
      stride *= axes[axis]?.count ?? 1
    }
    return choices.enumerated().map { index, choice in
      let attack = choice[.attack] ?? 0
      let defense = choice[.defense] ?? 0
      let block = index - attack * defenses.count - defense
      var place = block
      if attacks[attack].isControlledInPlainestSetting {
        for (axis, plain) in plainest {
          place += (plain - (choice[axis] ?? 0)) * (strides[axis] ?? 0)
        }
      }
      return Cell(
        index: index,
        entries: choice.reduce(into: [:]) { $0[$1.key] = axes[$1.key]?[$1.value] },
        training: experiment.trainings[choice[.training] ?? 0],
        threat: experiment.threats[choice[.threat] ?? 0], refusal: nil, isCompanion: false,
        twin: block + clean * defenses.count + defense,
        control: place + attack * defenses.count + bare)
    }
  }

  /// The entries in which nothing but a defense hides updates: the first algorithm, and the first
  /// transport that shows single updates, if there is one.
  private static func plainest(_ axes: [Axis: [AxisEntry]]) -> [Axis: Int] {
    var plainest: [Axis: Int] = [.algorithm: 0]
    let open = (axes[.transport] ?? []).firstIndex { entry in
      let transport = entry.components.first?.component as? any Transport
      return transport?.reveals.contains(.individualUpdates) ?? false
    }
    if let open { plainest[.transport] = open }
    return plainest
  }

  private static func with(_ entry: AxisEntry, _ entries: [AxisEntry]) -> [AxisEntry] {
    entries.contains { $0.identity == entry.identity } ? entries : [entry] + entries
  }

  /// Whether the experiment asks for a cell: under `vary: one-at-a-time` at most one of algorithm,
  /// transport and defense is not the first of its list.
  private static func isVaried(_ cell: Cell, in experiment: Experiment) -> Bool {
    guard experiment.variesOneAtATime else { return true }
    let axes: [Axis] = [.algorithm, .transport, .defense]
    return axes.count { axis in
      experiment.entries(axis).first?.identity != cell.entry(axis).identity
    } <= 1
  }

  /// The cells asked for, with their clean twins and positive controls.
  private static func choose(
    _ all: [Cell], experiment: Experiment, selection: Selection
  ) -> [Cell] {
    func isListed(_ cell: Cell, on axis: Axis) -> Bool {
      experiment.entries(axis).contains { $0.identity == cell.entry(axis).identity }
    }
    let asked = Set(
      all.filter { cell in
        isVaried(cell, in: experiment)
          && Axis.allCases.allSatisfy { axis in
            isListed(cell, on: axis) && selection.includes(cell.entry(axis), on: axis)
          }
      }.map(\.index))
    var chosen = asked
    for index in asked where selection.bringsCompanions {
      let cell = all[index]
      chosen.formUnion([cell.twin, cell.control, all[cell.control].twin])
    }
    return all.filter { chosen.contains($0.index) }.map { cell in
      var cell = cell
      cell.isCompanion = !asked.contains(cell.index)
      return cell
    }
  }
}
