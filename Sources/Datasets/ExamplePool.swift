public import Learning

/// The training examples as a partition sees them.
public struct ExamplePool: Sendable {
  /// Features and labels.
  public let examples: LabeledExamples
  /// Who each example comes from, where the data says so.
  public let groups: ExampleGroups?

  /// The examples, with the groups they fall into by nature.
  ///
  /// - Precondition: With groups, each example has one.
  public init(_ examples: LabeledExamples, groups: ExampleGroups? = nil) {
    precondition(groups.map { $0.members.count == examples.count } ?? true, "one group an example")
    self.examples = examples
    self.groups = groups
  }

  /// One label per example, in `0..<classes`.
  public var labels: [Int32] { examples.labels }
  /// Number of classes.
  public var classes: Int { examples.classes }
  /// Number of examples.
  public var count: Int { examples.count }

  /// The examples of each class, in order.
  public var membersOfClasses: [[Int]] {
    var members = [[Int]](repeating: [], count: classes)
    for (index, label) in labels.enumerated() { members[Int(label)].append(index) }
    return members
  }
}

/// Natural groups of examples: writers, speakers, hospitals.
public struct ExampleGroups: Sendable, Hashable {
  /// What the groups are called, in order.
  public let names: [String]
  /// For each example, its group's index in `names`.
  public let members: [Int32]

  /// Groups by index.
  ///
  /// - Precondition: Every index is one of `names`.
  public init(names: [String], members: [Int32]) {
    precondition(
      members.allSatisfy { names.indices.contains(Int($0)) }, "every example has a known group")
    self.names = names
    self.members = members
  }

  /// Groups by name, in the order in which the names first appear.
  public init(_ labels: [String]) {
    var names: [String] = []
    var known: [String: Int32] = [:]
    members = labels.map { name in
      if let index = known[name] { return index }
      let index = Int32(names.count)
      known[name] = index
      names.append(name)
      return index
    }
    self.names = names
  }

  /// The groups of the examples at these positions.
  public func subset(_ indices: [Int]) -> ExampleGroups {
    ExampleGroups(names: names, members: indices.map { members[$0] })
  }
}
