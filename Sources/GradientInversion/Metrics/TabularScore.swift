/// How much of table rows was recovered, after one-to-one matching.
///
/// A category counts when it is the true one, a number when it is within 0.319 standard deviations
/// of its column: the interval that holds a quarter of a normal distribution.
///
/// Source: Vero, Balunovic, Dimitrov, Vechev, TabLeak, ICML 2023, section 5 (accuracy).
public struct TabularScore: Sendable, Hashable {
  /// What a column holds.
  public enum Column: Sendable, Hashable {
    /// A number in units in which the column's standard deviation is this.
    case number(deviation: Double)
    /// A category, written as its number.
    case category
  }

  /// The tolerance in standard deviations.
  public static let tolerance = 0.319

  /// For each original row the share of its columns that are right.
  public let rows: [Double]
  /// The mean of that.
  public var accuracy: Double { rows.reduce(0, +) / Double(rows.count) }

  /// Matches rows one to one by the number of wrong columns and counts the right ones.
  ///
  /// - Throws: `InversionError` if the tables are not equally large, or a value is not a number.
  public init(
    of reconstructions: [[Float]], against originals: [[Float]], columns: [Column]
  ) throws(InversionError) {
    guard reconstructions.count == originals.count, !originals.isEmpty else {
      throw .sizeMismatch(
        what: "reconstructed rows", got: reconstructions.count,
        expected: "one for each of \(max(1, originals.count)) originals")
    }
    for row in reconstructions + originals {
      guard row.count == columns.count else {
        throw .sizeMismatch(
          what: "columns of a row", got: row.count, expected: "\(columns.count)")
      }
      if let bad = row.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(what: "a row", index: bad)
      }
    }
    let costs = originals.map { original in
      reconstructions.map { 1 - Self.share($0, original, columns) }
    }
    let assigned = try OneToOneAssignment.cheapest(costs)
    rows = zip(costs, assigned).map { 1 - $0.0[$0.1] }
  }

  private static func share(_ a: [Float], _ b: [Float], _ columns: [Column]) -> Double {
    let right = columns.indices.count { index in
      switch columns[index] {
      case .category: a[index].rounded() == b[index].rounded()
      case .number(let deviation):
        abs(Double(a[index]) - Double(b[index])) <= tolerance * deviation
      }
    }
    return Double(right) / Double(columns.count)
  }
}
