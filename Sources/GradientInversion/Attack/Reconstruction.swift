/// What one restart of an attack ended with.
public struct InversionCandidate: Sendable, Hashable {
  /// The restart, from 0.
  public let restart: Int
  /// Model inputs, one row after the other.
  public let inputs: [Float]
  /// The rows' labels.
  public let labels: [Int32]
  /// The lowest objective with priors.
  public let objective: Double
  /// The distance of the gradients there.
  public let matching: Double
  /// The objective where the search started.
  public let startObjective: Double
  /// The distance there.
  public let startMatching: Double
  /// Steps taken.
  public let steps: Int
  /// Attempts that left the finite numbers before this one.
  public let brokenAttempts: Int
  /// Whether no attempt stayed finite.
  public let hasDiverged: Bool
}

/// What an attack found.
public struct Reconstruction: Sendable, Hashable {
  /// Whether there is anything to look at.
  public enum Outcome: Sendable, Hashable, CustomStringConvertible {
    /// A search lowered its objective.
    case found
    /// None did, and why. A failed attack says nothing of protection.
    case attackFailed(String)

    /// In words.
    public var description: String {
      switch self {
      case .found: "found"
      case .attackFailed(let reason): "attack failed: \(reason)"
      }
    }
  }

  /// Every restart, in order.
  public let candidates: [InversionCandidate]
  /// Whether there is anything to look at.
  public let outcome: Outcome
  /// The answer: inputs of each example; empty where the attack failed.
  public let inputs: [[Float]]
  /// The answer's labels.
  public let labels: [Int32]

  /// The restart with the lowest objective among those that stayed finite; the first of equals.
  public var best: InversionCandidate? {
    candidates.filter { !$0.hasDiverged }.min { $0.objective < $1.objective }
  }
}
