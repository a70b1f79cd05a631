internal import Synchronization
package import Tensors

extension Flanders {
  /// The matrix that follows `past`, oldest first, in the matrix autoregression fitted to it; the last
  /// one again where there is nothing to fit.
  package static func forecast(_ past: [SmallMatrix], iterations: Int) -> SmallMatrix {
    guard let last = past.last else { return SmallMatrix(zeros: 0, columns: 0) }
    guard past.count > 1 else { return last }
    // One unit for all values: squares neither overflow nor vanish.
    let unit = past.reduce(0) { max($0, $1.entries.reduce(0) { max($0, abs($1)) }) }
    guard unit > 0, unit.isFinite else { return last }
    let scaled = SmallMatrix(
      rows: last.rows * past.count, columns: last.columns,
      entries: past.flatMap { $0.entries.map { $0 / unit } })
    // Rows of more entries than there are rows: least squares of least norm stay within what the
    // rows span, and are the same in any orthonormal basis of that.
    let basis = scaled.columns > scaled.rows ? scaled.rowSpaceBasis : nil
    let all = basis.map { SmallMatrix.product(scaled, $0.transposed) } ?? scaled
    let (n, pairs) = (last.rows, past.count - 1)
    let (from, to) = (all.rows(0..<n * pairs), all.rows(n..<n * (pairs + 1)))
    let newest = all.rows(n * pairs..<n * (pairs + 1))
    let (flippedFrom, flippedTo) = (from.blocks(n), to.blocks(n))
    let size = to.squaredSize
    var right = from  // Θ_{t-1} B
    var result = newest
    var before = Double.infinity
    for _ in 0..<iterations {
      // Aᵀ from what Θ_{t-1} B has in its columns, then B from the rows of A Θ_{t-1}.
      guard let left = LeastSquares(inputs: right.blocks(n), outputs: flippedTo) else { break }
      let mixed = SmallMatrix(stacking: flippedFrom.map { left.predict($0).transposed })
      guard let turn = LeastSquares(inputs: [mixed], outputs: [to]) else { break }
      right = turn.predict(from)
      let forecast = turn.predict(left.predict(newest.transposed).transposed)
      guard forecast.entries.allSatisfy(\.isFinite) else { break }
      result = forecast
      // Least squares never get worse; stop when they hardly get better, or are as good as exact.
      let made = turn.predict(mixed)
      let error = SmallMatrix(
        rows: to.rows, columns: to.columns, entries: zip(made.entries, to.entries).map(-)
      ).squaredSize
      if error >= before * (1 - 1e-9) || error <= 1e-20 * size { break }
      before = error
    }
    let found = basis.map { SmallMatrix.product(result, $0) } ?? result
    return SmallMatrix(
      rows: found.rows, columns: found.columns, entries: found.entries.map { $0 * unit })
  }
}

/// A forecast, once somebody asked for it. Copies share it; it is not written down, as it follows
/// from what is.
final class RememberedForecast: Codable, Sendable {
  private let known = Mutex<(past: [SmallMatrix], forecast: SmallMatrix)?>(nil)

  /// None yet.
  init() {}

  /// None yet.
  init(from decoder: any Decoder) throws {}

  /// Nothing.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(contentsOf: [Bool]())
  }

  /// The forecast after `past`.
  func value(after past: [SmallMatrix], make: () -> SmallMatrix) -> SmallMatrix {
    known.withLock { known in
      if let known, known.past == past { return known.forecast }
      let forecast = make()
      known = (past, forecast)
      return forecast
    }
  }
}

extension SmallMatrix {
  /// Some of the rows.
  fileprivate func rows(_ range: Range<Int>) -> SmallMatrix {
    SmallMatrix(
      rows: range.count, columns: columns,
      entries: Array(entries[range.lowerBound * columns..<range.upperBound * columns]))
  }

  /// Every `count` rows, transposed.
  fileprivate func blocks(_ count: Int) -> [SmallMatrix] {
    stride(from: 0, to: rows, by: count).map { rows($0..<$0 + count).transposed }
  }

  /// The sum of the squares of all entries.
  fileprivate var squaredSize: Double { entries.reduce(0) { $0 + $1 * $1 } }
}
