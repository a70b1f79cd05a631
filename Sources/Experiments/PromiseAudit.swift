internal import Components
internal import Federation

/// An audit of what an experiment's defenses promise: those that can carry canary clients run with them
/// and without an attack, on every other axis as the experiment says; of those that each client runs by
/// itself single releases are told apart.
///
/// The numbers of canaries, guesses and releases are fixed before anything runs. The guesses of a
/// cell's seeds count as those of one audit; see ``Finding`` and ``LocalFinding``.
public struct PromiseAudit: Sendable {
  /// What runs: nothing but the cells that are audited with canaries; nil if there are none.
  public let plan: MatrixPlan?
  /// Cells whose defense each client runs by itself and that cannot exist, with the reason.
  public let refusals: [String]
  /// What each client promises by itself.
  let localClaims: [LocalClaim]
  /// Releases of either update that audit such a claim.
  let trials: Int
  /// Where their noise comes from: the first seed.
  let seed: UInt64
  /// Defenses that promise something and are not audited.
  public let unaudited: [String]
  /// How often any claim of the plan that is kept may be called refuted.
  public let significance: Double

  /// The audit of `experiment`.
  ///
  /// - Parameters:
  ///   - canaries: Canary clients of each run; nil for as many as each defense says.
  ///   - guesses: Guesses of either kind about them; nil for as many as each defense says, or a
  ///     quarter of `canaries`.
  ///   - trials: Releases of either of two neighbouring updates for each claim of a client's own; a
  ///     quarter of them choose the threshold that the rest test.
  ///   - selection: Which entries and seeds; companions and attacks are left out in any case.
  ///   - significance: How often any claim that is kept may be called refuted.
  /// - Throws: `ConfigurationError` where no chosen defense can be audited, and for numbers out of
  ///   range.
  public init(
    _ experiment: Experiment, canaries: Int? = nil, guesses: Int? = nil, trials: Int = 8000,
    selection: Selection = Selection(), significance: Double = 0.05
  ) throws {
    try selection.validate(against: experiment)
    guard trials >= 8 else {
      throw ConfigurationError("trials: must be at least 8, got \(trials)", at: nil)
    }
    var (audited, local, unaudited): ([AxisEntry], [AxisEntry], [String]) = ([], [], [])
    for entry in experiment.entries(.defense) where selection.includes(entry, on: .defense) {
      if entry.components.contains(where: { $0.component is any CentralPrivacy }) {
        let entry = try entry.audited(canaries: canaries, guesses: guesses)
        if !audited.contains(where: { $0.identity == entry.identity }) { audited.append(entry) }
      } else if entry.components.contains(where: { $0.component is any LocalPrivacy }) {
        if !local.contains(where: { $0.identity == entry.identity }) { local.append(entry) }
      }
    }
    for entry in experiment.entries(.transport)
    where entry.components.contains(where: { $0.component is any DistributedPrivacy }) {
      unaudited.append(entry.label)
    }
    guard let first = audited.first ?? local.first else {
      let others =
        unaudited.isEmpty ? "" : "; \(unaudited.joined(separator: ", ")) promises, and is not"
      throw ConfigurationError(
        "no defense here can be audited\(others): add one such as "
          + "'defense: [[dp-fedavg: {target-epsilon: 3}, mean]]'",
        at: experiment.entries(.defense).first?.position)
    }
    func plan(_ defenses: [AxisEntry]) throws -> MatrixPlan? {
      guard !defenses.isEmpty else { return nil }
      var experiment = experiment
      experiment.axes[.defense] = defenses
      experiment.axes[.attack] = [
        AxisEntry(chain: [try Catalogue.standard.unattacked()], position: nil)
      ]
      var selection = selection
      selection.only[.defense] = nil
      selection.only[.attack] = nil
      selection.bringsCompanions = false
      return try MatrixPlan(experiment, selection: selection)
    }
    let (central, own) = (try plan(audited), try plan(local))
    self.plan = central
    localClaims = try own.map { try Self.localClaims(of: $0) } ?? []
    refusals =
      own?.cells.compactMap { cell in
        cell.refusal.map { "\(own?.title(cell) ?? "") cannot exist: \($0)" }
      } ?? []
    self.trials = trials
    seed = (selection.seeds ?? experiment.seeds).first ?? 1
    self.unaudited = unaudited
    self.significance = significance
    let refusal = (central?.cells.first ?? own?.cells.first)?.refusal
    if let refusal, central?.units.isEmpty != false, localClaims.isEmpty {
      throw ConfigurationError("\(refusal)", at: first.position)
    }
  }

  /// Cells with canaries and claims of clients' own, among which the significance is divided.
  var claims: Int { cells.count + localClaims.count }

  private var cells: [Cell] { plan?.cells.filter { $0.refusal == nil } ?? [] }

  /// What the audited cells' finished runs in `results` show, in the order of the plan.
  ///
  /// The significance is divided among all claims, so that all that are kept stand together in all
  /// but a share `significance` of audits.
  public func findings(in results: MatrixResults) throws -> [Finding] {
    guard let plan else { return [] }
    return try cells.compactMap { cell in
      try Finding(
        title: Self.title(cell, of: plan),
        of: results.rows.filter { $0.cell == cell.index && plan.seeds.contains($0.seed) }
          .compactMap { $0.metrics?.privacy },
        significance: significance / Double(claims))
    }
  }

  static func title(_ cell: Cell, of plan: MatrixPlan) -> String {
    Axis.allCases.filter { $0 == .defense || plan.experiment.entries($0).count > 1 }
      .map { cell.entry($0).label }.joined(separator: " / ")
  }
}

extension AxisEntry {
  /// The entry with so many canaries and guesses; an audit that was switched off has the default's.
  fileprivate func audited(canaries: Int?, guesses: Int?) throws -> AxisEntry {
    let chain = try components.map { part in
      guard let privacy = part.component as? any CentralPrivacy else { return part }
      var changes: [ConfigurationNode.Entry] = []
      func set(_ key: String, _ value: Int) {
        changes.append(.init(key: key, node: ConfigurationNode(.integer(value), at: part.position)))
      }
      let isOff = privacy.terms.canaries == 0 || privacy.terms.guesses == 0
      if let canaries = canaries ?? (isOff ? 400 : nil) {
        set("canaries", canaries)
        set("guesses", guesses ?? canaries / 4)
      } else if let guesses {
        set("guesses", guesses)
      }
      guard !changes.isEmpty else { return part }
      let patch = ConfigurationNode(.map(changes))
      return try ConfiguredComponent(
        type(of: part.component), patch: part.patch.overlaid(with: patch), role: part.role,
        position: part.position)
    }
    return AxisEntry(chain: chain, position: position)
  }
}
