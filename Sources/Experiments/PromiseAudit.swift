internal import Components
internal import Federation

/// An audit of what an experiment's defenses promise: those that can carry canary clients run with them
/// and without an attack, on every other axis as the experiment says.
///
/// The numbers of canaries and guesses are fixed before anything runs. The guesses of a cell's seeds
/// count as those of one audit; see ``Finding``.
public struct PromiseAudit: Sendable {
  /// What runs: nothing but the cells that are audited.
  public let plan: MatrixPlan
  /// Defenses that promise something and carry no canary clients: not audited.
  public let unaudited: [String]
  /// How often any claim of the plan that is kept may be called refuted.
  public let significance: Double

  /// The audit of `experiment`.
  ///
  /// - Parameters:
  ///   - canaries: Canary clients of each run; nil for as many as each defense says.
  ///   - guesses: Guesses of either kind about them; nil for as many as each defense says, or a
  ///     quarter of `canaries`.
  ///   - selection: Which entries and seeds; companions and attacks are left out in any case.
  ///   - significance: How often any claim that is kept may be called refuted.
  /// - Throws: `ConfigurationError` where no chosen defense can carry canaries, and for numbers out of
  ///   range.
  public init(
    _ experiment: Experiment, canaries: Int? = nil, guesses: Int? = nil,
    selection: Selection = Selection(), significance: Double = 0.05
  ) throws {
    try selection.validate(against: experiment)
    var (audited, unaudited): ([AxisEntry], [String]) = ([], [])
    for entry in experiment.entries(.defense) where selection.includes(entry, on: .defense) {
      if entry.components.contains(where: { $0.component is any CentralPrivacy }) {
        let entry = try entry.audited(canaries: canaries, guesses: guesses)
        if !audited.contains(where: { $0.identity == entry.identity }) { audited.append(entry) }
      } else if entry.components.contains(where: { $0.component is any LocalPrivacy }) {
        unaudited.append(entry.label)
      }
    }
    for entry in experiment.entries(.transport)
    where entry.components.contains(where: { $0.component is any DistributedPrivacy }) {
      unaudited.append(entry.label)
    }
    guard !audited.isEmpty else {
      let others = unaudited.isEmpty ? "" : "; \(unaudited.joined(separator: ", ")) carries none"
      throw ConfigurationError(
        "no defense here carries canary clients to be audited with\(others): add one such as "
          + "'defense: [[dp-fedavg: {target-epsilon: 3}, mean]]'",
        at: experiment.entries(.defense).first?.position)
    }
    var experiment = experiment
    experiment.axes[.defense] = audited
    experiment.axes[.attack] = [
      AxisEntry(chain: [try Catalogue.standard.unattacked()], position: nil)
    ]
    var selection = selection
    selection.only[.defense] = nil
    selection.only[.attack] = nil
    selection.bringsCompanions = false
    plan = try MatrixPlan(experiment, selection: selection)
    self.unaudited = unaudited
    self.significance = significance
    if let refusal = plan.cells.first?.refusal, plan.units.isEmpty {
      throw ConfigurationError("\(refusal)", at: audited.first?.position)
    }
  }

  /// What the audited cells' finished runs in `results` show, in the order of the plan.
  ///
  /// The significance is divided among the cells, so that all claims that are kept stand together in
  /// all but a share `significance` of audits.
  public func findings(in results: MatrixResults) throws -> [Finding] {
    let cells = plan.cells.filter { $0.refusal == nil }
    return try cells.compactMap { cell in
      try Finding(
        title: title(cell),
        of: results.rows.filter { $0.cell == cell.index && plan.seeds.contains($0.seed) }
          .compactMap { $0.metrics?.privacy },
        significance: significance / Double(cells.count))
    }
  }

  private func title(_ cell: Cell) -> String {
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
