public import Components

/// Attack-R: how many models without the example find it harder than the target does.
///
///     score = share of shadows without x whose loss on x is larger than the target's
///             (equal ones count half)
///
/// Every example has its own threshold, but only as many levels as there are shadows: with k of
/// them false-positive rates below 1/k cannot be set.
///
/// Source: Ye, Maddi, Murakonda, Bindschaedler, Shokri, "Enhanced membership inference attacks
/// against machine learning models" (arXiv 2111.09679), attack R.
public struct ReferenceScore: MembershipScore {
  /// Name, meaning and source.
  public static let card = Card(
    name: "reference",
    summary: "How many models without the example find it harder than the target does (Attack-R).",
    formula: "share of shadows without x with loss_shadow(x) > loss_target(x)",
    citation: "Ye et al. 2022, arXiv 2111.09679, attack R", needs: [.targetLoss, .outModels])

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Counts. O(models) an example and target.
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    let losses = try table.outputs.signal(.loss, for: Self.card.name, workers: workers)
    let sweep = ColumnSweep(losses, of: table, workers: workers)
    return try sweep.scores(targets: targets.count) { column throws(MembershipError) in
      var scores: [Double] = []
      for target in targets {
        let own = column.values[target]
        var (twice, count) = (0, 0)
        for model in column.values.indices
        where !column.isMember[model] && column.isShadow(model, of: target) {
          let other = column.values[model]
          twice += other > own ? 2 : other == own ? 1 : 0
          count += 1
        }
        guard count > 0 else {
          if !column.isAudited {
            scores.append(.nan)
            continue
          }
          throw .tooFewShadows(
            Self.card.name, example: column.example, isIn: false, got: 0, needed: 1)
        }
        scores.append(Double(twice) / Double(2 * count))
      }
      return scores
    }
  }
}

/// Attack-P: how many known non-members the target fits worse.
///
///     score = share of z in the population with loss(z) > loss(x); ties count half
///
/// The threshold at false-positive rate a is the a-quantile of the population's losses, the same
/// for all examples: within one model the order is that of the loss, but numbers of different
/// models become comparable. The population are the examples of the table that no model had and
/// that are not audited.
///
/// Source: Ye et al. (arXiv 2111.09679), attack P.
public struct PopulationScore: MembershipScore {
  /// Name, meaning and source.
  public static let card = Card(
    name: "population",
    summary: "How many known non-members the target fits worse (Attack-P).",
    formula: "share of the population with loss(z) > loss(x)",
    citation: "Ye et al. 2022, arXiv 2111.09679, attack P",
    needs: [.targetLoss, .populationExamples])

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Sorts the population, then searches. O(examples log examples) a target.
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    let losses = try table.outputs.signal(.loss, for: Self.card.name, workers: workers)
    let population = table.population
    guard !population.isEmpty else {
      throw .missing(
        score: Self.card.name, what: "known non-members that are not audited themselves",
        remedy: "add examples that are in no model's training data")
    }
    return targets.map { target in
      let values = losses.means(ofModel: target)
      let ranks = RankTable(population.map { values[$0] })
      return values.map { ranks.share(above: $0) }
    }
  }
}

/// Sorted numbers that tell how many are above another.
struct RankTable: Sendable {
  let sorted: [Double]

  init(_ values: [Double]) { sorted = values.sorted() }

  /// How many are below `value`.
  func count(below value: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// How many are at or below `value`.
  func count(through value: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The share that is above `value`, equal ones half.
  func share(above value: Double) -> Double {
    let (below, through) = (count(below: value), count(through: value))
    return (Double(sorted.count - through) + Double(through - below) / 2) / Double(sorted.count)
  }
}
