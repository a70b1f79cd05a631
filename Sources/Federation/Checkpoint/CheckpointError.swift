/// Why a run cannot go on from a checkpoint. It can always start afresh.
public enum CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The bytes are something else.
  case notACheckpoint
  /// Another version of this library wrote it.
  case otherVersion(Int)
  /// Bytes are missing, or are not what was written.
  case damaged(String)
  /// It is of a scenario that differs in data, clients, model, training, components or seed, or of one
  /// that an earlier version of the round ran.
  case otherScenario

  /// What is wrong, in one line.
  public var description: String {
    switch self {
    case .notACheckpoint: "this is no checkpoint"
    case .otherVersion(let version):
      "the checkpoint has version \(version) of the format; this program knows "
        + "\(Checkpoint.version)"
    case .damaged(let what): "the checkpoint is damaged: \(what)"
    case .otherScenario: "the checkpoint is of another scenario"
    }
  }

  /// An error while something was read, in one line.
  static func text(of error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    let context: DecodingError.Context
    switch error {
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
      .dataCorrupted(let found):
      context = found
    @unknown default: return "\(error)"
    }
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
  }
}
