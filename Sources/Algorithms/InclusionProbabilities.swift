/// Inclusion probabilities proportional to weights, as a sample of fixed size can have them.
///
///     π_k = min(1, c w_k), with c such that Σ π_k = min(size, number of positive weights)
///
/// Found by taking every client whose share is 1 or more with certainty and sharing the remaining
/// places out among the others, until none is left that reaches 1 (Särndal, Swensson, Wretman 1992,
/// *Model Assisted Survey Sampling*, section 3.6).
struct InclusionProbabilities {
  /// One for each weight, in [0, 1].
  private(set) var values: [Double]
  /// Their sum: how many are drawn.
  let size: Int

  /// - Precondition: Weights are finite and at least 0.
  /// - Complexity: O(n log n).
  init(proportionalTo weights: [Double], size: Int) {
    let order = weights.indices.filter { weights[$0] > 0 }.sorted { weights[$0] > weights[$1] }
    self.size = min(max(size, 0), order.count)
    values = weights.map { _ in 0 }
    // In decreasing order those that are certain come first. Weights are taken relative to the largest
    // and added from the smallest up, so that no sum overflows.
    let largest = order.first.map { weights[$0] } ?? 1
    var rest = [Double](repeating: 0, count: order.count + 1)
    for place in order.indices.reversed() {
      rest[place] = rest[place + 1] + weights[order[place]] / largest
    }
    var certain = 0
    while certain < self.size,
      Double(self.size - certain) * (weights[order[certain]] / largest) >= rest[certain]
    {
      values[order[certain]] = 1
      certain += 1
    }
    guard rest[certain] > 0 else { return }
    for place in certain..<order.count {
      let share = (weights[order[place]] / largest) / rest[certain]
      values[order[place]] = min(1, Double(self.size - certain) * share)
    }
  }
}
