public import Randomness

/// How often each class occurs in a batch, as an attacker believes.
public struct LabelCounts: Sendable, Hashable {
  /// One count for each class.
  public let counts: [Int]

  /// Counts, none negative.
  public init(_ counts: [Int]) {
    precondition(counts.allSatisfy { $0 >= 0 }, "a count is at least 0")
    self.counts = counts
  }

  /// The counts of labels below `classes`.
  ///
  /// - Throws: `InversionError` for a label out of range.
  public init(of labels: [Int32], classes: Int) throws(InversionError) {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels {
      guard label >= 0, label < classes else {
        throw .invalid(
          what: "a label", got: "\(label)", requirement: "must be from 0 to \(classes - 1)")
      }
      counts[Int(label)] += 1
    }
    self.counts = counts
  }

  /// Whole counts of sum `total` from estimates: negative ones count as 0, the rest is scaled to
  /// the sum, rounded down, and what is missing goes to the largest remainders, the first of equals
  /// first.
  ///
  /// Estimates 1.6, 0.9, -0.2 of 3 become 2, 1, 0. Without any positive estimate the counts are as
  /// equal as can be.
  public init(rounding estimates: [Double], total: Int) {
    var positive = estimates.map { $0.isFinite ? max($0, 0) : 0 }
    let sum = positive.reduce(0, +)
    if sum > 0 {
      for index in positive.indices { positive[index] *= Double(total) / sum }
    } else {
      positive = positive.map { _ in Double(total) / Double(max(1, estimates.count)) }
    }
    // An estimate a rounding error below a whole number is that number.
    var counts = positive.map { Int(($0 + 1e-9).rounded(.down)) }
    let remainders = positive.indices.sorted {
      let (left, right) = (
        positive[$0] - Double(counts[$0]), positive[$1] - Double(counts[$1])
      )
      return left == right ? $0 < $1 : left > right
    }
    var missing = total - counts.reduce(0, +)
    for index in remainders where missing > 0 {
      counts[index] += 1
      missing -= 1
    }
    self.counts = counts
  }

  /// Examples in all.
  public var total: Int { counts.reduce(0, +) }

  /// The labels in increasing order.
  public var labels: [Int32] {
    counts.enumerated().flatMap { [Int32](repeating: Int32($0.offset), count: $0.element) }
  }

  /// The baseline that knows nothing: labels drawn uniformly.
  public static func random(
    classes: Int, total: Int, using generator: inout Generator
  ) -> LabelCounts {
    var counts = [Int](repeating: 0, count: classes)
    for _ in 0..<total { counts[generator.uniform(below: classes)] += 1 }
    return LabelCounts(counts)
  }

  /// The baseline that knows how frequent each class is: the expected counts, rounded.
  public static func prior(_ frequencies: [Double], total: Int) -> LabelCounts {
    LabelCounts(rounding: frequencies, total: total)
  }
}
