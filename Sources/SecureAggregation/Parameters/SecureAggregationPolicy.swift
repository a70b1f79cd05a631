/// What a secure aggregation must withstand; degree and threshold follow from it.
///
/// ```swift
/// let policy = try SecureAggregationPolicy(clients: 1000, corrupt: 0.33, dropout: 0.33)
/// let parameters = try policy.regularParameters()
/// (parameters.degree, parameters.threshold)   // (286, 150)
/// ```
public struct SecureAggregationPolicy: Sendable, Hashable {
  /// What the server may do.
  public enum Adversary: String, Sendable, Hashable, CaseIterable {
    /// It follows the protocol, and pools what it and the corrupt clients see.
    case curious
    /// It may also send different clients different lists of who dropped out (a semi-malicious
    /// server: keys are honest).
    case active
  }

  /// The most clients that are dealt with.
  public static let maximumClients = 10_000_000
  /// Up to this many clients the full graph is the usual choice.
  public static let fullGraphClients = 100

  /// n: how many clients take part.
  public let clients: Int
  /// The fraction of clients that collude with the server, at most.
  public let corrupt: Double
  /// The fraction of clients that drop out, at most.
  public let dropout: Double
  /// What the server may do.
  public let adversary: Adversary
  /// σ: privacy fails with probability below 2^-σ.
  public let securityBits: Int
  /// η: the sum is lost with probability below 2^-η.
  public let failureBits: Int

  /// A policy.
  ///
  /// - Throws: ``ParameterError/invalid(_:_:_:)`` unless there are 2 to 10 million clients, the
  ///   fractions are in 0..<1 and the bits in 1...1000.
  public init(
    clients: Int, corrupt: Double, dropout: Double, adversary: Adversary = .curious,
    securityBits: Int = 40, failureBits: Int = 20
  ) throws(ParameterError) {
    guard (2...Self.maximumClients).contains(clients) else {
      throw .invalid("clients", "\(clients)", "must be in 2...\(Self.maximumClients)")
    }
    for (name, rate) in [("corrupt", corrupt), ("dropout", dropout)] {
      guard rate >= 0, rate < 1 else {
        throw .invalid(name, "\(rate)", "must be a fraction of the clients, from 0 to below 1")
      }
    }
    for (name, bits) in [("security bits", securityBits), ("failure bits", failureBits)] {
      guard (1...1000).contains(bits) else {
        throw .invalid(name, "\(bits)", "must be in 1...1000: the probability is 2 to minus this")
      }
    }
    self.clients = clients
    self.corrupt = corrupt
    self.dropout = dropout
    self.adversary = adversary
    self.securityBits = securityBits
    self.failureBits = failureBits
  }

  // A fraction of n that is an integer but for the rounding of the fraction counts as that integer.
  private static let slack = 1e-14

  /// How many clients are corrupt at most: ⌊corrupt · n⌋.
  public var corruptClients: Int {
    Int(((corrupt + Self.slack) * Double(clients)).rounded(.down))
  }
  /// How many clients drop out at most: ⌊dropout · n⌋.
  public var dropouts: Int { Int(((dropout + Self.slack) * Double(clients)).rounded(.down)) }
  /// How many clients are sure to survive.
  public var survivors: Int { clients - dropouts }

  /// The full graph up to ``fullGraphClients`` clients, above that a regular one.
  ///
  /// - Throws: As ``fullGraphParameters()`` and ``regularParameters()`` do.
  public func parameters() throws(ParameterError) -> AggregationParameters {
    clients <= Self.fullGraphClients ? try fullGraphParameters() : try regularParameters()
  }
}
