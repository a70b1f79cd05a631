internal import Components
public import Federation
internal import Foundation

/// The stored results of a run directory with everything derived from them: clean twins, controls,
/// verdicts and intervals.
public struct MatrixResults: Sendable {
  /// What the experiment is called.
  public var name: String
  /// The folder they were read from.
  public var folder: String
  /// One row a cell and seed, in the order of the matrix.
  public var rows: [Row]
  /// One summary a cell, in the order of the matrix.
  public var cells: [CellSummary]
  /// The program versions that made the results.
  public var versions: [String]
  /// The OpenBLAS kernels that ran; more than one means that bits may differ between cells.
  public var blasCores: [String]
  /// The test accuracies for which reports say when they were reached.
  public var targets: [Double]

  /// How they came to be.
  public var origin: RunOrigin

  /// One cell and seed.
  public struct Row: Sendable {
    /// The cell's place in the matrix.
    public var cell: Int
    /// The seed.
    public var seed: UInt64
    /// The cell's labels and relations.
    public var description: CellDescription
    /// Where it stands.
    public var status: Status
    /// The figures, once done.
    public var metrics: RunMetrics?
    /// Final accuracy of the clean twin with the same seed.
    public var cleanAccuracy: Double?
    /// What the attack cost: the clean twin's final accuracy minus this one's.
    public var accuracyLoss: Double?
    /// Wall-clock seconds of the run.
    public var seconds: Double?
    /// Why it failed or cannot exist.
    public var reason: String?
    /// The configuration hash: SHA-256 of everything that determines the result, data and revisions
    /// included; nil for rows made in code.
    public var key: String?
    /// The program version that made the result; nil where there is none.
    public var version: String?
    /// The OpenBLAS kernel that ran; nil likewise.
    public var blasCore: String?

    /// A row made in code.
    package init(
      cell: Int, seed: UInt64, description: CellDescription, status: Status,
      metrics: RunMetrics? = nil, cleanAccuracy: Double? = nil, accuracyLoss: Double? = nil,
      seconds: Double? = nil, reason: String? = nil, key: String? = nil, version: String? = nil,
      blasCore: String? = nil
    ) {
      self.cell = cell
      self.seed = seed
      self.description = description
      self.status = status
      self.metrics = metrics
      self.cleanAccuracy = cleanAccuracy
      self.accuracyLoss = accuracyLoss
      self.seconds = seconds
      self.reason = reason
      self.key = key
      self.version = version
      self.blasCore = blasCore
    }
  }

  /// Where a cell and seed stands.
  public enum Status: String, Sendable, Codable, CaseIterable {
    /// Finished.
    case done
    /// Ended with an error.
    case failed
    /// Not run yet.
    case pending
    /// Cannot exist.
    case notApplicable = "n/a"
  }

  /// What may be concluded about a cell.
  public enum Verdict: String, Sendable, Codable, CaseIterable {
    /// Nobody attacks.
    case clean
    /// The attack works undefended, so its figures here mean something.
    case valid
    /// The attack failed its positive control: its figures say nothing about any defense.
    case void
    /// Cell, twin or control is not finished.
    case pending
    /// A run failed.
    case failed
    /// The combination cannot exist.
    case notApplicable = "n/a"
  }

  /// A cell over its seeds.
  public struct CellSummary: Sendable {
    /// The cell's place in the matrix.
    public var cell: Int
    /// The cell's labels and relations.
    public var description: CellDescription
    /// What may be concluded.
    public var verdict: Verdict
    /// Final accuracy over the seeds.
    public var accuracy: Estimate?
    /// Accuracy lost to the attack, paired by seed with the clean twin.
    public var accuracyLoss: Estimate?
    /// What the attack's control showed; nil for clean cells, attacks that have none, and cells that
    /// are not finished themselves.
    public var control: ControlResult?
    /// What a defense is judged by where the attack counts: the loss, paired by seed with the clean
    /// twin, and the bound below which it is held. Accuracy, or where the control passed by the recall
    /// of one class, that.
    public var harm: Harm?
    /// What whoever reads along concluded, for attacks that are held to such a figure; nil for others
    /// and where no seed has it.
    public var observed: Observed?
    /// Why it failed or cannot exist.
    public var reason: String?

    /// A loss and its bound, both fractions of 1, unless they are of a figure with its own unit.
    public struct Harm: Sendable, Hashable {
      /// What was lost, or the figure that an observer concluded.
      public var loss: Estimate
      /// What the attack itself had to cost undefended.
      public var bound: Double
      /// The figure's name; nil for losses.
      public var figure: String?
    }

    /// The figure that an attack is held to, over the seeds.
    public struct Observed: Sendable, Hashable {
      /// Its name.
      public var figure: String
      /// What counts: of each run the worse for the defender of both attackers.
      public var worse: Estimate
      /// Of the attacker who does not know the defense; nil where nothing defends, or nobody knew it.
      public var plain: Estimate?
      /// Of the one who does; nil likewise.
      public var adaptive: Estimate?
      /// Whether there was one; nil where nothing defends.
      public var adaptivity: Conclusion.Adaptivity?

      /// Whether the defense was met by attackers alone who do not know it, which is no evidence of
      /// protection.
      public var isNonAdaptiveOnly: Bool { adaptivity?.wasRun == false }

      /// The figure of `description`'s control in `rows`; nil if it is none, or no row has it.
      init?(_ description: CellDescription, rows: [Row]) {
        guard case .figure(let name)? = description.controlMeasure else { return nil }
        func values(_ name: String) -> [Double] {
          rows.compactMap { $0.metrics?.conclusions[name] }
        }
        guard let worse = Estimate(values(name)) else { return nil }
        figure = name
        self.worse = worse
        plain = Estimate(values("plain: \(name)"))
        adaptive = Estimate(values("adaptive: \(name)"))
        adaptivity = rows.compactMap { $0.metrics?.adaptivity }
          .reduce(nil) { sum, next in sum?.merged(with: next) ?? next }
      }
    }

    /// The label on `axis`.
    public func label(_ axis: Axis) -> String { description.labels[axis.rawValue] ?? "" }
  }

  /// Reads the run directory `folder`.
  ///
  /// - Throws: `ConfigurationError` when it holds no results or newer ones.
  public init(folder: String) throws {
    let store = try ResultStore(existingIn: folder)
    let results = try store.results()
    let plan = try store.plan()
    name = try store.meta("name") ?? "experiment"
    targets = try store.targets
    origin = try store.origin
    self.folder = folder
    let used = plan.compactMap { results[$0.key] }
    versions = Set(used.map(\.version)).sorted()
    blasCores = Set(used.map(\.blasCore)).sorted()

    let finals = Dictionary(
      uniqueKeysWithValues: plan.compactMap { row in
        results[row.key]?.metrics.map { (Unit(cell: row.cell, seed: row.seed), $0.finalAccuracy) }
      })
    rows = plan.map { planned in
      let result = results[planned.key]
      let clean = finals[Unit(cell: planned.description.twin, seed: planned.seed)]
      let final = result?.metrics?.finalAccuracy
      return Row(
        cell: planned.cell, seed: planned.seed, description: planned.description,
        status: Self.status(planned, result), metrics: result?.metrics,
        cleanAccuracy: final == nil ? nil : clean,
        accuracyLoss: final.flatMap { final in clean.map { $0 - final } },
        seconds: result?.seconds,
        reason: planned.description.refusal ?? result?.error, key: planned.key,
        version: result?.version, blasCore: result?.blasCore)
    }
    cells = Self.summaries(rows)
  }

  /// The tensors that observers concluded in one unit, by name: read from the store when asked.
  ///
  /// - Throws: `ConfigurationError` or `DatabaseError` when the store cannot be read.
  public func tensors(of row: Row) throws -> [String: Conclusion.Tensor] {
    let store = try ResultStore(existingIn: folder)
    if let key = row.key { return try store.tensors(of: key) }
    guard
      let planned = try store.plan().first(where: { $0.cell == row.cell && $0.seed == row.seed })
    else { return [:] }
    return try store.tensors(of: planned.key)
  }

  /// Results made in code: verdicts and intervals follow from the rows.
  package init(
    name: String, folder: String, rows: [Row], versions: [String], blasCores: [String],
    targets: [Double] = [], origin: RunOrigin = RunOrigin()
  ) {
    self.name = name
    self.origin = origin
    self.targets = targets
    self.folder = folder
    self.rows = rows
    self.versions = versions
    self.blasCores = blasCores
    cells = Self.summaries(rows)
  }

  private static func status(
    _ planned: ResultStore.PlanRow, _ result: ResultStore.ResultRow?
  ) -> Status {
    if planned.description.refusal != nil { return .notApplicable }
    guard let result else { return .pending }
    return result.metrics == nil ? .failed : .done
  }

  private static func summaries(_ rows: [Row]) -> [CellSummary] {
    let byCell = Dictionary(grouping: rows, by: \.cell)
    return byCell.keys.sorted().compactMap { index in
      guard let own = byCell[index], let first = own.first else { return nil }
      let control = byCell[first.description.control] ?? []
      let undefended = (control.first?.description.twin).flatMap { byCell[$0] } ?? []
      let (verdict, shown) = judge(
        own, first.description, index: index,
        control: ControlResult(first.description, control: control, twins: undefended))
      let loss = Estimate(own.compactMap(\.accuracyLoss))
      var harm: CellSummary.Harm?
      if verdict == .valid, let reading = shown?.reading {
        if case .figure = reading.measure {
          harm = Estimate(reading.measure.values(of: own, twins: [])).map {
            CellSummary.Harm(loss: $0, bound: reading.minimum, figure: reading.measure.name)
          }
        } else if case .recallLoss = reading.measure {
          let twins = byCell[first.description.twin] ?? []
          harm = Estimate(reading.measure.values(of: own, twins: twins)).map {
            CellSummary.Harm(loss: $0, bound: reading.minimum)
          }
        } else {
          let accuracy = shown?.readings.first { $0.measure == .accuracyLoss }
          let bound = accuracy?.minimum ?? PositiveControl.accuracyLoss().minimum
          harm = loss.map { CellSummary.Harm(loss: $0, bound: bound) }
        }
      }
      return CellSummary(
        cell: index, description: first.description, verdict: verdict,
        accuracy: Estimate(own.compactMap { $0.metrics?.finalAccuracy }),
        accuracyLoss: loss, control: shown, harm: harm,
        observed: CellSummary.Observed(first.description, rows: own),
        reason: own.compactMap(\.reason).first)
    }
  }

  private static func judge(
    _ own: [Row], _ description: CellDescription, index: Int, control: ControlResult?
  ) -> (Verdict, ControlResult?) {
    if own.contains(where: { $0.status == .notApplicable }) { return (.notApplicable, nil) }
    if own.contains(where: { $0.status == .failed }) { return (.failed, nil) }
    if own.contains(where: { $0.status == .pending }) { return (.pending, nil) }
    if description.twin == index { return (.clean, nil) }
    guard own.allSatisfy({ $0.accuracyLoss != nil }) else { return (.pending, control) }
    guard let control else { return (.valid, nil) }
    // An attack that found nothing has failed, which is no protection.
    if case .figure(let name) = control.readings[0].measure,
      own.contains(where: { $0.metrics?.conclusions[name] == nil })
    {
      return (.void, control)
    }
    if control.readings.allSatisfy({ $0.seen == nil }) { return (.pending, control) }
    return (control.passes ? .valid : .void, control)
  }
}
