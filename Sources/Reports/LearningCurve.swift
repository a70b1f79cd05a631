internal import Experiments

/// Test accuracy by round over the seeds of a cell.
struct LearningCurve: Sendable {
  /// The rounds that every finished seed measured.
  var points: [Point]

  /// A round over the seeds.
  struct Point: Sendable, Hashable {
    /// Rounds done.
    var round: Int
    /// Mean test accuracy.
    var mean: Double
    /// The least of the seeds.
    var minimum: Double
    /// The greatest of the seeds.
    var maximum: Double
  }

  /// The curve of these seeds; nil when none measured anything. O(seeds × rounds).
  init?(_ rows: [MatrixResults.Row]) {
    let curves = rows.compactMap { $0.metrics?.curve }
    var byRound: [Int: [Double]] = [:]
    for point in curves.joined() { byRound[point.round, default: []].append(point.accuracy) }
    points = byRound.sorted { $0.key < $1.key }.compactMap { round, values in
      guard values.count == curves.count, let least = values.min(), let most = values.max() else {
        return nil
      }
      let mean = values.reduce(0, +) / Double(values.count)
      return Point(round: round, mean: mean, minimum: least, maximum: most)
    }
    if points.isEmpty { return nil }
  }
}
