import CryptoCore

/// How a partition came out: what to print beside every result that rests on it.
public struct PartitionStatistics: Sendable, Hashable {
  /// Examples of each client.
  public let sizes: [Int]
  /// Examples of each client and class.
  public let labelCounts: [[Int]]
  /// Distance of each client's label distribution from that of all examples, the sum over classes of
  /// `|p_k(c) - p(c)|`, between 0 and 2: the earth mover's distance of Zhao et al., Federated Learning
  /// with Non-IID Data, 2018. A client without examples counts as 0.
  public let distances: [Double]
  /// Examples that more than one client holds.
  public let overlap: Int
  /// SHA-256, in hexadecimal, over the index map: number of clients, then each client's number of
  /// examples and their indices, as 64-bit little-endian integers.
  public let digest: String

  /// The statistics of `shares` of `pool`; labels count as the pool has them, before any shift.
  ///
  /// - Precondition: Every position is one of the pool's.
  public init(_ shares: ClientShares, of pool: ExamplePool) {
    let (labels, classes, shares) = (pool.labels, pool.classes, shares.indices)
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: shares.count)
    var holders = [Int](repeating: 0, count: labels.count)
    var global = [Int](repeating: 0, count: classes)
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(shares.count))
    for label in labels { global[Int(label)] += 1 }
    for (client, share) in shares.enumerated() {
      bytes.append(littleEndian: UInt64(share.count))
      for index in share {
        counts[client][Int(labels[index])] += 1
        holders[index] += 1
        bytes.append(littleEndian: UInt64(index))
      }
    }
    sizes = shares.map(\.count)
    labelCounts = counts
    distances = counts.map { counts in
      let size = counts.reduce(0, +)
      guard size > 0 else { return 0 }
      return zip(counts, global).reduce(0) { sum, pair in
        sum + abs(Double(pair.0) / Double(size) - Double(pair.1) / Double(labels.count))
      }
    }
    overlap = holders.count { $0 > 1 }
    digest = SHA256.hash(bytes).hexadecimal
  }

  /// Mean distance over clients.
  public var meanDistance: Double {
    distances.isEmpty ? 0 : distances.reduce(0, +) / Double(distances.count)
  }
  /// Largest distance of any client.
  public var maximumDistance: Double { distances.max() ?? 0 }
}
