import Components
import Glibc
import Learning
import Randomness

/// Steps that several partitions take.
extension Partition {
  /// Throws if not every one of `clients` can have an example.
  func checkEnough(_ pool: ExamplePool, clients: Int) throws(DataError) {
    guard clients <= pool.count else {
      throw .moreClientsThanExamples(
        partition: Self.card.name, clients: clients, examples: pool.count)
    }
  }

  /// Throws if not every one of `clients` can have `minimumSize` examples.
  func checkEnough(
    _ pool: ExamplePool, clients: Int, minimumSize: Int
  ) throws(DataError) {
    try checkEnough(pool, clients: clients)
    guard minimumSize <= pool.count / clients else {
      throw .clientsTooLarge(
        partition: Self.card.name, clients: clients, minimumSize: minimumSize,
        examples: pool.count)
    }
  }

  /// Throws if the examples are no images.
  func checkImages(_ pool: ExamplePool, for purpose: String) throws(DataError) {
    guard pool.examples.shape.count == 3 else {
      let shape = pool.examples.shape.map(String.init).joined(separator: "x")
      throw unfit(
        "\(purpose) needs images, channels x height x width, and the examples are \(shape)",
        "use data with images, or another partition")
    }
  }

  /// An error of this partition: what is wrong, and what would work.
  func unfit(_ problem: String, _ remedy: String) -> DataError {
    .unfit(partition: Self.card.name, problem: problem, remedy: remedy)
  }

  /// Draws until every client has enough.
  ///
  /// - Parameters:
  ///   - minimumSize: What the smallest client must reach.
  ///   - variates: About how many random numbers one draw takes. Draws are given up after 10,000, or
  ///     earlier, but not before 100, when they would take more than 2 10^7 numbers together.
  ///   - remedy: What else would help: `a larger alpha or fewer clients`.
  ///   - draw: A draw, and the size of its smallest client.
  /// - Throws: `DataError.unfit` when no draw was good enough.
  func redrawn<Draw>(
    minimumSize: Int, variates: Int, remedy: String, using generator: inout Generator,
    _ draw: (inout Generator) -> (Draw, smallest: Int)
  ) throws(DataError) -> Draw {
    let draws = min(10_000, max(100, 20_000_000 / max(variates, 1)))
    var best = 0
    for _ in 0..<draws {
      let (drawn, smallest) = draw(&generator)
      if smallest >= minimumSize { return drawn }
      best = max(best, smallest)
    }
    throw unfit(
      "in \(draws) draws some client always had fewer than \(minimumSize) examples; the best draw "
        + "gave \(best)",
      best >= 1 ? "use a minimum-size of \(best) or less, or \(remedy)" : "use \(remedy)")
  }

  /// All examples in random order, cut into parts of these sizes: contents are IID.
  func dealt(_ sizes: [Int], using generator: inout Generator) -> [[Int]] {
    let order = generator.permutation(sizes.reduce(0, +))
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return order[start..<(start + size)].sorted()
    }
  }
}

/// Sizes that differ by at most one: part `j` of `n` runs from `floor(j N / n)` to
/// `floor((j + 1) N / n)`.
func equalSizes(_ total: Int, parts: Int) -> [Int] {
  (0..<parts).map { ($0 + 1) * total / parts - $0 * total / parts }
}

/// Sizes in proportion to `weights`, which need not sum to 1: cuts at
/// `floor(total (w_1 + ... + w_j) / sum)`, so that each is within one of its exact share.
func proportionalSizes(_ total: Int, weights: [Double]) -> [Int] {
  let sum = weights.reduce(0, +)
  var (partial, start) = (0.0, 0)
  return weights.indices.map { index in
    partial += weights[index]
    // Rounding must not leave the end to nobody.
    let end =
      index == weights.count - 1
      ? total : min(max(Int(partial / sum * Double(total)), start), total)
    defer { start = end }
    return end - start
  }
}

/// Numbers in proportion to the exponentials of `logarithms`, the largest 1: none overflows.
func scaledExponentials(_ logarithms: [Double]) -> [Double] {
  let largest = logarithms.max() ?? 0
  return logarithms.map { exp($0 - largest) }
}
