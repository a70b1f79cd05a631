extension Generator {
  /// A uniform number in [0, 1), a multiple of 2^-53.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A uniform number in (0, 1], a multiple of 2^-53: safe under a logarithm.
  mutating func positiveUniform() -> Double {
    Double((next() >> 11) + 1) * 0x1p-53
  }

  /// A uniform integer in `0..<bound`, without bias.
  ///
  /// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 2019, algorithm 5.
  ///
  /// - Precondition: `bound > 0`.
  public mutating func uniform(below bound: Int) -> Int {
    precondition(bound > 0, "an integer below \(bound) does not exist; the bound must be positive")
    let width = UInt64(bound)
    var product = next().multipliedFullWidth(by: width)
    if product.low < width {
      let threshold = (0 &- width) % width
      while product.low < threshold {
        product = next().multipliedFullWidth(by: width)
      }
    }
    return Int(product.high)
  }

  /// True with probability `p`; never for `p <= 0`, always for `p >= 1`.
  public mutating func bernoulli(_ p: Double) -> Bool {
    uniform() < p
  }

  /// A uniform permutation of `0..<n`.
  ///
  /// - Complexity: O(n).
  public mutating func permutation(_ n: Int) -> [Int] {
    choice(n, of: n)
  }

  /// `k` distinct integers out of `0..<n`, in random order: the first `k` of a permutation.
  ///
  /// Source: Durstenfeld, "Algorithm 235: random permutation", CACM 1964, stopped after `k` steps.
  ///
  /// - Precondition: `0 <= k <= n`.
  /// - Complexity: O(n) memory, `k` draws.
  public mutating func choice(_ k: Int, of n: Int) -> [Int] {
    precondition(k >= 0 && k <= n, "cannot choose \(k) distinct integers out of \(n)")
    var items = Array(0..<n)
    for i in 0..<k {
      items.swapAt(i, i + uniform(below: n - i))
    }
    items.removeLast(n - k)
    return items
  }
}
