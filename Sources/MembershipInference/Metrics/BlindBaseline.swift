internal import Randomness
internal import Tensors

/// How well members can be told from non-members without asking the model: by their features and
/// labels alone.
///
/// If that works, the two kinds come from different distributions, and what an attack achieves on
/// them is not leakage of the model. A ridge regression (see `BlindRegression`) learns the kinds on
/// four fifths of the audited examples and orders the last fifth; a member is compared with the
/// non-members of its own fifth alone, which is what makes 1/2 the mean where nothing differs. Were
/// the fifths pooled, one with more members in its lessons would get higher scores and have fewer
/// members, and the area would lie below 1/2.
///
/// The interval comes from giving the rows of membership to the examples in random orders, all
/// targets' rows alike, and learning again. That keeps whatever the targets have in common: of a
/// pair whose halves complete each other both areas are equal, and resampling targets would count
/// them as two. So with exchangeable examples the interval holds 1/2 with the stated confidence
/// exactly, for any number of targets, if they are members by chance.
///
/// Source: Das, Zhang, Tramer, "Blind baselines beat membership inference attacks for foundation
/// models" (arXiv 2406.16201); the interval: Pitman 1937, "Significance tests which may be applied
/// to samples from any populations".
public struct BlindBaseline: Sendable {
  /// The chance that a member scores above a non-member of the same target and fifth.
  public let area: Double
  /// What the area could be but for chance: shifted by what the middle of the random orders'
  /// areas spans.
  public let interval: ClosedRange<Double>

  /// Whether the interval lies above 1/2: results on these examples then say nothing. Below it, where
  /// nothing differs, it lies by chance alone.
  public var isAlarming: Bool { interval.lowerBound > 0.5 }

  /// Random orders, if the significance does not ask for more; never more than `mostOrders`.
  static let orders = 399
  static let mostOrders = 1999
  /// Examples that are looked at; of more a random part.
  static let mostExamples = 4000

  /// Learns and judges.
  ///
  /// - Parameters:
  ///   - targets: Whose members are told apart; a few suffice.
  ///   - significance: How often the interval may miss 1/2 where nothing differs.
  ///   - seed: Decides fifths, orders and random features.
  ///   - workers: Threads; the result does not depend on their number.
  /// - Throws: `MembershipError` if the table has no data, the significance is out of range, or a
  ///   target has fewer than 10 examples of a kind.
  /// - Complexity: 5 regressions on at most 4,000 examples and 400 features, and a product with
  ///   them for each target and random order.
  public init(
    targets: [Int], in table: ShadowTable, significance: Double = 0.05, seed: UInt64 = 0,
    workers: Int = 1
  ) throws(MembershipError) {
    guard let data = table.data else {
      throw .missing(
        score: "the blind baseline", what: "the examples' features",
        remedy: "give the examples along with the scores")
    }
    guard significance > 0, significance < 0.5 else {
      throw .invalid(
        what: "the blind baseline's significance", got: "\(significance)",
        requirement: "must be above 0 and below 1/2")
    }
    guard !targets.isEmpty else {
      throw .tooFew(
        what: "targets of the blind baseline", got: 0, needed: 1, remedy: "name a model")
    }
    try table.check(targets)
    var generator = Generator(seed: seed).fork("blind baseline")
    var examples = table.audited
    if examples.count > Self.mostExamples {
      examples = generator.choice(Self.mostExamples, of: examples.count).sorted()
        .map { examples[$0] }
    }
    let rows = targets.map { target in examples.map { table.membership[target, $0] } }
    for (target, row) in zip(targets, rows) {
      let members = row.count(where: \.self)
      guard min(members, row.count - members) >= 10 else {
        throw .tooFew(
          what: "the blind baseline: examples of one kind of target \(target)",
          got: min(members, row.count - members), needed: 10, remedy: "audit more examples")
      }
    }
    let regression = try BlindRegression(data, examples: examples, using: &generator)
    let wanted = min(2 / significance - 1, Double(Self.mostOrders))
    let drawn = max(Self.orders, Int(wanted.rounded(.up)))
    let streams = generator
    let size = examples.count
    // The first order is the true one. Blocks of a fixed size, so that workers change no bit.
    let block = 40
    let areas = WorkerPool.map((drawn + block) / block, workers: workers) { turn, _ -> [Double] in
      regression.areas(
        of: (turn * block..<min((turn + 1) * block, drawn + 1)).map { index in
          var stream = streams.fork("order", UInt64(index))
          let order = index == 0 ? Array(0..<size) : stream.permutation(size)
          return rows.map { row in order.map { row[$0] } }
        })
    }.flatMap { $0 }
    area = areas[0]
    interval = Self.interval(
      of: areas[0], among: Array(areas.dropFirst()), significance: significance)
  }

  /// The area moved by the order statistics of `others` about 1/2. Where those are too few for the
  /// significance, the reach is at least that of a normal distribution.
  private static func interval(
    of area: Double, among others: [Double], significance: Double
  ) -> ClosedRange<Double> {
    let sorted = others.sorted()
    let count = Double(sorted.count)
    let outside = Int((significance / 2 * (count + 1) * (1 + 1e-12)).rounded(.down))
    let place = max(outside, 1) - 1
    var (low, high) = (sorted[place], sorted[sorted.count - 1 - place])
    if outside < 1 {
      let spread = (sorted.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / count).squareRoot()
      let reach = -NormalDistribution.quantile(significance / 2) * spread
      (low, high) = (min(low, 0.5 - reach), max(high, 0.5 + reach))
    }
    let (below, above) = (min(max(area - (high - 0.5), 0), 1), max(min(area - (low - 0.5), 1), 0))
    return min(below, area)...max(above, area)
  }
}
