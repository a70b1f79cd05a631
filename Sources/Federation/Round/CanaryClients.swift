internal import Accounting
internal import Glibc
internal import Randomness
internal import Tensors

/// Canary clients of a run's own audit: each is in by the flip of a coin, is drawn into cohorts as
/// clients are, and always sends the same direction, drawn at random, far longer than the clip lets
/// through.
///
/// Whoever sees the releases guesses which canaries were in: the inner products of a canary's
/// direction with the releases are what Gaussian noise leaves of its own updates, since directions
/// drawn at random in many coordinates are all but orthogonal to everybody's updates, and to each
/// other exactly but for a remainder of coordinates. A score adds up the logarithms of each release's
/// likelihood ratio,
///
///     log(1 - q + q e^((x - 1/2) / z^2)),   x = <release, u> / sensitivity
///
/// for canaries that are drawn with probability q and noise of multiplier z.
///
/// Canaries count as clients; q, z and the number of releases are the clients', so the ledger has
/// nothing to add. Beside the noise they are small: together they move a coordinate by about
/// sqrt(canaries q / (2 d)) sensitivities, d coordinates in all.
///
/// Sources: Andrew, Kairouz, Oh, Oprea, McMahan and Suriyakumar, One-shot Empirical Privacy Estimation
/// for Federated Learning, ICLR 2024 (random directions); Steinke, Nasr and Jagielski, NeurIPS 2023
/// (coins and guesses).
struct CanaryClients: Sendable {
  /// How many, in or out.
  let count: Int
  /// Whether each is in.
  let members: [Bool]
  /// Guesses of either kind.
  let guesses: Int
  private let streams: Streams
  private let setting: ReleaseSetting
  /// L, the least power of two of at least `count`.
  private let order: Int
  /// The random signs that all canaries share, 1 or -1, in as many multiples of L as there are.
  private let shared: [Float]
  /// How much longer than the clip a canary's update is.
  private static let excess = 1000.0

  init?(_ run: CentralRun, streams: Streams) {
    let terms = run.component.terms
    guard terms.canaries > 0 else { return nil }
    count = terms.canaries
    guesses = min(terms.guesses, terms.canaries / 2)
    self.streams = streams
    setting = run.setting
    var coins = streams.stream(.canaries)
    members = (0..<count).map { _ in coins.bernoulli(0.5) }
    order = WalshHadamard.size(of: count)
    shared = Self.randomSigns(
      setting.dimension - setting.dimension % order, index: count, streams: streams)
  }

  /// The canaries that are in the cohort of `round`.
  func drawn(round: Int) -> [Int] {
    var coins = streams.stream(.canaryCohort, round: round)
    let rate = setting.sampling.probabilities.upperBound
    return (0..<count).filter { canary in
      let isDrawn =
        setting.sampling.scheme == .cyclic
        ? (round + canary) % setting.separation == 0 : coins.bernoulli(rate)
      return isDrawn && members[canary]
    }
  }

  /// What `canary` sends where updates are clipped to `norm`.
  ///
  /// Its direction is a row of Hadamard's matrix of order L, one after the other with the same random
  /// signs for all canaries, so that directions are orthogonal in as many multiples of L as there are;
  /// the rest is each canary's own.
  func update(of canary: Int, norm: Double) -> Vector {
    let step = Float(Self.excess * norm / Double(setting.dimension).squareRoot())
    let row = (0..<order).map { (canary & $0).nonzeroBitCount & 1 == 1 ? -step : step }
    var values = [Float](repeating: 0, count: setting.dimension)
    for start in stride(from: 0, to: shared.count, by: order) {
      for place in 0..<order { values[start + place] = shared[start + place] * row[place] }
    }
    for (place, sign) in own(canary).enumerated() { values[shared.count + place] = sign * step }
    return Vector(values)
  }

  /// The signs that `canary` shares with nobody.
  private func own(_ canary: Int) -> [Float] {
    Self.randomSigns(setting.dimension - shared.count, index: canary, streams: streams)
  }

  private static func randomSigns(_ length: Int, index: Int, streams: Streams) -> [Float] {
    var generator = streams.stream(.canaryDirection, index: index)
    var signs = [Float](repeating: -1, count: length)
    var word: UInt64 = 0
    for index in signs.indices {
      if index % 64 == 0 { word = generator.next() }
      if word & 1 == 1 { signs[index] = 1 }
      word >>= 1
    }
    return signs
  }

  /// The inner products of `values` with all canaries' signs: what lies L apart meets the same signs
  /// but for the shared ones, so one transform of L sums answers for all.
  ///
  /// - Complexity: O(d + L log L), and of the fewer than L coordinates beyond the last multiple of L
  ///   as many as there are for each canary.
  private func products(with values: [Float]) -> [Double] {
    var sums = [Double](repeating: 0, count: order)
    for start in stride(from: 0, to: shared.count, by: order) {
      for place in 0..<order {
        sums[place] += Double(shared[start + place] * values[start + place])
      }
    }
    WalshHadamard.transform(&sums)
    return (0..<count).map { canary in
      zip(own(canary), values[shared.count...]).reduce(sums[canary]) {
        $0 + Double($1.0 * $1.1)
      }
    }
  }

  /// Adds what a release says of each canary to the scores.
  ///
  /// - Parameters:
  ///   - unit: How far one client may move the release.
  ///   - multiplier: z; 0 without noise.
  ///   - isIndependent: Whether noise of different releases is; otherwise the sum of all releases is
  ///     what tells.
  func note(
    _ release: Vector, unit: Double, multiplier: Double, isIndependent: Bool,
    scores: inout [Double]
  ) {
    if scores.isEmpty { scores = [Double](repeating: 0, count: count) }
    let values = release.array
    let scale = 1 / (unit * Double(values.count).squareRoot())
    let rate = setting.sampling.probabilities.upperBound
    let square = multiplier * multiplier
    for (canary, product) in products(with: values).enumerated() {
      let x = product * scale
      guard isIndependent, multiplier > 0, rate < 1 else {
        scores[canary] += x
        continue
      }
      let exponent = (x - 0.5) / square
      scores[canary] +=
        exponent > 700 ? log(rate) + exponent : log1p(rate * expm1(exponent))
    }
  }

  /// What the guesses proved, at this delta.
  func audit(
    scores: [Double], delta: Double, significance: Double = 0.05
  ) throws(AccountingError) -> PrivacyEvidence.Audit {
    let scores = scores.isEmpty ? [Double](repeating: 0, count: count) : scores
    let outcome = try OneRunAudit(
      scores: scores, members: members, guessesIn: guesses, guessesOut: guesses)
    let rates = Self.rates(scores, members, most: 0.1)
    return PrivacyEvidence.Audit(
      epsilonLower: try outcome.epsilonLower(delta: delta, significance: significance),
      gaussianEpsilonLower: try outcome.gaussianEpsilonLower(
        delta: delta, significance: significance),
      significance: significance, canaries: count, guesses: outcome.guesses,
      correct: outcome.correct, falsePositiveRate: rates.false, truePositiveRate: rates.true,
      truePositiveRateCap: nil, members: rates.members, recognised: rates.recognised)
  }

  /// The rates at the lowest threshold above which, in expectation, at most the share `most` of
  /// canaries lies that were out: above the k-th score of n of them it is k/(n + 1).
  static func rates(
    _ scores: [Double], _ members: [Bool], most: Double
  ) -> (false: Double, true: Double, members: Int, recognised: Int) {
    let out = scores.indices.filter { !members[$0] }.map { scores[$0] }.sorted(by: >)
    let allowed = max(0, Int(most * Double(out.count + 1)) - 1)
    // Above the first score that may not be taken.
    let threshold = allowed < out.count ? out[allowed] : -.infinity
    let taken = scores.indices.filter { scores[$0] > threshold }
    let right = taken.count { members[$0] }
    let inside = members.count { $0 }
    return (
      out.isEmpty ? 0 : Double(taken.count - right) / Double(out.count),
      inside == 0 ? 0 : Double(right) / Double(inside), inside, right
    )
  }
}
