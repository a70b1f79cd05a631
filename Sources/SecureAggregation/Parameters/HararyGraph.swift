public import Randomness

/// A ring of clients in random order, each linked to the k/2 nearest on either side.
///
/// It stays connected unless two gaps of k/2 neighbours in a row are cut out of it, the most that
/// any graph of degree k can withstand. The order must be drawn by somebody whom the clients trust to draw it
/// at random, or be checked by them.
///
///     HararyGraph(order: [0, 1, 2, 3, 4, 5, 6], degree: 4).neighbours(of: 0)   // [5, 6, 1, 2]
///
/// Source: Harary 1962, *The maximum connectivity of a graph*; Bell et al. 2020, section 3.
public struct HararyGraph: Sendable, Hashable {
  /// k: how many neighbours each client has.
  public let degree: Int
  /// The clients in the order of the ring.
  public let order: [Int]
  /// Where each client is in the ring.
  private let places: [Int]

  /// A ring in an order drawn from `generator`.
  ///
  /// - Throws: ``ParameterError/degree(_:clients:)`` unless the degree is even, at least 2 and below
  ///   the number of clients.
  /// - Complexity: O(n).
  public init(
    clients: Int, degree: Int, using generator: inout Generator
  ) throws(ParameterError) {
    guard clients >= 0 else { throw .degree(degree, clients: clients) }
    try self.init(order: generator.permutation(clients), degree: degree)
  }

  /// A ring in a given order.
  ///
  /// - Throws: ``ParameterError/degree(_:clients:)``, ``ParameterError/permutation`` unless the order
  ///   names each of 0..<n once.
  public init(order: [Int], degree: Int) throws(ParameterError) {
    guard degree >= 2, degree < order.count, degree.isMultiple(of: 2) else {
      throw .degree(degree, clients: order.count)
    }
    var places = [Int](repeating: -1, count: order.count)
    for (place, client) in order.enumerated() {
      guard order.indices.contains(client), places[client] < 0 else { throw .permutation }
      places[client] = place
    }
    self.order = order
    self.degree = degree
    self.places = places
  }

  /// The neighbours of a client in the order of the ring, those before it first.
  ///
  /// - Precondition: `client` is in 0..<n.
  /// - Complexity: O(k).
  public func neighbours(of client: Int) -> [Int] {
    let (place, n) = (places[client], order.count)
    let half = degree / 2
    return ((-half)...half).filter { $0 != 0 }.map { order[(place + $0 + n) % n] }
  }

  /// Whether two clients are neighbours. O(1).
  public func areNeighbours(_ a: Int, _ b: Int) -> Bool {
    let distance = abs(places[a] - places[b])
    return distance != 0 && min(distance, order.count - distance) <= degree / 2
  }
}
