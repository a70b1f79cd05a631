import Randomness

/// Nonnegative weights of which one is drawn in proportion and any can be taken out, each in
/// O(log n).
///
/// A complete binary tree of sums. A sum is always computed from its two children and never
/// adjusted, so that what has been taken out weighs exactly nothing.
struct WeightTree {
  /// Sums, the root at 1, the children of `i` at `2 i` and `2 i + 1`.
  private var sums: [Double]
  /// Where the leaves begin.
  private let base: Int

  /// A tree over these weights.
  init(_ weights: [Double]) {
    var base = 1
    while base < weights.count { base *= 2 }
    self.base = base
    sums = [Double](repeating: 0, count: 2 * base)
    for (index, weight) in weights.enumerated() { sums[base + index] = weight }
    for node in stride(from: base - 1, to: 0, by: -1) {
      sums[node] = sums[2 * node] + sums[2 * node + 1]
    }
  }

  /// The sum of all weights.
  var total: Double { sums[1] }

  /// Gives the weight at `index` another value.
  mutating func set(_ index: Int, to weight: Double) {
    var node = base + index
    sums[node] = weight
    while node > 1 {
      node /= 2
      sums[node] = sums[2 * node] + sums[2 * node + 1]
    }
  }

  /// An index with probability proportional to its weight; never one that weighs nothing.
  ///
  /// - Precondition: `total > 0`.
  func draw(using generator: inout Generator) -> Int {
    precondition(total > 0, "nothing is left to draw")
    var rest = generator.uniform() * total
    var node = 1
    while node < base {
      node *= 2
      if rest >= sums[node], sums[node + 1] > 0 {
        rest -= sums[node]
        node += 1
      }
    }
    return node - base
  }
}
