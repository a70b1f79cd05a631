/// What happens while a matrix runs, for whoever shows progress.
public enum MatrixEvent: Sendable {
  /// The work is about to start: units to do now, of all units of this shard.
  case started(pending: Int, total: Int)
  /// A unit starts.
  case began(Unit)
  /// A unit goes on from its last checkpoint; the next round of how many, from 1.
  case resumed(Unit, round: Int, of: Int)
  /// A round of a unit is over, the first being 1; its test accuracy where it was measured.
  case measured(Unit, round: Int, of: Int, accuracy: Double?)
  /// Something about a unit is worth knowing: a checkpoint that cannot be used or written.
  case noted(Unit, String)
  /// A unit is stored.
  case finished(Unit, accuracy: Double, seconds: Double)
  /// A unit failed; the others go on.
  case failed(Unit, error: String)
  /// A unit was asked to stop after this round, and its checkpoint is kept.
  case left(Unit, round: Int, of: Int)
}

/// How a run of a matrix ended.
public struct MatrixOutcome: Sendable {
  /// Units run to their end now.
  public var ran = 0
  /// Units that an earlier run had finished.
  public var reused = 0
  /// Units that were under way when the run was asked to stop: they go on from where they are.
  public var left = 0
  /// Whether the run was asked to stop before its end.
  public var isStopped = false
  /// What failed now, with the reason.
  public var failures: [(unit: String, error: String, isInputError: Bool)] = []
}
