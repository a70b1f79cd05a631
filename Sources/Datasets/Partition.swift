public import Components
public import Randomness

/// A rule that shares examples out among clients.
///
/// The laws, checked over the whole catalogue: every example goes to exactly one client, every client
/// gets at least one, and equal generators give equal partitions.
public protocol Partition: Component {
  /// Number of clients.
  var clients: Int { get }

  /// The examples of each client, as ascending positions in `labels`.
  ///
  /// - Parameters:
  ///   - labels: One label per example, in `0..<classes`.
  ///   - classes: Number of classes.
  ///   - generator: Everything random about the partition.
  /// - Returns: `clients` lists.
  /// - Throws: `DataError` if there are fewer examples than the clients need.
  func assign(_ labels: [Int32], classes: Int, using generator: inout Generator) throws -> [[Int]]
}

extension Partition {
  /// Throws if not every client can have an example.
  func checkEnough(_ examples: Int) throws(DataError) {
    guard clients <= examples else {
      throw .moreClientsThanExamples(
        partition: Self.card.name, clients: clients, examples: examples)
    }
  }
}

extension Role {
  /// How the data is shared out among clients.
  public static let partition = Role(rawValue: "partition")
}
