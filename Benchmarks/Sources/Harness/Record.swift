/// Everything a benchmark found in one case, as it goes to the table and to the JSON file.
public struct Record: Sendable, Codable {
  /// The benchmark: `local-sgd`.
  public var benchmark: String
  /// The case: `mlp, batch 10`.
  public var label: String
  /// What the figures are: `examples/s`.
  public var unit: String
  /// Which way is better.
  public var measure: Measure
  /// Headings of the figures of both sides.
  public var titles = Titles()
  /// Our figures.
  public var ours: Series
  /// What ours is compared with, the one that counts first; empty if there is none.
  public var others: [Other] = []
  /// What is measured in the same rounds without being compared with.
  public var baselines: [Other] = []
  /// Ours against the one that counts.
  public var comparison: Comparison?
  /// What must be reached, if anything.
  public var target: Target?
  /// What the target is about: our own median, or the ratio to the other side.
  public var isTargetOnRatio = true
  /// Whether the target is reached; nil if there is none, nothing to compare with, or too little was
  /// measured for a verdict.
  public var isReached: Bool?
  /// Why something is missing.
  public var remark: String?

  /// What the columns of both sides are called.
  public struct Titles: Sendable, Codable, Hashable {
    /// Our side.
    public var ours: String
    /// The side that ours is compared with.
    public var other: String

    /// Rampart and PyTorch, unless told otherwise.
    public init(ours: String = "Rampart", other: String = "PyTorch") {
      self.ours = ours
      self.other = other
    }
  }

  /// Another side and its figures.
  public struct Other: Sendable, Codable {
    /// Who.
    public var name: String
    /// The figures.
    public var series: Series

    /// The figures of `name`.
    public init(name: String, series: Series) {
      self.name = name
      self.series = series
    }
  }

  /// A record whose first other side is the better one of `others`.
  public init(
    benchmark: String, label: String, unit: String, measure: Measure, ours: Series,
    others: [Other] = []
  ) {
    self.benchmark = benchmark
    self.label = label
    self.unit = unit
    self.measure = measure
    self.ours = ours
    self.others = others.sorted {
      measure != .rate
        ? $0.series.median < $1.series.median : $0.series.median > $1.series.median
    }
    comparison = self.others.first.map { Comparison(measure, ours: ours, other: $0.series) }
  }

  /// The figure that the target is about.
  public var judged: Double? {
    isTargetOnRatio ? comparison?.byRound.median : ours.median
  }

  /// Compares the judged figure with the target.
  public mutating func judge() {
    isReached = if let target, let judged { target.isReached(by: judged) } else { nil }
  }
}
