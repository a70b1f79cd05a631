/// The distance of each example to the target's decision boundary: members lie farther from it.
///
///     score = smallest perturbation of x that changes the answer;  0 where the answer is wrong
///
/// Distances come from an attack on the inputs, such as HopSkipJump, that sees labels only; this
/// type turns them into scores.
///
/// Source: Choquette-Choo et al. (arXiv 2007.14321), section 3.3; Li, Zhang, "Membership leakage in
/// label-only exposures" (arXiv 2007.15528). Published code keeps the distance of wrong answers,
/// too, and so ranks sure mistakes as members.
public enum BoundaryDistance {
  /// One score an example.
  ///
  /// - Parameters:
  ///   - distances: How far each example is from the boundary, at least 0.
  ///   - isCorrect: Whether the target is right about it.
  /// - Throws: `MembershipError` for lengths that differ, or a distance that is negative or NaN.
  public static func scores(
    distances: [Double], isCorrect: [Bool]
  ) throws(MembershipError) -> [Double] {
    guard distances.count == isCorrect.count else {
      throw .shape(
        what: "distances", got: "\(distances.count)", expected: "\(isCorrect.count), one an example"
      )
    }
    if let bad = distances.firstIndex(where: { !($0 >= 0) }) {
      throw .value(
        what: "distances", place: "example \(bad)", got: "\(distances[bad])",
        remedy: "give norms of perturbations")
    }
    return zip(distances, isCorrect).map { $1 ? $0 : 0 }
  }
}
