internal import Federation
internal import MembershipInference

/// Scores of several federations with their truth, each client of each federation a cluster.
struct Pool {
  private var values: [Double] = []
  private var truths: [Bool] = []
  private var clusters: [Int32] = []
  private var next: Int32 = 0

  /// What members are compared with.
  enum Kind { case nonMembers, otherMembers }

  var hasBoth: Bool { truths.contains(true) && truths.contains(false) }

  func scores() throws(MembershipError) -> JudgedScores {
    try JudgedScores(scores: values, isMember: truths, clusters: clusters)
  }

  mutating func append(_ judged: JudgedScores) {
    values += judged.scores
    truths += judged.isMember
    clusters += judged.clusters.map { $0 + next }
    next = (clusters.max() ?? -1) + 1
  }

  /// The scores that an attack's conclusion keeps: rows of score, standing (1 member, 0 non-member,
  /// 2 another client's member) and client.
  mutating func append(_ conclusion: Conclusion, comparedWith kind: Kind) {
    guard let table = conclusion.tensors["membership scores"], table.shape.count == 2 else {
      return
    }
    let other: Float = kind == .nonMembers ? 0 : 2
    var last: Int32 = -1
    for start in stride(from: 0, to: table.values.count, by: 3) {
      let standing = table.values[start + 1]
      guard standing == 1 || standing == other else { continue }
      values.append(Double(table.values[start]))
      truths.append(standing == 1)
      let client = Int32(table.values[start + 2])
      clusters.append(next + client)
      last = max(last, client)
    }
    next += last + 1
  }
}
