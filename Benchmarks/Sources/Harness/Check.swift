/// Something that holds or does not, whatever the machine's speed.
public struct Check: Sendable, Codable {
  /// How it ended.
  public enum Outcome: String, Sendable, Codable {
    /// It holds.
    case passed
    /// It does not hold.
    case failed
    /// What it needs is not here: no statement.
    case absent
  }

  /// The benchmark: `exactness`.
  public var benchmark: String
  /// What was looked at: `mlp, gradient, Double`.
  public var label: String
  /// What was found: `largest error 3.1e-16`.
  public var finding: String
  /// How it ended.
  public var outcome: Outcome
  /// The values behind the finding, by what they are.
  public var values: [String: Double]

  /// What was found about `label`.
  public init(
    benchmark: String, label: String, finding: String, outcome: Outcome,
    values: [String: Double] = [:]
  ) {
    self.benchmark = benchmark
    self.label = label
    self.finding = finding
    self.outcome = outcome
    self.values = values
  }
}
