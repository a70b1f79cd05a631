public import Components
internal import Glibc

/// The likelihood-ratio attack: is the target's confidence in an example more like that of shadow
/// models trained with it, or without?
///
///     phi     = log p_y - log(1 - p_y)
///     online    log N(phi; mu_in, s_in^2) - log N(phi; mu_out, s_out^2)
///     offline   log Pr[Z <= (phi - mu_out)/s_out], Z standard normal      (one-sided)
///     offline-two-sided   -log N(phi; mu_out, s_out^2)
///
/// mu and s are estimated over the shadows of each example; with several queries scores are
/// averaged. How variances are estimated decides at few shadows: see ``Variance``.
///
/// Published code differs: its offline attack is the two-sided form, which calls members also what
/// fits the target worse than all shadows; its fixed variance is that of all IN scores around their
/// common mean, used for both sides, and so contains how examples differ. Here `fixed` is around
/// each example's own mean, for each side (as in TensorFlow Privacy). Medians are the published
/// choice for mu; variances are about the mean in any case.
///
/// With 14 shadows of an overfitted `mlp` on handwriting, twelve runs, it finds at 0.1% false
/// positives 12.0% of the members online and 9.0% offline with `fixed` variances, 5.5% and 5.2% with
/// `per-example` ones; one threshold on the loss finds 0.2%.
///
/// Source: Carlini, Chien, Nasr, Song, Terzis, Tramer, "Membership inference attacks from first
/// principles" (arXiv 2112.03570), algorithm 1 and section IV.
public struct LiRA: MembershipScore {
  /// Which shadows are at hand, and which alternative is tested.
  public enum Mode: String, CaseIterable, Codable, Hashable, Sendable {
    /// Shadows with and without the example.
    case online
    /// Shadows without it; members are expected above.
    case offline
    /// Shadows without it; members are expected anywhere off.
    case offlineTwoSided = "offline-two-sided"
  }

  /// How the variances are estimated.
  public enum Variance: String, CaseIterable, Codable, Hashable, Sendable {
    /// `per-example` from 32 shadows of each kind on, else `fixed`: the paper's rule.
    case automatic
    /// From each example's own shadows, each side for itself.
    case perExample = "per-example"
    /// One for each side, over all examples, around each one's own mean.
    case fixed
    /// One for both sides, over all examples, around each one's own means.
    case pooled
    /// One for each side and class, around each example's own mean. Needs labels.
    case perClass = "per-class"
    /// Between `per-example` and `fixed`, weighted by how much variances differ (empirical Bayes).
    case shrinkage
  }

  /// Where a side's distribution is centred.
  public enum Center: String, CaseIterable, Codable, Hashable, Sendable {
    /// The mean.
    case mean
    /// The median, as in the published code.
    case median
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Which shadows are used.
    public var mode = Mode.online
    /// How variances are estimated.
    public var variance = Variance.automatic
    /// Where a side's distribution is centred.
    public var center = Center.median

    /// Online, automatic variances, medians.
    public init(
      mode: Mode = .online, variance: Variance = .automatic, center: Center = .median
    ) {
      self.mode = mode
      self.variance = variance
      self.center = center
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "lira",
    summary: "Is the confidence more like that of shadow models with the example, or without it?",
    formula: "log N(phi; mu_in, s_in^2) - log N(phi; mu_out, s_out^2), phi = log p_y/(1 - p_y)",
    citation: "Carlini et al. 2022, arXiv 2112.03570, algorithm 1",
    needs: [.targetLoss, .shadowModels],
    parameters: [
      .init("mode", "which shadows are used", range: "online, offline or offline-two-sided"),
      .init(
        "variance", "how variances are estimated",
        range: "automatic, per-example, fixed, pooled, per-class or shrinkage"),
      .init("center", "where a side's distribution is centred", range: "mean or median"),
    ])

  /// Online, automatic variances, medians.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with `parameters`.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  /// Fits and compares.
  ///
  /// - Complexity: O(models log models) an example with medians, O(models) without; then O(1) a
  ///   target.
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    let phi = try table.outputs.signal(.phi, for: Self.card.name, workers: workers)
    let sweep = ColumnSweep(phi, of: table, workers: workers)
    let needed = try check(targets, table)
    let spread = try SpreadModel(
      parameters.variance, targets: targets, sweep: sweep, labels: table.outputs.labels,
      sides: parameters.mode == .online ? [true, false] : [false])
    return try sweep.scores(targets: targets.count) { column throws(MembershipError) in
      let sorted = parameters.center == .median ? SortedSides(column) : nil
      var scores: [Double] = []
      scores.reserveCapacity(targets.count)
      for (slot, target) in targets.enumerated() {
        let (inside, outside) = column.moments(leaving: target)
        guard try has(needed, inside, outside, column) else {
          scores.append(.nan)
          continue
        }
        let centers = sorted?.medians(leaving: target, of: column)
        let x = column.values[target]
        let outMean = centers?.outside ?? outside.mean
        let outVariance = spread.variance(
          outside, isIn: false, slot: slot, example: column.example)
        switch parameters.mode {
        case .online:
          let inVariance = spread.variance(inside, isIn: true, slot: slot, example: column.example)
          scores.append(
            NormalLogarithms.density(
              x, mean: centers?.inside ?? inside.mean, variance: inVariance)
              - NormalLogarithms.density(x, mean: outMean, variance: outVariance))
        case .offline:
          scores.append(NormalLogarithms.cumulative((x - outMean) / outVariance.squareRoot()))
        case .offlineTwoSided:
          scores.append(-NormalLogarithms.density(x, mean: outMean, variance: outVariance))
        }
      }
      return scores
    }
  }

  /// How many shadows of a kind the variance mode needs at least.
  private func check(_ targets: [Int], _ table: ShadowTable) throws(MembershipError) -> Int {
    if parameters.variance == .perClass, table.outputs.labels.isEmpty {
      throw .missing(
        score: "lira with variance per-class", what: "labels",
        remedy: "give 'labels', or take variance fixed")
    }
    return parameters.variance == .perExample ? 2 : 1
  }

  /// Whether there are enough shadows; an error if there must be.
  private func has(
    _ needed: Int, _ inside: Moments, _ outside: Moments, _ column: ExampleColumn
  ) throws(MembershipError) -> Bool {
    let lacksInside = parameters.mode == .online && inside.count < needed
    guard lacksInside || outside.count < needed else { return true }
    guard column.isAudited else { return false }
    throw .tooFewShadows(
      needed == 2 ? "lira with variance per-example" : "lira", example: column.example,
      isIn: lacksInside, got: lacksInside ? inside.count : outside.count, needed: needed)
  }
}
