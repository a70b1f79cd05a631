import Foundation
import Rampart

/// Rows of 30 features and a leading 1 for the bias, and whether each was benign.
struct Table {
  var rows: [[Double]] = []
  var labels: [Double] = []

  init() {}

  init(_ examples: LabeledExamples) {
    rows = (0..<examples.count).map { [1] + examples.features(of: $0).map(Double.init) }
    labels = examples.labels.map(Double.init)
  }

  /// Every `parts`-th row, from `part` on.
  func part(_ part: Int, of parts: Int) -> Table {
    var table = Table()
    for index in stride(from: part, to: rows.count, by: parts) {
      table.rows.append(rows[index])
      table.labels.append(labels[index])
    }
    return table
  }
}

/// P(benign | x) = 1 / (1 + e^(-w.x)).
func probability(_ row: [Double], _ weights: [Double]) -> Double {
  1 / (1 + exp(-zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 }))
}

/// The gradient of the log loss, summed over the table's rows: sum of (P(benign | x) - y) x.
func gradient(_ table: Table, _ weights: [Double]) -> [Double] {
  var sum = [Double](repeating: 0, count: weights.count)
  for (row, label) in zip(table.rows, table.labels) {
    let error = probability(row, weights) - label
    for index in sum.indices { sum[index] += error * row[index] }
  }
  return sum
}

/// The share of rows on the right side.
func accuracy(_ table: Table, _ weights: [Double]) -> Double {
  let right = zip(table.rows, table.labels).count {
    (probability($0.0, weights) > 0.5) == ($0.1 > 0.5)
  }
  return Double(right) / Double(table.rows.count)
}
