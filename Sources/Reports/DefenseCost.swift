internal import Experiments
internal import Federation

/// What a defense costs when nobody attacks, against no defense: all differences and ratios are
/// paired by seed.
struct DefenseCost: Sendable {
  /// The block it was seen in.
  var block: Int
  /// The defense's label.
  var label: String
  /// Accuracy given up; nil where either side is not finished.
  var accuracy: Estimate?
  /// Wall-clock time as a multiple of that without it; as noisy as the machine was.
  var time: Estimate?
  /// Bytes both ways as a multiple of those without it.
  var bytes: Estimate?
  /// What the runs promise about privacy, the weakest of the seeds; nil where nothing is promised.
  var epsilonUpper: Double?
  /// What an audit of any of its runs proved, the greatest of the seeds; nil without one.
  var epsilonLower: Double?

  /// Whether there is anything to tell.
  var isKnown: Bool {
    accuracy != nil || time != nil || bytes != nil || epsilonUpper != nil || epsilonLower != nil
  }

  init(_ row: MatrixBlock.Row, in block: MatrixBlock) {
    self.block = block.index
    label = row.label
    accuracy = row.cleanCost
    let bare = block.cells.map(\.cell).first { $0.isClean && $0.isControl }
    let own = row.cells.compactMap { $0 }.first(where: \.isClean)
    if let own, let bare, own.summary.verdict == .clean, bare.summary.verdict == .clean {
      time = Self.ratio(own, bare) { $0.seconds }
      bytes = Self.ratio(own, bare) { row in
        row.metrics.map { Double($0.bytesUp + $0.bytesDown) }
      }
    }
    let evidence = row.cells.compactMap { $0 }.flatMap(\.rows).compactMap { $0.metrics?.privacy }
    epsilonUpper = evidence.compactMap(\.epsilonUpper).max()
    epsilonLower = evidence.compactMap { $0.audit?.epsilonLower }.max()
  }

  /// The values of `own` over those of `bare`, by seed; nil unless every seed has both.
  private static func ratio(
    _ own: BlockCell, _ bare: BlockCell, _ value: (MatrixResults.Row) -> Double?
  ) -> Estimate? {
    let base = Dictionary(
      bare.rows.compactMap { row in value(row).map { (row.seed, $0) } },
      uniquingKeysWith: { first, _ in first })
    let ratios = own.rows.compactMap { row -> Double? in
      guard let value = value(row), let base = base[row.seed], base > 0 else { return nil }
      return value / base
    }
    return ratios.count == own.rows.count ? Estimate(ratios) : nil
  }
}

extension Report {
  /// What each defense costs, in the order of the matrix; those of which nothing is known left out.
  var defenseCosts: [DefenseCost] {
    blocks.flatMap { block in
      block.defenses.filter { !$0.isUndefended }.map { DefenseCost($0, in: block) }
    }.filter(\.isKnown)
  }
}
