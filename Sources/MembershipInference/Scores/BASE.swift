public import Components

/// The Bayes-optimal score if models are draws from a posterior: the loss, against the free energy
/// of the shadows' losses.
///
///     online    -loss_x - log((1/M) sum_m exp(-loss_m))     over both kinds, each weighing 1/2
///     offline   -loss_x - a log((1/M) sum over OUT of exp(-loss_m))
///
/// Since exp(-loss) = p, the online score is log(p/P) of ``RMIA``: the same order of examples
/// within a target. The paper's mean is over all M models; with as many IN as OUT that is the mean
/// of the two means, which is taken here so that one shadow more of a kind changes nothing.
///
/// Source: Lassila, Ostman, Ngo, Graell i Amat, "Practical Bayes-optimal membership inference
/// attacks" (arXiv 2505.24089).
public struct BASE: MembershipScore {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Which shadows are used.
    public var mode = RMIA.Mode.online
    /// Offline: the factor of the free energy.
    public var a = 1.0

    /// Online; offline with factor 1.
    public init(mode: RMIA.Mode = .online, a: Double = 1) {
      self.mode = mode
      self.a = a
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "base", summary: "The loss, against the free energy of the shadows' losses.",
    formula: "-loss - log mean_m exp(-loss_m)", citation: "Lassila et al. 2025, arXiv 2505.24089",
    needs: [.targetLoss, .shadowModels],
    parameters: [
      .init("mode", "which shadows are used", range: "online or offline"),
      .init("a", "offline: the factor of the free energy", range: "a number from 0 to 10"),
    ])

  /// Online; offline with factor 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with `parameters`.
  ///
  /// - Throws: `ParameterError` for a number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check("a", (0...10).contains(parameters.a), "must be from 0 to 10", got: parameters.a)
    try check.finish()
    self.parameters = parameters
  }

  /// Compares with the shadows' mean. O(models) an example, then O(1) a target.
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    let sweep = ColumnSweep(
      try RMIA.logConfidence(table, workers: workers), of: table, workers: workers)
    return try LikelihoodRatio(
      denominator: parameters.mode == .online ? .both : .exponent(parameters.a)
    ).ratios(of: targets, sweep: sweep, score: Self.card.name)
  }
}
