public import Components
public import Randomness

/// Shares the training examples out among clients.
///
/// The laws, checked over the whole catalogue: equal generators give equal shares, every client gets
/// at least one example, and unless the card lacks the claim every example goes to exactly one client.
public protocol Partition: Component {
  /// What each client holds of `pool`.
  ///
  /// - Parameters:
  ///   - pool: The training part of the data.
  ///   - generator: Everything random about the partition.
  /// - Throws: `DataError` if the clients cannot have what they need.
  func assign(_ pool: ExamplePool, using generator: inout Generator) throws -> ClientShares
}

extension Partition {
  /// Throws if not every one of `clients` can have an example.
  func checkEnough(_ pool: ExamplePool, clients: Int) throws(DataError) {
    guard clients <= pool.count else {
      throw .moreClientsThanExamples(
        partition: Self.card.name, clients: clients, examples: pool.count)
    }
  }
}

extension Role {
  /// How the data is shared out among clients.
  public static let partition = Role(rawValue: "partition")
}
