public import Components

/// A rule that gives each example a number, larger the more the target looks as if it was trained
/// on it.
///
/// A score sees a target's outputs and, if it needs them, other models' outputs and rows; it never
/// sees the target's own row. What thresholds achieve is measured apart, see ``ScoreEvaluation``.
public protocol MembershipScore: Component {
  /// The scores of each target: as many rows as `targets`, one number for each example of the
  /// table.
  ///
  /// - Parameters:
  ///   - targets: The models under attack; for each, all others are shadows.
  ///   - table: Outputs and rows of all models.
  ///   - workers: Threads; the result does not depend on their number.
  /// - Throws: `MembershipError` if the table has not what the score needs; it says what would
  ///   help.
  func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]]
}

extension MembershipScore {
  /// The scores of one target.
  public func scores(
    of target: Int, in table: ShadowTable, workers: Int = 1
  ) throws(MembershipError) -> [Double] {
    try scores(of: [target], in: table, workers: workers)[0]
  }
}

extension Role {
  /// A rule that scores examples for membership.
  public static let membershipScore = Role(rawValue: "membership score")
}

extension Capability {
  /// The target's loss, or the probability of the true class, on each example.
  public static let targetLoss = Capability(rawValue: "losses of the target")
  /// All class scores of the target.
  public static let targetLogits = Capability(rawValue: "class scores of the target")
  /// Only which class the target ranks first.
  public static let targetLabel = Capability(rawValue: "labels from the target")
  /// Models trained like the target, half of them on the example, half without it.
  public static let shadowModels = Capability(
    rawValue: "shadow models with and without the example")
  /// Models trained like the target without the example.
  public static let outModels = Capability(rawValue: "shadow models without the example")
  /// Examples known not to be in the target's training data.
  public static let populationExamples = Capability(rawValue: "known non-members")
}

extension MembershipError {
  /// Too few shadows of one kind for one example.
  static func tooFewShadows(
    _ score: String, example: Int, isIn: Bool, got: Int, needed: Int
  ) -> MembershipError {
    .tooFew(
      what: "\(score): shadows \(isIn ? "with" : "without") example \(example)", got: got,
      needed: needed,
      remedy: isIn
        ? "train more shadows with it, leave the example out, or take mode offline"
        : "train more shadows without it, or leave the example out")
  }
}
