internal import Components
internal import CryptoCore
public import Federation

/// One combination of the matrix: a value on every axis, run once a seed.
public struct Cell: Sendable {
  /// Its place in the whole matrix of the experiment, from 0.
  public var index: Int
  /// Its entry on each axis.
  public var entries: [Axis: AxisEntry]
  /// Its training options.
  public var training: TrainingOptions
  /// Its threat model.
  public var threat: ThreatModel
  /// Why it cannot exist; nil when it can.
  public var refusal: Refusal?
  /// The stages of the defense that get groups' sums in place of updates, `Planner.stagesOnGroups`.
  public var stagesOnGroups: [String] = []
  /// True for a clean twin or positive control that came along by itself.
  public var isCompanion: Bool
  /// The cell with the same defense and nobody attacking; itself for a clean cell.
  public var twin: Int
  /// The cell with the same attack and no defense.
  public var control: Int

  /// The entry on `axis`.
  public func entry(_ axis: Axis) -> AxisEntry {
    guard let entry = entries[axis] else {
      preconditionFailure("a cell has an entry on every axis")
    }
    return entry
  }

  /// The name under which the result of this cell and `seed` is stored: the SHA-256 of everything
  /// that determines it, component revisions and the data's digest included.
  package func key(seed: UInt64, dataDigest: String) -> String {
    var fields = Axis.allCases.map { axis in
      ConfigurationNode.Entry(key: axis.rawValue, node: entry(axis).identity)
    }
    fields.append(.init(key: "digest", node: ConfigurationNode(.text(dataDigest))))
    fields.append(.init(key: "seed", node: ConfigurationNode(.text("\(seed)"))))
    fields.append(
      .init(key: "round-revision", node: ConfigurationNode(.integer(Scenario.revision))))
    return SHA256.hash(Array(ConfigurationNode(.map(fields)).canonicalJSON.utf8)).hexadecimal
  }
}

extension Cell {
  /// The mistake in the experiment that made a run end with `error`; nil when none did.
  func mistake(behind error: any Error) -> ConfigurationError? {
    switch error as? FederationError {
    case .trainingDiverged:
      return ConfigurationError("\(error)", at: entry(.training).position(of: "learning-rate"))
    case .privateTraining:
      return ConfigurationError("\(error)", at: entry(.training).position(of: "dp-sgd"))
    default: return nil
    }
  }
}

/// One run to do: a cell with a seed.
public struct Unit: Sendable, Hashable {
  /// The cell's index in the matrix.
  public var cell: Int
  /// The seed.
  public var seed: UInt64

  /// A cell of the matrix with a seed.
  public init(cell: Int, seed: UInt64) {
    self.cell = cell
    self.seed = seed
  }
}
