public import Components
public import Federation

/// How much a membership attack is asked.
public struct MembershipQuestion: Codable, Hashable, Sendable {
  /// Clients asked about.
  public var clients: Int
  /// Candidates of each kind about each of them.
  public var examples: Int

  /// A question; 10 clients, 100 candidates of each kind.
  public init(clients: Int = 10, examples: Int = 100) {
    self.clients = clients
    self.examples = examples
  }

  /// What to ask the round for: as many non-members as members, half as many of other clients.
  public var inquiry: Inquiry {
    Inquiry(
      clients: clients, members: examples, nonMembers: examples, otherMembers: examples / 2)
  }

  /// Throws `ParameterError` naming each number out of range.
  public func validate() throws(ParameterError) {
    var check = ParameterCheck()
    self.check(&check)
    try check.finish()
  }

  func check(_ check: inout ParameterCheck) {
    check.oneOrMore("clients", clients)
    check("examples", examples >= 10, "must be 10 or more", got: examples)
  }

  /// What cards say of `clients` and `examples`.
  static let parameters: [Card.Parameter] = [
    .init("clients", "clients that are asked about, at most", range: "an integer of 1 or more"),
    .init(
      "examples", "candidates of each kind about each of them, at most",
      range: "an integer of 10 or more"),
  ]
}

/// How much it is asked, and whose model or update it looks at.
public struct ViewedQuestion: Codable, Hashable, Sendable {
  /// Whose model or update is looked at.
  public var view: MembershipView
  /// Clients asked about.
  public var clients: Int
  /// Candidates of each kind about each of them.
  public var examples: Int

  /// A question; of the client's own model, 10 clients, 100 candidates of each kind.
  public init(view: MembershipView = .client, clients: Int = 10, examples: Int = 100) {
    self.view = view
    self.clients = clients
    self.examples = examples
  }

  /// Without the view.
  public var question: MembershipQuestion {
    MembershipQuestion(clients: clients, examples: examples)
  }

  /// What cards say of them.
  static let parameters: [Card.Parameter] =
    [
      .init(
        "view", "whose model is looked at: the client's own, or the global one that all make",
        range: "client or sum")
    ] + MembershipQuestion.parameters
}

/// Whose model or update is looked at.
public enum MembershipView: String, CaseIterable, Codable, Hashable, Sendable {
  /// The client's own: tells whether the example is the client's.
  case client
  /// The global one: tells whether it is anybody's, and is there under any transport.
  case sum

  /// What must be granted for it.
  public var needs: Set<Capability> {
    switch self {
    case .client: [.candidates, .disjointClients, .individualUpdates, .clientIdentity]
    case .sum: [.candidates, .disjointClients, .globalModel]
    }
  }
}
