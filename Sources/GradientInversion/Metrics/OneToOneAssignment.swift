/// The one-to-one assignment of least total cost.
///
/// Reconstructions of a batch come in any order, so each is matched to one original before it is
/// judged; matching each to its nearest original instead would count one original many times.
///
/// Source: Kuhn, The Hungarian method, Naval Research Logistics 1955, as shortest augmenting paths
/// (Jonker, Volgenant, Computing 1987).
public enum OneToOneAssignment {
  /// For each row the column assigned to it.
  ///
  /// - Parameter costs: Rows of equal length, at least as many columns as rows, all finite.
  /// - Throws: `InversionError` if the table is ragged, too narrow or not finite.
  /// - Complexity: O(rows^2 columns).
  public static func cheapest(_ costs: [[Double]]) throws(InversionError) -> [Int] {
    let columns = costs.first?.count ?? 0
    for (row, line) in costs.enumerated() {
      guard line.count == columns, columns >= costs.count else {
        throw .sizeMismatch(
          what: "columns of cost row \(row)", got: line.count,
          expected: "the same in every row, at least the \(costs.count) rows")
      }
      if let bad = line.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(what: "cost row \(row)", index: bad)
      }
    }
    // Column 0 is a root that stands for "none"; `u`, `v` are the dual prices.
    var u = [Double](repeating: 0, count: costs.count + 1)
    var v = [Double](repeating: 0, count: columns + 1)
    var owner = [Int](repeating: 0, count: columns + 1)
    for row in 1..<(costs.count + 1) {
      var previous = [Int](repeating: 0, count: columns + 1)
      var distance = [Double](repeating: .infinity, count: columns + 1)
      var done = [Bool](repeating: false, count: columns + 1)
      owner[0] = row
      var column = 0
      repeat {
        done[column] = true
        let current = owner[column]
        var (step, next) = (Double.infinity, 0)
        for candidate in 1..<(columns + 1) where !done[candidate] {
          let reduced = costs[current - 1][candidate - 1] - u[current] - v[candidate]
          if reduced < distance[candidate] {
            distance[candidate] = reduced
            previous[candidate] = column
          }
          if distance[candidate] < step { (step, next) = (distance[candidate], candidate) }
        }
        for index in 0...columns {
          if done[index] {
            u[owner[index]] += step
            v[index] -= step
          } else {
            distance[index] -= step
          }
        }
        column = next
      } while owner[column] != 0
      while column != 0 {
        owner[column] = owner[previous[column]]
        column = previous[column]
      }
    }
    var result = [Int](repeating: 0, count: costs.count)
    for column in 1..<(columns + 1) where owner[column] != 0 {
      result[owner[column] - 1] = column - 1
    }
    return result
  }
}
