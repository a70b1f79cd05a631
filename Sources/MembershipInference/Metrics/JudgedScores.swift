/// Scores whose truth is known: of each target and audited example.
public struct JudgedScores: Sendable {
  /// The scores.
  public let scores: [Double]
  /// Whether the target was trained on the example.
  public let isMember: [Bool]
  /// What each score depends on with others: the number of its target.
  public let clusters: [Int32]
  /// How many members there are.
  public let members: Int
  /// How many non-members there are.
  public var others: Int { scores.count - members }

  /// Scores of any origin.
  ///
  /// - Parameter clusters: One number a score, from 0; nil for independent scores of one target.
  /// - Throws: `MembershipError` for lengths that differ, a score that is NaN, or if one of the two
  ///   kinds is missing.
  public init(
    scores: [Double], isMember: [Bool], clusters: [Int32]? = nil
  ) throws(MembershipError) {
    guard scores.count == isMember.count, clusters.map({ $0.count == scores.count }) ?? true else {
      throw .shape(
        what: "judged scores", got: "\(scores.count) scores",
        expected: "as many truths, \(isMember.count), and clusters")
    }
    if let bad = scores.firstIndex(where: \.isNaN) {
      throw .value(
        what: "judged scores", place: "score \(bad)", got: "nan",
        remedy: "leave out what could not be scored")
    }
    if let bad = clusters?.first(where: { $0 < 0 }) {
      throw .noSuch(what: "cluster", index: Int(bad), count: scores.count)
    }
    members = isMember.reduce(0) { $0 + ($1 ? 1 : 0) }
    for (what, count) in [("members", members), ("non-members", scores.count - members)]
    where count == 0 {
      throw .tooFew(
        what: "\(what) to judge by", got: 0, needed: 1,
        remedy: "rates of errors need both kinds; add examples that are \(what)")
    }
    self.scores = scores
    self.isMember = isMember
    self.clusters = clusters ?? [Int32](repeating: 0, count: scores.count)
  }

  /// The scores of `targets` on the audited examples of `table`.
  ///
  /// - Throws: `MembershipError` if a target has no members or no non-members among them.
  public init(
    _ scores: [[Double]], of targets: [Int], in table: ShadowTable
  ) throws(MembershipError) {
    let audited = table.audited
    var (all, truths, clusters): ([Double], [Bool], [Int32]) = ([], [], [])
    for (slot, target) in targets.enumerated() {
      let row = table.membership.row(target)
      let kinds = audited.map { row[row.startIndex + $0] }
      let members = kinds.count(where: \.self)
      for (what, count) in [("members", members), ("non-members", kinds.count - members)]
      where count == 0 {
        throw .tooFew(
          what: "target \(target): \(what) among the audited examples", got: 0, needed: 1,
          remedy: "rates of errors need both kinds; add examples or take another target")
      }
      all += audited.map { scores[slot][$0] }
      truths += kinds
      clusters += [Int32](repeating: Int32(slot), count: audited.count)
    }
    try self.init(scores: all, isMember: truths, clusters: clusters)
  }
}
