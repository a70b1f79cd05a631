import Randomness

/// Classes shared out one after the other, each among some clients in Dirichlet proportions: what the
/// capped and the extended procedure have in common.
///
/// The sources draw `p ~ Dir(alpha 1_n)` over all clients, set the shares of those that may have
/// nothing to zero and normalise again. What that leaves is exactly a draw from `Dir(alpha 1_m)` over
/// the `m` others, which is what happens here; it cannot underflow to no shares at all.
struct ClassWiseShares {
  /// For each class, who gets how many of it.
  private(set) var parts: [[(client: Int, count: Int)]] = []
  /// Examples of each client so far.
  private(set) var totals: [Int]

  /// Nothing shared out yet.
  init(clients: Int) { totals = [Int](repeating: 0, count: clients) }

  /// Shares `count` examples of the next class out among `holders`, or among those of them that have
  /// fewer than the mean of `examples` a client; if none has, among all holders.
  mutating func share(
    _ count: Int, among holders: [Int], examples: Int, alpha: Double,
    using generator: inout Generator
  ) {
    let open = holders.filter { totals[$0] * totals.count < examples }
    let takers = open.isEmpty ? holders : open
    guard !takers.isEmpty else { return parts.append([]) }
    let weights = generator.dirichlet(concentration: alpha, count: takers.count)
    let sizes = proportionalSizes(count, weights: weights)
    for (client, size) in zip(takers, sizes) { totals[client] += size }
    parts.append(zip(takers, sizes).map { ($0, $1) })
  }

  /// The shares, each class in random order.
  func dealt(_ members: [[Int]], using generator: inout Generator) -> ClientShares {
    var shares = totals.map { size in
      var share: [Int] = []
      share.reserveCapacity(size)
      return share
    }
    for (positions, parts) in zip(members, parts) {
      var order = generator.permutation(positions.count)[...]
      for (client, count) in parts {
        for place in order.prefix(count) { shares[client].append(positions[place]) }
        order = order.dropFirst(count)
      }
    }
    return ClientShares(shares.map { $0.sorted() })
  }
}
