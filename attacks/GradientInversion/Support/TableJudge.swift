internal import Datasets
internal import Federation
internal import GradientInversion
internal import Learning

/// Scores table rows against the truth: the share of a row's columns that are right, beside what
/// the mean row and somebody else's row would get.
struct TableJudge {
  /// The figure that says how much better than the mean row the attack is.
  static let gain = "columns right above the mean row, share"

  private let truth: GroundTruth
  private let columns: [TabularScore.Column]
  /// Rows of the test part: they say what is typical.
  private let others: [[Float]]

  init(_ truth: GroundTruth) {
    self.truth = truth
    // Standardised columns have deviation 1.
    columns = [TabularScore.Column](
      repeating: .number(deviation: 1), count: truth.network.inputs)
    others = (0..<truth.test.count).map { truth.test.features(of: $0) }
  }

  func judge(_ batches: [InvertedBatch]) throws -> Conclusion {
    let typical = try ReconstructionBaseline.mean(of: others)
    var (found, byMean, byOther, overlaps) = ([Double](), [Double](), [Double](), [Double]())
    var failures: [String] = []
    for batch in batches {
      let originals = truth.originals(of: batch)
      guard batch.failure == nil, originals.count == batch.images.count, !originals.isEmpty else {
        failures.append(batch.failure ?? "not as many rows as the update's examples")
        continue
      }
      let rows = originals.map(\.features)
      found += try TabularScore(of: batch.images, against: rows, columns: columns).rows
      for row in rows {
        byMean += try TabularScore(of: [typical], against: [row], columns: columns).rows
        let shares = try others.map {
          try TabularScore(of: [$0], against: [row], columns: columns).accuracy
        }
        byOther.append(shares.reduce(0, +) / Double(shares.count))
      }
      overlaps.append(
        try LabelOverlap.share(
          counts: LabelCounts(of: originals.map(\.label), classes: truth.network.classes).counts,
          recovered: LabelCounts(of: batch.labels, classes: truth.network.classes).counts))
    }
    var conclusion = Conclusion(figures: [
      "attacks failed, share": Double(failures.count) / Double(max(1, batches.count))
    ])
    conclusion.remarks = Set(failures).sorted().map { reason in
      "attack failed on \(failures.count { $0 == reason }) of \(batches.count) updates: \(reason)"
    }
    guard let spread = ScoreSpread(found) else { return conclusion }
    func average(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    conclusion.figures.merge([
      "columns right, share, mean": average(found), "columns right, share, median": spread.median,
      "columns right, share, worst": spread.lowest, "columns right, share, best": spread.highest,
      "columns right by the mean row, share": average(byMean),
      "columns right by another row, share": average(byOther),
      Self.gain: average(found) - average(byMean), "label overlap": average(overlaps),
      "examples": Double(found.count),
    ]) { _, new in new }
    return conclusion
  }
}
