public import Learning

/// All that scores are computed from: what models said, and which examples they were trained on.
///
/// Any model can be the target, the others are then its shadows: *leave-one-model-out*. A score of
/// a target reads the target's outputs, and the outputs and rows of the others; it never reads the
/// target's own row.
///
/// If every audited example was in equally many models, the others' rows give the target's away: an
/// example missing among them must have been the target's. A score that looks at the number of
/// shadows, such as one with a prior, would see the answer. So for each example one further shadow
/// is left out, one of the opposite kind, and what remains is the same for members and non-members.
///
/// Some examples may be there for other purposes than being judged: training data that all models
/// share, a population of known non-members. `audited` names those that are; a score that cannot be
/// computed for one of the others is NaN there.
public struct ShadowTable: Sendable {
  /// What models said.
  public let outputs: ModelOutputs
  /// What they were trained on.
  public let membership: Membership
  /// The examples themselves, for scores and baselines that look at them; nil if unknown.
  public let data: LabeledExamples?
  /// For each example, whether it is to be judged.
  public let isAudited: [Bool]
  /// The examples that are not judged and that no model had: known non-members of every target.
  public let population: [Int]
  /// Whether the other models' rows would give a target's away.
  let revealsRows: Bool

  /// A table.
  ///
  /// - Parameters:
  ///   - data: The examples, one for each column.
  ///   - audited: The examples to judge; nil takes all. With every model as a target, take
  ///     `membership.mixed`. Which ones must not depend on a target's own row alone.
  /// - Throws: `MembershipError.shape` unless both tables, and the data if given, have one size;
  ///   `.noSuch` for an audited example that is not there.
  public init(
    _ outputs: ModelOutputs, _ membership: Membership, data: LabeledExamples? = nil,
    audited: [Int]? = nil
  ) throws(MembershipError) {
    guard outputs.models == membership.models, outputs.examples == membership.examples else {
      throw .shape(
        what: "the membership table",
        got: "\(membership.models) models x \(membership.examples) examples",
        expected: "\(outputs.models) x \(outputs.examples), as the outputs have")
    }
    if let data, data.count != outputs.examples {
      throw .shape(
        what: "the examples", got: "\(data.count)", expected: "\(outputs.examples), one a column")
    }
    self.outputs = outputs
    self.membership = membership
    self.data = data
    var isAudited = [Bool](repeating: audited == nil, count: outputs.examples)
    for example in audited ?? [] {
      guard isAudited.indices.contains(example) else {
        throw .noSuch(what: "example", index: example, count: outputs.examples)
      }
      isAudited[example] = true
    }
    self.isAudited = isAudited
    let counts = membership.counts
    population = counts.indices.filter { counts[$0] == 0 && !isAudited[$0] }
    revealsRows = membership.isBalanced(on: isAudited.indices.filter { isAudited[$0] })
  }

  /// How many models there are.
  public var models: Int { outputs.models }
  /// How many examples there are.
  public var examples: Int { outputs.examples }

  /// The examples to judge, in order.
  public var audited: [Int] { isAudited.indices.filter { isAudited[$0] } }

  /// The table of these models alone, in this order.
  func keeping(_ models: [Int]) throws(MembershipError) -> ShadowTable {
    try ShadowTable(
      outputs.keeping(models),
      try Membership(
        models: models.count, examples: examples, models.flatMap { membership.row($0) }),
      data: data, audited: audited)
  }

  /// Checks that all `targets` are models.
  func check(_ targets: [Int]) throws(MembershipError) {
    for target in targets where target < 0 || target >= models {
      throw .noSuch(what: "model", index: target, count: models)
    }
  }
}
