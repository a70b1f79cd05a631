public import Components
public import Federation

/// An experiment as written: a list of values on every axis, and the seeds.
public struct Experiment: Sendable {
  /// What it is called; also the default folder of its results.
  public var name: String
  /// The values on each axis, at least one each.
  public var axes: [Axis: [AxisEntry]]
  /// The training options of each entry on the training axis.
  public var trainings: [TrainingOptions]
  /// The threat model of each entry on the threat axis.
  public var threats: [ThreatModel]
  /// The seeds, distinct.
  public var seeds: [UInt64]
  /// The test accuracies, fractions of 1, for which reports say when they were reached. They are no
  /// part of what is run: the same results answer for others.
  public var targets: [Double] = []

  /// Whether of algorithm, transport and defense at most one differs from the first of its list: what
  /// each of them does by itself, in place of every combination.
  public var variesOneAtATime = false

  /// The entries of `axis`.
  public func entries(_ axis: Axis) -> [AxisEntry] { axes[axis] ?? [] }

  /// What identifies the experiment apart from its seeds: every axis with every parameter.
  public var identity: ConfigurationNode {
    ConfigurationNode(
      .map(
        [.init(key: "name", node: ConfigurationNode(.text(name)))]
          + Axis.allCases.map { axis in
            .init(
              key: axis.rawValue, node: ConfigurationNode(.list(entries(axis).map(\.identity))))
          }))
  }
}

/// Which part of an experiment to run.
public struct Selection: Sendable {
  /// For each axis that is restricted, the words that name entries; any of them will do.
  public var only: [Axis: [String]] = [:]
  /// Seeds in place of the experiment's; nil keeps those.
  public var seeds: [UInt64]?
  /// The share of the work to do: `index` of `count`, from 0.
  public var shard = (index: 0, count: 1)
  /// Whether clean twins and positive controls come along.
  var bringsCompanions = true

  /// Everything.
  public init() {}

  /// Checks that every word names an entry of its axis.
  ///
  /// - Throws: `ConfigurationError` naming each unknown word and what is known.
  public func validate(against experiment: Experiment) throws(ConfigurationError) {
    var issues = IssueCollector()
    for axis in Axis.allCases {
      let entries = experiment.entries(axis)
      for word in only[axis] ?? [] where !entries.contains(where: { $0.isNamed(word) }) {
        issues.add(
          "--only \(axis)=\(word): "
            + NearestName.message(
              unknown: axis.rawValue, word,
              known: Set(entries.flatMap { [$0.label, $0.name] }).sorted()),
          at: nil)
      }
    }
    try issues.finish()
  }

  func includes(_ entry: AxisEntry, on axis: Axis) -> Bool {
    guard let words = only[axis] else { return true }
    return words.contains { entry.isNamed($0) }
  }
}
