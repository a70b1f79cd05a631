public import Components

/// The entropy that knows the label, against a threshold for each class that a shadow model
/// teaches.
///
///     score = threshold_y - mentr
///     mentr = -(1 - p_y) log p_y - sum_{c != y} p_c log(1 - p_c)
///
/// threshold_y is where calling members of class y below it is right most often on the shadow,
/// which knows its own members; classes that the shadow cannot teach take the threshold of all
/// classes. Without a shadow (`shadows: 0`) the thresholds are 0.
///
/// Source: Song, Mittal (arXiv 2003.10595), section 4.2; their code chooses the first best
/// threshold among the observed values, here it is the middle between neighbours.
public struct ModifiedEntropyScore: MembershipScore {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many of the other models teach thresholds; all at most.
    public var shadows = 1

    /// One shadow.
    public init(shadows: Int = 1) { self.shadows = shadows }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "modified-entropy",
    summary: "The entropy that knows the label, with a threshold for each class from a shadow.",
    formula: "threshold_y + (1 - p_y) log p_y + sum_{c != y} p_c log(1 - p_c)",
    citation: "Song, Mittal 2021, arXiv 2003.10595, section 4.2",
    needs: [.targetLogits, .shadowModels],
    parameters: [
      .init("shadows", "how many models teach thresholds", range: "an integer of at least 0")
    ])

  /// One shadow.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The score with `parameters`.
  ///
  /// - Throws: `ParameterError` for a number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "shadows", parameters.shadows >= 0, "must be at least 0", got: parameters.shadows)
    try check.finish()
    self.parameters = parameters
  }

  /// Finds the thresholds and subtracts. O(examples log examples) a shadow.
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    let entropies = try table.outputs.signal(
      .modifiedEntropy, for: Self.card.name, workers: workers)
    let classes = table.outputs.classes ?? 1
    guard parameters.shadows == 0 || table.models > 1 else {
      throw .tooFew(
        what: "modified-entropy: shadows", got: 0, needed: 1,
        remedy: "give further models, or take shadows: 0")
    }
    let rows = (0..<table.models).map { entropies.means(ofModel: $0) }
    return targets.map { target in
      // The models after the target, round the end.
      let teachers = (1..<max(table.models, 1)).prefix(parameters.shadows).map {
        (target + $0) % table.models
      }
      var lessons = [[(value: Double, isMember: Bool)]](repeating: [], count: classes)
      for teacher in teachers {
        for (example, label) in table.outputs.labels.enumerated() where table.isAudited[example] {
          lessons[Int(label)].append(
            (rows[teacher][example], table.membership[teacher, example]))
        }
      }
      let overall = Self.threshold(lessons.flatMap(\.self)) ?? 0
      let thresholds = lessons.map { Self.threshold($0) ?? overall }
      return zip(rows[target], table.outputs.labels).map { thresholds[Int($1)] - $0 }
    }
  }

  /// The threshold with the greatest balanced accuracy of "a member lies below"; nil unless there
  /// are both kinds.
  static func threshold(_ lessons: [(value: Double, isMember: Bool)]) -> Double? {
    let members = lessons.reduce(0) { $0 + ($1.isMember ? 1 : 0) }
    let others = lessons.count - members
    guard members > 0, others > 0 else { return nil }
    let sorted = lessons.sorted { $0.value < $1.value }
    var (found, named) = (0, 0)
    var best = (gain: 0.0, threshold: sorted[0].value)
    for (index, lesson) in sorted.enumerated() {
      if lesson.isMember { found += 1 } else { named += 1 }
      let next = index + 1 < sorted.count ? sorted[index + 1].value : lesson.value
      guard next > lesson.value || index + 1 == sorted.count else { continue }
      let gain = Double(found) / Double(members) - Double(named) / Double(others)
      if gain > best.gain { best = (gain, lesson.value + (next - lesson.value) / 2) }
    }
    return best.threshold
  }
}
