internal import Glibc

/// The one equation of a softmax head without a bias, for a single example `x` of class y.
///
/// The rows of the weight's gradient are `g_c = k_c x` with `k_c = p_c - [c = y]`, so that
/// `x = g_y / k_y` and the outputs are `W_c g_y / k_y`. With `t = -1 / k_y > 1` and
/// `b_c = W_y g_y - W_c g_y`, `p_y = 1 + k_y` reads
///
///     (t - 1) sum_{c != y} e^(b_c t) = 1
///
/// whose logarithm is concave plus convex: it may have up to three roots, and no equation tells them
/// apart.
struct RGAPHead {
  private let label: Int
  private let gaps: [Double]
  private let shares: [Double]

  /// - Parameters:
  ///   - outputs: `W_c g_y` of every class.
  ///   - gradients: `g_c g_y` of every class.
  init(label: Int, outputs: [Double], gradients: [Double]) {
    self.label = label
    gaps = outputs.indices.filter { $0 != label }.map { outputs[label] - outputs[$0] }
    shares = gradients.map { $0 / gradients[label] }
  }

  /// `k_c` of every class for the label's own.
  func derivatives(_ own: Double) -> [Double] { shares.map { $0 * own } }

  /// The solutions `k_y`, at least one, each between -1 and 0.
  var roots: [Double] {
    // The grid is even in log(t - 1), over which the equation changes slowly.
    let grid = (-1200...1200).map { Double($0) / 60 }
    let values = grid.map(equation)
    var found: [Double] = []
    for index in 1..<grid.count where (values[index - 1] < 0) != (values[index] < 0) {
      found.append(bisect(grid[index - 1], grid[index]))
    }
    if found.isEmpty, let nearest = grid.indices.min(by: { abs(values[$0]) < abs(values[$1]) }) {
      // Two roots that have met, as rounding has it.
      found = [grid[nearest]]
    }
    return found.map { -1 / (1 + exp($0)) }
  }

  /// The equation's logarithm at `t = 1 + e^u`.
  private func equation(_ u: Double) -> Double {
    let t = 1 + exp(u)
    let largest = (gaps.max() ?? 0) * t
    return u + largest + log(gaps.reduce(0) { $0 + exp($1 * t - largest) })
  }

  private func bisect(_ from: Double, _ to: Double) -> Double {
    var (low, high) = (from, to)
    let rises = equation(to) > equation(from)
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if (equation(middle) < 0) == rises { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
