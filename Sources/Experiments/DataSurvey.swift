internal import Components
public import Datasets

/// What an experiment's data are and how its partitions share them out.
public struct DataSurvey: Sendable {
  /// The data of one entry of the axis, with what every partition makes of them.
  public struct Entry: Sendable {
    /// What tables call it: name and parameters.
    public let label: String
    /// The examples.
    public let split: DataSplit
    /// Values of the training part.
    public let train: FeatureStatistics
    /// Values of the test part.
    public let test: FeatureStatistics
    /// One for each partition.
    public var divisions: [Division]
  }

  /// What clients get of the data.
  public struct Division: Sendable {
    /// What tables call the partition: name and parameters.
    public let partition: String
    /// Sizes, label counts, distances.
    public let statistics: PartitionStatistics
    /// Clients whose examples differ from everybody's, by noise, rotation or names of the classes.
    public let shiftedClients: Int
  }

  /// The seed that data and partitions are drawn with, the same as in a run.
  public let seed: UInt64
  /// The data, in the order of the axis.
  public let entries: [Entry]

  /// What `selection` leaves of the axes data and partition, drawn with `seed` or the first seed.
  ///
  /// - Parameter divides: Whether partitions are looked at.
  /// - Throws: `ConfigurationError` with every file that is damaged and every partition that cannot
  ///   be, where they were written.
  public init(
    _ experiment: Experiment, selection: Selection = Selection(), seed: UInt64? = nil,
    divides: Bool = true
  ) throws {
    try selection.validate(against: experiment)
    let seed = seed ?? experiment.seeds.first ?? 1
    let workbench = Workbench()
    let partitions = experiment.entries(.partition).filter {
      divides && selection.includes($0, on: .partition)
    }
    var issues = IssueCollector()
    var entries: [Entry] = []
    for data in experiment.entries(.data) where selection.includes(data, on: .data) {
      guard let split = try issues.attempt({ try workbench.data(data, seed: seed) }) else {
        continue
      }
      var entry = Entry(
        label: data.label, split: split, train: FeatureStatistics(split.train),
        test: FeatureStatistics(split.test), divisions: [])
      for partition in partitions {
        do {
          let shares = try workbench.shares(data: data, partition: partition, seed: seed)
          entry.divisions.append(
            Division(
              partition: partition.label,
              statistics: PartitionStatistics(shares, of: split.pool),
              shiftedClients: shares.shifts.count { !$0.changes.isEmpty }))
        } catch {
          issues.add("\(error)", at: partition.position(of: "clients"))
        }
      }
      entries.append(entry)
    }
    try issues.finish()
    self.seed = seed
    self.entries = entries
  }
}
