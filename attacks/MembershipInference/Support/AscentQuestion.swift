public import Components

/// How much an active attack is asked, and how hard it pushes.
public struct AscentQuestion: Codable, Hashable, Sendable {
  /// The rate γ of the ascent.
  public var rate: Double
  /// Clients asked about.
  public var clients: Int
  /// Candidates of each kind about each of them.
  public var examples: Int

  /// γ = 0.5, 10 clients, 100 candidates of each kind.
  public init(rate: Double = 0.5, clients: Int = 10, examples: Int = 100) {
    self.rate = rate
    self.clients = clients
    self.examples = examples
  }

  /// Without the rate.
  public var question: MembershipQuestion {
    MembershipQuestion(clients: clients, examples: examples)
  }

  /// Throws `ParameterError` naming each number out of range.
  public func validate() throws(ParameterError) {
    var check = ParameterCheck()
    question.check(&check)
    check.positive("rate", rate)
    try check.finish()
  }

  /// What cards say of them.
  static let parameters: [Card.Parameter] =
    [.init("rate", "rate γ of the ascent", range: "greater than 0")] + MembershipQuestion.parameters
}

extension PositiveControl {
  /// Membership: the lower 95% limit of the undefended area under the curve.
  static func membership() -> PositiveControl {
    .figure(
      "AUC lower", atLeast: 0.55,
      summary: "undefended, the lower 95% limit of the AUC is at least 0.55")
  }
}
