public import Components
public import Randomness

/// Shares the training examples out among clients.
///
/// The laws, checked over the whole catalogue: equal generators give equal shares, every client gets
/// at least one example and none twice, and the claims on the card hold, among them that every
/// example has a client and that none has two.
public protocol Partition: Component {
  /// What each client holds of `pool`.
  ///
  /// - Parameters:
  ///   - pool: The training part of the data.
  ///   - generator: Everything random about the partition.
  /// - Throws: `DataError` if the clients cannot have what they need.
  func assign(_ pool: ExamplePool, using generator: inout Generator) throws -> ClientShares
}

extension Role {
  /// How the data is shared out among clients.
  public static let partition = Role(rawValue: "partition")
}

extension Claim {
  /// Every example of the pool has a client.
  public static let everyExample = Claim(rawValue: "every example")
  /// No example has two clients: what membership and source inference need to mean anything.
  public static let disjoint = Claim(rawValue: "disjoint")
  /// The numbers of examples of two clients differ by at most one.
  public static let equalSizes = Claim(rawValue: "equal sizes")
}

extension Card.Parameter {
  /// How many clients share.
  static let clients = Card.Parameter(
    "clients", "number of clients", range: "an integer of at least 1")
  /// How small a client may be.
  static let minimumSize = Card.Parameter(
    "minimum-size", "fewest examples a client may have", range: "an integer of at least 1")
  /// The concentration of a Dirichlet distribution over labels or shares.
  static let alpha = Card.Parameter(
    "alpha", "concentration; smaller is more skewed", range: "greater than 0")
  /// How many worlds there are.
  static let clusters = Card.Parameter(
    "clusters", "client i is of cluster i mod clusters", range: "an integer of at least 1")
}

extension ParameterCheck {
  /// Notes a number that is below 1.
  mutating func atLeastOne(_ key: String, _ value: Int) {
    self(key, value >= 1, "must be at least 1", got: value)
  }

  /// Notes a number that is not finite or not above 0.
  mutating func positive(_ key: String, _ value: Double) {
    self(key, value > 0 && value.isFinite, "must be a number greater than 0", got: value)
  }

  /// Notes a number outside [0, 1].
  mutating func fraction(_ key: String, _ value: Double) {
    self(key, (0...1).contains(value), "must be a number from 0 to 1", got: value)
  }
}
