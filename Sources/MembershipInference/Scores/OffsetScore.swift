public import Components

/// The confidence, measured from what models without the example say: hard examples are no longer
/// taken for non-members.
///
///     offset   out     phi - mean_out phi
///              both    phi - (mean_in phi + mean_out phi)/2
///
/// On losses instead of phi it is the calibrated score of the cited paper; `signal` chooses.
/// Published code (TensorFlow Privacy) also offers medians.
///
/// Source: Watson, Guo, Cormode, Sablayrolles, "On the importance of difficulty calibration in
/// membership inference attacks" (arXiv 2111.08440), section 4.
public struct OffsetScore: MembershipScore {
  /// Which shadows the offset is of.
  public enum Reference: String, CaseIterable, Codable, Hashable, Sendable {
    /// Those without the example.
    case out
    /// The middle between both kinds.
    case both
  }

  /// What is compared.
  public enum Quantity: String, CaseIterable, Codable, Hashable, Sendable {
    /// phi, the logit of the confidence.
    case phi
    /// The loss, negated.
    case loss
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Which shadows the offset is of.
    public var reference = Reference.out
    /// Where they are centred.
    public var center = LiRA.Center.mean
    /// What is compared.
    public var signal = Quantity.loss

    /// Losses, from the mean of shadows without the example.
    public init(
      reference: Reference = .out, center: LiRA.Center = .mean, signal: Quantity = .loss
    ) {
      self.reference = reference
      self.center = center
      self.signal = signal
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "calibrated",
    summary: "The loss, measured from what models without the example say of it.",
    formula: "mean_out loss - loss",
    citation: "Watson et al. 2022, arXiv 2111.08440, section 4", needs: [.targetLoss, .outModels],
    parameters: [
      .init("reference", "which shadows the offset is of", range: "out or both"),
      .init("center", "where they are centred", range: "mean or median"),
      .init("signal", "what is compared", range: "phi or loss"),
    ])

  /// Losses, from the mean of shadows without the example.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The score with `parameters`.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  /// Subtracts the shadows' middle. O(models) an example, then O(1) a target.
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    let isLoss = parameters.signal == .loss
    let signal = try table.outputs.signal(
      isLoss ? .loss : .phi, for: Self.card.name, workers: workers)
    let sweep = ColumnSweep(signal, of: table, workers: workers)
    return try sweep.scores(targets: targets.count) { column throws(MembershipError) in
      let sorted = parameters.center == .median ? SortedSides(column) : nil
      var scores: [Double] = []
      for target in targets {
        let (inside, outside) = column.moments(leaving: target)
        let lacksInside = parameters.reference == .both && inside.count == 0
        guard !lacksInside, outside.count > 0 else {
          if column.isAudited {
            throw .tooFewShadows(
              Self.card.name, example: column.example, isIn: lacksInside, got: 0, needed: 1)
          }
          scores.append(.nan)
          continue
        }
        let medians = sorted?.medians(leaving: target, of: column)
        let out = medians?.outside ?? outside.mean
        let middle =
          parameters.reference == .out ? out : (out + (medians?.inside ?? inside.mean)) / 2
        let distance = column.values[target] - middle
        scores.append(isLoss ? -distance : distance)
      }
      return scores
    }
  }
}
