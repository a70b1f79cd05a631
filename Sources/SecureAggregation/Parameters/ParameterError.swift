/// Why there are no parameters for a policy.
public enum ParameterError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A number is out of its range: its name, what it is, and what it must be.
  case invalid(String, String, String)
  /// Too many may be corrupt or drop out for any sparse graph to be looked for.
  case infeasible(SecureAggregationPolicy)
  /// No degree below n - 1 keeps all probabilities; the threshold of the full graph, if it does.
  case noDegree(SecureAggregationPolicy, fullGraphThreshold: Int?)
  /// In the full graph the least safe threshold is above the number of survivors.
  case noThreshold(SecureAggregationPolicy, least: Int, survivors: Int)
  /// A graph cannot have this degree.
  case degree(Int, clients: Int)
  /// What should be a permutation of the clients is none.
  case permutation

  /// One sentence that names the thing and what would work.
  public var description: String {
    switch self {
    case .invalid(let name, let value, let reason): "\(name) \(value) \(reason)"
    case .infeasible(let policy):
      switch policy.adversary {
      case .curious:
        "corrupt + dropout must be at most 0.9 and is \(policy.corrupt) + \(policy.dropout)"
          + Self.advice(0.9 - policy.corrupt)
      case .active:
        "corrupt + 2 · dropout must be at most 0.9 against an active server and is "
          + "\(policy.corrupt) + 2 · \(policy.dropout)" + Self.advice((0.9 - policy.corrupt) / 2)
      }
    case .noDegree(let policy, let threshold):
      "no sparse graph of \(policy.clients) clients keeps the probabilities; "
        + (threshold.map { "the full graph does with threshold \($0)" }
          ?? "the full graph does not either; allow fewer dropouts or more clients")
    case .noThreshold(let policy, let least, let survivors):
      "a safe threshold is at least \(least) of \(policy.clients), and only \(survivors) clients are "
        + "sure to survive"
        + Self.advice(Double(max(0, policy.clients - least)) / Double(policy.clients))
    case .degree(let degree, let clients):
      "a ring of \(clients) clients cannot have the degree \(degree): it must be even, from 2 to "
        + "\(max(0, (clients - 1) / 2 * 2))"
    case .permutation: "the ring must name each of the clients 0, 1, ... once"
    }
  }

  private static func advice(_ dropout: Double) -> String {
    dropout > 0
      ? "; with these corrupt clients a dropout of up to \((dropout * 1e4).rounded(.down) / 1e4) works"
      : "; fewer clients must be corrupt"
  }
}
