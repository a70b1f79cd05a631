/// Which example was in the training data of which model: models x examples.
///
///     let membership = try Membership(models: 2, examples: 3,
///       [true, false, true,
///        false, true, true])
///     membership.count(ofExample: 2)  // 2
public struct Membership: Sendable, Hashable {
  /// How many models there are.
  public let models: Int
  /// How many examples there are.
  public let examples: Int
  /// Row-major: all examples of model 0, then those of model 1.
  public let isMember: [Bool]

  /// A table of `models` rows.
  ///
  /// - Throws: `MembershipError.shape` unless there is one entry for each model and example.
  public init(models: Int, examples: Int, _ isMember: [Bool]) throws(MembershipError) {
    guard models >= 1, examples >= 1, isMember.count == models * examples else {
      throw .shape(
        what: "the membership table", got: "\(isMember.count) entries",
        expected: "\(models) models x \(examples) examples, at least one of each")
    }
    self.models = models
    self.examples = examples
    self.isMember = isMember
  }

  /// Whether `example` was in the training data of `model`.
  public subscript(model: Int, example: Int) -> Bool { isMember[model * examples + example] }

  /// The entries of one model.
  public func row(_ model: Int) -> ArraySlice<Bool> {
    isMember[(model * examples)..<((model + 1) * examples)]
  }

  /// In how many models' training data `example` was.
  public func count(ofExample example: Int) -> Int {
    (0..<models).reduce(0) { $0 + (self[$1, example] ? 1 : 0) }
  }

  /// In how many models' training data each example was. O(models x examples).
  public var counts: [Int] {
    var counts = [Int](repeating: 0, count: examples)
    for model in 0..<models {
      for (example, isMember) in row(model).enumerated() where isMember { counts[example] += 1 }
    }
    return counts
  }

  /// The examples that at least one model had and at least one had not: those that can be judged
  /// with every model as the target.
  public var mixed: [Int] {
    let counts = counts
    return counts.indices.filter { counts[$0] > 0 && counts[$0] < models }
  }

  /// Whether all of these examples are in equally many models.
  ///
  /// Then the other models' rows tell that of a target: who counts them knows the missing one.
  /// Scores guard against that, see ``ShadowTable``.
  public func isBalanced(on audited: [Int]) -> Bool {
    let counts = counts
    return audited.allSatisfy { counts[$0] == counts[audited[0]] }
  }
}
