internal import CommandLineTools
public import Experiments

/// A matrix while it runs: what is finished, what is under way, and how fast it goes.
///
/// Made from a run directory, and kept up to date by events (the process that runs the matrix) or
/// made again (whoever watches it). What it shows is a pure function of that and the time.
public struct LiveBoard: Sendable {
  /// The experiment's name.
  let name: String
  /// The geometry of the matrix.
  let blocks: [MatrixBlock]
  /// What is to be run: units that can exist, or this process's share of them.
  let units: Set<Unit>
  /// How a cell is called: its labels on the axes that vary.
  let titles: [Int: String]
  /// Units of a cell that are to be run.
  private let unitsOfCell: [Int: [Unit]]
  /// Final accuracies of the units that are done.
  private(set) var finals: [Unit: Double]
  /// Units that failed.
  private(set) var failed: Set<Unit>
  /// Units that were finished before the board was made.
  let alreadyDone: Int
  /// Who is at work.
  private(set) var processes: [LiveRuns]

  /// A board of the matrix in `results`.
  ///
  /// - Parameters:
  ///   - processes: Who is at work; an event is one of the first.
  ///   - units: What is to be run; nil for all that can exist.
  public init(_ results: MatrixResults, processes: [LiveRuns], units: [Unit]? = nil) {
    name = results.name
    blocks = MatrixBlock.blocks(of: results).blocks
    let possible = results.rows.filter { $0.status != .notApplicable }
    let wanted = units ?? possible.map { Unit(cell: $0.cell, seed: $0.seed) }
    self.units = Set(wanted)
    unitsOfCell = Dictionary(grouping: wanted, by: \.cell)
    self.processes = processes
    (finals, failed) = ([:], [])
    for row in possible {
      let unit = Unit(cell: row.cell, seed: row.seed)
      if row.status == .done, let metrics = row.metrics { finals[unit] = metrics.finalAccuracy }
      if row.status == .failed { failed.insert(unit) }
    }
    alreadyDone = self.units.count { [finals, failed] in
      finals[$0] != nil || failed.contains($0)
    }
    let varying = Axis.allCases.filter { axis in
      axis == .attack || axis == .defense || Set(results.cells.map { $0.label(axis) }).count > 1
    }
    titles = Dictionary(
      uniqueKeysWithValues: results.cells.map { cell in
        (cell.cell, varying.map { cell.label($0) }.joined(separator: " / "))
      })
  }

  /// Takes note of what the first of the processes tells.
  ///
  /// - Returns: The cell that is complete now, if one is.
  @discardableResult
  public mutating func note(_ event: MatrixEvent) -> Int? {
    if !processes.isEmpty { processes[0].note(event) }
    switch event {
    case .finished(let unit, let accuracy, _):
      finals[unit] = accuracy
      return isComplete(unit.cell) ? unit.cell : nil
    case .failed(let unit, _):
      failed.insert(unit)
      return isComplete(unit.cell) ? unit.cell : nil
    default: return nil
    }
  }

  // MARK: - What follows

  /// Units that are finished, or failed.
  public var done: Int { units.count { finals[$0] != nil || failed.contains($0) } }

  /// The cells that are to be run.
  var cellCount: Int { unitsOfCell.count }

  /// The cells whose units have all ended.
  var completeCells: Int { unitsOfCell.keys.count { isComplete($0) } }

  /// Everything under way.
  var runs: [LiveRun] { processes.flatMap(\.runs) }

  /// The title of a unit under way.
  func title(_ run: LiveRun) -> String { "\(titles[run.cell] ?? "?") / seed \(run.seed)" }

  /// Whether every unit of a cell has ended.
  func isComplete(_ cell: Int) -> Bool {
    (unitsOfCell[cell] ?? []).allSatisfy { finals[$0] != nil || failed.contains($0) }
  }

  /// How many units of a cell are finished, of how many, and their final accuracies.
  func course(of cell: Int) -> (finals: [Double], failed: Int, count: Int) {
    let own = unitsOfCell[cell] ?? []
    return (own.compactMap { finals[$0] }, own.count { failed.contains($0) }, own.count)
  }

  /// How far and how fast: `34/120 runs  28%  1.2/s  1 min 12 s left`. What is half done counts half
  /// for the rate, so that the first of many long runs tells the time already.
  ///
  /// - Parameter now: Seconds since 1970.
  func pace(at now: Double) -> String {
    var (made, underWay, rate) = (0.0, 0.0, 0.0)
    for process in processes {
      var own = Double(process.ran)
      for run in process.runs where run.rounds > 0 {
        underWay += Double(run.round) / Double(run.rounds)
        own += Double(run.round - run.resumedAt) / Double(run.rounds)
      }
      made += own
      rate += own / max(now - process.started, 1e-3)
    }
    return ProgressMeter.text(
      done: done, of: units.count, unit: "runs", underWay: underWay, made: made,
      seconds: rate > 0 ? made / rate : 0)
  }
}
