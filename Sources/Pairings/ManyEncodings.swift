public import CryptoCore
internal import Tensors

/// Which of many encodings is not that of a point of the group, and why.
public struct BadEncoding: Error, Sendable, Hashable, CustomStringConvertible {
  /// Its place, counting from 0.
  public let index: Int
  /// What is wrong with it.
  public let reason: PairingError

  /// One sentence.
  public var description: String { "point \(index): \(reason)" }
}

/// Whether many points lie in the group of prime order, asked of 128 sums of them.
///
/// The curve is the direct product of the group and a part of small order. Take a set that each point
/// belongs to by a fair coin of its own. If one point has a part outside the group, then of the two
/// sets that differ in this point alone at most one has a sum in the group; so a sum lies in the group
/// with probability at most 1/2, and all of 128 with at most 2^-128. Eight sets at a time are summed up
/// from the 255 sums of points that belong to the same of them.
///
/// Source: the random subset test of Bellare, Garay, Rabin, *Fast Batch Verification for Modular
/// Exponentiation and Digital Signatures* (Eurocrypt 1998), with the coins for membership in place of
/// an equation.
extension GroupKernel {
  /// From how many points on sums are faster than to ask each.
  static var fewest: Int { 400 }

  func areInSubgroup(
    _ points: [Point], using source: inout some SecretSource, workers: Int
  ) throws(PairingError) -> Bool {
    guard points.count >= Self.fewest else { return points.allSatisfy(isInSubgroup) }
    let coins: [UInt8]
    do throws(SystemRandomness.Failure) {
      coins = try SecretBytes(random: 16 * points.count, using: &source).revealed()
    } catch {
      throw .randomness(error)
    }
    let coordinates = normalized(points)
    return WorkerPool.map(16, workers: workers) { index, _ in
      subsetsAreInSubgroup(
        coordinates, Array(coins[index * points.count..<(index + 1) * points.count]))
    }.allSatisfy { $0 }
  }

  func decoded(
    _ encodings: [[UInt8]], using source: inout some SecretSource, workers: Int
  ) throws(BadEncoding) -> [Point] {
    let points = try WorkerPool.map(encodings.count, workers: workers) {
      (index, _) throws(BadEncoding) in
      do throws(PairingError) {
        return try decoded(encodings[index], checksGroup: false).point
      } catch {
        throw BadEncoding(index: index, reason: error)
      }
    }
    do throws(PairingError) {
      if try areInSubgroup(points, using: &source, workers: workers) { return points }
    } catch {
      throw BadEncoding(index: 0, reason: error)
    }
    // The sum of points of the group is in the group: there is one that is not.
    throw BadEncoding(
      index: points.firstIndex { !isInSubgroup($0) } ?? 0, reason: .notInSubgroup)
  }
}

extension G1Point {
  /// The points of many encodings, each read as ``init(encoding:)`` reads one.
  ///
  /// - Parameters:
  ///   - source: Of the coins that decide what is added up; nobody who makes the points may know them.
  ///   - workers: How many threads.
  /// - Throws: `BadEncoding`: the first that is not that of a point of the curve, or else the first
  ///   that is outside the group. One outside the group is missed with probability 2^-128.
  /// - Complexity: Of many points about 700 products of the field each, where one by one takes 1,900.
  public static func decode(
    _ encodings: [[UInt8]], using source: inout some SecretSource, workers: Int = 1
  ) throws(BadEncoding) -> [G1Point] {
    try g1.decoded(encodings, using: &source, workers: workers).map { G1Point($0) }
  }
}

extension G2Point {
  /// The points of many encodings, each read as ``init(encoding:)`` reads one.
  ///
  /// - Parameters:
  ///   - source: Of the coins that decide what is added up; nobody who makes the points may know them.
  ///   - workers: How many threads.
  /// - Throws: `BadEncoding`: the first that is not that of a point of the curve, or else the first
  ///   that is outside the group. One outside the group is missed with probability 2^-128.
  public static func decode(
    _ encodings: [[UInt8]], using source: inout some SecretSource, workers: Int = 1
  ) throws(BadEncoding) -> [G2Point] {
    try g2.decoded(encodings, using: &source, workers: workers).map { G2Point($0) }
  }
}
