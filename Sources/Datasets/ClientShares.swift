public import Learning

/// What each client holds: which training examples, and what its own world does to them.
public struct ClientShares: Sendable, Hashable {
  /// For each client, ascending positions in the training data.
  public var indices: [[Int]]
  /// For each client, how its examples differ from everybody's; empty if nobody's do.
  public var shifts: [DomainShift]

  /// Shares, with or without shifts.
  ///
  /// - Precondition: No shifts, or one a client.
  public init(_ indices: [[Int]], shifts: [DomainShift] = []) {
    precondition(shifts.isEmpty || shifts.count == indices.count, "one shift a client")
    self.indices = indices
    self.shifts = shifts
  }

  /// Number of clients.
  public var count: Int { indices.count }

  /// Whether no example has two clients. Where one has, whose it is cannot be told, and what
  /// membership and source inference measure means nothing.
  ///
  /// - Complexity: O(number of positions).
  public var isDisjoint: Bool {
    let last = indices.joined().max() ?? -1
    var taken = [Bool](repeating: false, count: last + 1)
    for index in indices.joined() {
      if taken[index] { return false }
      taken[index] = true
    }
    return true
  }

  /// How the examples of `client` differ from everybody's; nil if they do not.
  public func shift(of client: Int) -> DomainShift? { shifts.isEmpty ? nil : shifts[client] }

  /// The examples of `client` out of the training data.
  public func examples(of client: Int, in training: LabeledExamples) throws -> LabeledExamples {
    let own = try training.subset(indices[client])
    return try shift(of: client)?.applied(to: own) ?? own
  }

  /// Examples nobody trains on, as `client` would meet them: what its own model is tested on.
  public func asMet(by client: Int, _ test: LabeledExamples) throws -> LabeledExamples {
    try shift(of: client)?.applied(to: test) ?? test
  }
}
