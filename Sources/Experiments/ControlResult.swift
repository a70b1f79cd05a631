public import Components

/// What an attack's positive control showed.
public struct ControlResult: Sendable, Hashable {
  /// Its bounds in order, each with what was seen; a bound that the runs could not measure is left
  /// out, except the first.
  public private(set) var readings: [Reading]

  /// A bound with what was seen.
  public struct Reading: Sendable, Hashable {
    /// What is measured.
    public var measure: PositiveControl.Measure
    /// The least mean that passes.
    public var minimum: Double
    /// The bound as a sentence.
    public var bound: String
    /// What was seen over the seeds; nil where it is not measured yet.
    public var seen: Estimate?

    /// Whether the mean over the seeds reaches the bound.
    public var passes: Bool { seen.map { $0.mean >= minimum } ?? false }
  }

  /// The bound that counts: the first that was reached, else the first.
  public var reading: Reading { readings.first(where: \.passes) ?? readings[0] }

  /// Whether any bound was reached.
  public var passes: Bool { readings.contains(where: \.passes) }

  /// The bounds of `description` as the finished `control` rows and their clean `twins` show them; nil
  /// without bounds. Without rows nothing was seen yet.
  package init?(
    _ description: CellDescription, control: [MatrixResults.Row], twins: [MatrixResults.Row]
  ) {
    guard let minimum = description.controlMinimum, let summary = description.controlSummary else {
      return nil
    }
    func seen(_ measure: PositiveControl.Measure) -> Estimate? {
      let values = measure.values(of: control, twins: twins)
      return values.count == control.count ? Estimate(values) : nil
    }
    let measure = description.controlMeasure ?? .accuracyLoss
    readings = [
      Reading(measure: measure, minimum: minimum, bound: summary, seen: seen(measure))
    ]
    for other in description.controlAlternatives ?? [] {
      guard let seen = seen(other.measure) else { continue }
      readings.append(
        Reading(
          measure: other.measure, minimum: other.minimum, bound: other.summary, seen: seen))
    }
  }
}

extension PositiveControl.Measure {
  /// Its values in `rows`, paired by seed with the clean `twins`; rows without one are left out.
  func values(of rows: [MatrixResults.Row], twins: [MatrixResults.Row]) -> [Double] {
    let clean = Dictionary(
      twins.compactMap { row in row.metrics.map { (row.seed, $0) } },
      uniquingKeysWith: { first, _ in first })
    return rows.compactMap { row in
      switch self {
      case .accuracyLoss: row.accuracyLoss
      case .displacement: row.metrics?.displacement
      case .recallLoss(let label):
        row.metrics?.recall(ofClass: label).flatMap { own in
          clean[row.seed]?.recall(ofClass: label).map { $0 - own }
        }
      case .figure(let name): row.metrics?.conclusions[name]
      }
    }
  }
}
