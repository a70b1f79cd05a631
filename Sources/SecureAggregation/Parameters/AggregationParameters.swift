internal import Glibc

/// The graph of neighbours and the threshold of a secure aggregation, with what can go wrong.
public struct AggregationParameters: Sendable, Hashable {
  /// Who shares secrets with whom.
  public enum Topology: String, Sendable, Hashable {
    /// Everybody with everybody (Bonawitz et al. 2017).
    case full
    /// A ``HararyGraph`` (Bell et al. 2020, SecAgg+).
    case regular
  }

  /// What must not happen.
  public enum Constraint: String, Sendable, Hashable, CaseIterable {
    /// The honest survivors fall into parts, whose sums the server can tell apart.
    case connectivity
    /// Some client's corrupt neighbours can open its secrets.
    case corruptNeighbourhood = "corrupt-neighbourhood"
    /// Some client's surviving neighbours are too few to rebuild its secrets: the sum is lost.
    case survivors
  }

  /// How likely one of them is.
  public struct Risk: Sendable, Hashable {
    /// What happens.
    public let constraint: Constraint
    /// log2 of an upper bound on its probability, a union bound over clients or gaps; -infinity if
    /// it cannot happen.
    public let log2Probability: Double
    /// log2 of the most that is allowed.
    public let log2Limit: Double

    /// The bound on the probability; 0 if below 10^-308.
    public var probability: Double { exp2(log2Probability) }
  }

  /// What these parameters withstand.
  public let policy: SecureAggregationPolicy
  /// The kind of graph.
  public let topology: Topology
  /// k: how many neighbours each client has, n - 1 in the full graph.
  public let degree: Int
  /// t: how many shares open a secret, the least that is safe.
  public let threshold: Int
  /// All thresholds that keep the limits with this degree.
  public let thresholds: ClosedRange<Int>
  /// One risk for each constraint, in their order.
  public let risks: [Risk]
  /// The constraint that rules the next smaller degree out, nil if there is none: connectivity if it
  /// fails there; otherwise no threshold does, and it is the one further beyond its limit, in bits,
  /// when the threshold is all the other one's.
  public let binding: Constraint?

  /// More than two thirds of the neighbourhood, as far as the limits let it: a threshold well above the
  /// least leaves a server that lies about who dropped out without shares of both secrets of anybody.
  public var usualThreshold: Int {
    min(thresholds.upperBound, max(thresholds.lowerBound, 2 * neighbourhood / 3 + 1))
  }

  /// How many clients' keys and shares each client handles: k + 1, itself included.
  public var neighbourhood: Int { degree + 1 }
}
