import CryptoCore
import Glibc

/// How a partition came out: what to print beside every result that rests on it.
public struct PartitionStatistics: Sendable, Hashable {
  /// Examples of each client.
  public let sizes: [Int]
  /// Examples of each client and class.
  public let labelCounts: [[Int]]
  /// Examples of each class that there were to share out.
  public let poolCounts: [Int]
  /// Distance of each client's label distribution from that of all examples, the sum over classes of
  /// `|p_k(c) - p(c)|`, between 0 and 2: the earth mover's distance of Zhao et al., Federated Learning
  /// with Non-IID Data, 2018. A client without examples counts as 0.
  public let distances: [Double]
  /// Divergence of each client's label distribution from that of all examples in bits, the sum over
  /// classes of `p_k(c) log2(p_k(c) / p(c))` (Kullback and Leibler, 1951): 0 for equal distributions.
  /// A client without examples counts as 0.
  public let divergences: [Double]
  /// Examples that more than one client holds.
  public let overlap: Int
  /// Examples that no client holds.
  public let leftOut: Int
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
    poolCounts = global
    let whole = global.map { Double($0) / Double(labels.count) }
    func sums(_ term: (_ own: Double, _ all: Double) -> Double) -> [Double] {
      counts.map { counts in
        let size = Double(counts.reduce(0, +))
        return size == 0
          ? 0 : zip(counts, whole).reduce(0) { $0 + term(Double($1.0) / size, $1.1) }
      }
    }
    distances = sums { abs($0 - $1) }
    divergences = sums { $0 > 0 ? $0 * log2($0 / $1) : 0 }
    overlap = holders.count { $0 > 1 }
    leftOut = holders.count { $0 == 0 }
    digest = SHA256.hash(bytes).hexadecimal
  }

  /// Mean distance over clients.
  public var meanDistance: Double {
    distances.isEmpty ? 0 : distances.reduce(0, +) / Double(distances.count)
  }
  /// Largest distance of any client.
  public var maximumDistance: Double { distances.max() ?? 0 }

  /// Mean divergence, each client weighted by its examples.
  ///
  /// Where every example has exactly one client it is the mutual information of client and label: how
  /// many bits of an example's label its client tells.
  public var meanDivergence: Double {
    let total = sizes.reduce(0, +)
    return total == 0
      ? 0 : zip(sizes, divergences).reduce(0) { $0 + Double($1.0) * $1.1 } / Double(total)
  }

  /// Whether no example has two clients.
  public var isDisjoint: Bool { overlap == 0 }

  /// How the numbers of examples spread over the clients.
  public var sizeSummary: SizeSummary { SizeSummary(sizes) }
}

/// Least, middle and largest of some numbers, and how far they scatter.
public struct SizeSummary: Sendable, Hashable {
  /// The least.
  public let minimum: Int
  /// The middle one in order, or the mean of the two middle ones.
  public let median: Double
  /// The largest.
  public let maximum: Int
  /// The mean.
  public let mean: Double
  /// The standard deviation, dividing by their number.
  public let standardDeviation: Double

  /// Of `sizes`; all 0 when there are none. O(n log n).
  public init(_ sizes: [Int]) {
    let sorted = sizes.sorted()
    let count = sorted.count
    minimum = sorted.first ?? 0
    maximum = sorted.last ?? 0
    median = count == 0 ? 0 : Double(sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    let mean = count == 0 ? 0 : Double(sorted.reduce(0, +)) / Double(count)
    self.mean = mean
    let squares = sorted.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    standardDeviation = count == 0 ? 0 : (squares / Double(count)).squareRoot()
  }
}
