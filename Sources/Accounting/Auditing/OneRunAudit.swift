internal import Glibc

/// What one training run says about epsilon: guesses about canaries that were put in by coin flips.
///
/// Of `canaries` canaries each was in the data with probability 1/2. The auditor saw the result and
/// called `guesses` of them "in", or "out" for guesses of that kind; `correct` calls were right. Had the
/// mechanism a small epsilon, more right calls than coins with e^epsilon/(1 + e^epsilon) give would be
/// rare, however much the canaries influence each other.
public struct OneRunAudit: Sendable, Hashable {
  /// How many canaries there were.
  public let canaries: Int
  /// For how many the auditor made a call.
  public let guesses: Int
  /// How many calls were right.
  public let correct: Int

  /// The outcome of an audit.
  ///
  /// - Throws: `AccountingError.invalid` unless 0 <= correct <= guesses <= canaries.
  public init(canaries: Int, guesses: Int, correct: Int) throws(AccountingError) {
    guard canaries >= 1 else {
      throw .invalid("canaries", "\(canaries)", "must be at least 1")
    }
    guard (0...canaries).contains(guesses) else {
      throw .invalid(
        "guesses", "\(guesses)", "must be from 0 to the number of canaries, \(canaries)")
    }
    guard (0...guesses).contains(correct) else {
      throw .invalid("correct", "\(correct)", "must be from 0 to the number of guesses, \(guesses)")
    }
    self.canaries = canaries
    self.guesses = guesses
    self.correct = correct
  }

  /// An upper bound of the chance of so many right calls under (`epsilon`, `delta`)-privacy.
  ///
  ///     p = e^epsilon / (1 + e^epsilon),  b = P(Bin(r, p) >= v)
  ///     p-value = b + 2 m delta max over i of (P(Bin(r, p) >= v - i) - b) / i
  ///
  /// for m canaries, r guesses, v right ones. Rounded up. Complexity: O(r).
  ///
  /// Source: Steinke, Nasr, Jagielski, "Privacy auditing with one (1) training run"
  /// (arXiv 2305.08846), section 4.
  public func pValue(epsilon: Double, delta: Double) -> Double {
    // Right and wrong, each with its digits; errors of a few units are in the masses' slack.
    let wrong = exp(-epsilon) / (1 + exp(-epsilon))
    let right = 1 / (1 + exp(-epsilon))
    let tail = Binomial.upperTail(correct, of: guesses, right, wrong).upper
    guard delta > 0 else { return tail }
    var (sum, slope) = (0.0, 0.0)
    for i in 1..<correct + 1 {
      let mass = Binomial.mass(correct - i, of: guesses, right, wrong)
      sum = (sum + (mass.value * (1 + mass.slack)).up(2)).up()
      slope = max(slope, (sum / Double(i)).up())
    }
    return min(1, (tail + (2 * Double(canaries) * delta * slope).up(4)).up())
  }

  /// The greatest epsilon that these calls reject: a lower bound, wrong with probability at most
  /// `significance`.
  ///
  /// - Throws: `AccountingError.invalid` for a number out of range.
  public func epsilonLower(delta: Double, significance: Double) throws(AccountingError) -> Double {
    try CanaryScores.check(delta, significance)
    return search { pValue(epsilon: $0, delta: delta) <= significance }
  }

  /// The greatest epsilon that so many guesses about so many canaries can prove, whatever the mechanism:
  /// when all of them are right.
  ///
  /// - Throws: `AccountingError.invalid` for a number out of range.
  public static func greatestProvable(
    canaries: Int, guesses: Int, delta: Double, significance: Double
  ) throws(AccountingError) -> Double {
    try OneRunAudit(canaries: canaries, guesses: guesses, correct: guesses)
      .epsilonLower(delta: delta, significance: significance)
  }

  /// The greatest epsilon at `delta` of the Gaussian mechanisms that these calls reject: a lower bound
  /// if the trade-off curve is that of some Gaussian mechanism, and then a better one.
  ///
  /// Source: Mahloujifar, Melis, Chaudhuri, "Auditing f-differential privacy in one run"
  /// (arXiv 2410.22235), algorithm for the upper bound on correct guesses.
  ///
  /// - Throws: `AccountingError.invalid` for a number out of range.
  public func gaussianEpsilonLower(
    delta: Double, significance: Double
  ) throws(AccountingError) -> Double {
    try CanaryScores.check(delta, significance)
    guard delta > 0 else {
      throw .invalid("delta", "0", "must be above 0: Gaussian privacy has no finite epsilon there")
    }
    let mu = search { rejectsGaussian(mu: $0, significance: significance) }
    return mu > 0 ? GaussianCurve.epsilonLower(delta: delta, mu: mu) : 0
  }

  /// Whether so many right calls contradict mu-Gaussian privacy.
  ///
  /// Supposing that `correct` right calls happen with probability `significance`: r is the least
  /// probability weight of right calls, h that of wrong ones, from the highest counts downwards, each
  /// step bounded by the trade-off curve. Together they cannot exceed the share of canaries called.
  private func rejectsGaussian(mu: Double, significance: Double) -> Bool {
    let share = 1 / Double(canaries)
    var r = (significance * Double(correct) * share).down(2)
    var h = significance * Double(guesses - correct) * share
    for i in stride(from: correct - 1, through: 0, by: -1) {
      // Phi(Phi^-1(r) - mu), from below: Phi^-1(r) = -Q^-1(r).
      let x = NormalTail.quantile(r).upper + mu
      let reached = NormalTail.probability(x.up()) * (1 - 0x1p-52 * (20 + 4 * x * x))
      guard reached > h else { break }
      r = min(1, (r + (Double(i) / Double(guesses - i) * (reached - h)).down(4)).down())
      h = reached
    }
    // Far more than the rounding of every h - h before.
    return (r + h).down(0x1p14) > (Double(guesses) * share).up()
  }

  /// The greatest number that `rejects`, from 0; 0 if there is none.
  private func search(_ rejects: (Double) -> Bool) -> Double {
    guard correct > 0, rejects(0) else { return 0 }
    var high = 1.0
    while rejects(high), high < 1024 { high *= 2 }
    return Bisection.greatestTrue(high == 1 ? 0 : high / 2, high, relative: 1e-11, rejects)
  }
}

extension CanaryScores {
  /// A lower bound of epsilon from canaries of one run that each were in by the flip of a coin.
  ///
  /// - Parameters:
  ///   - isGaussian: Whether to test Gaussian trade-off curves instead of epsilon alone.
  /// - Throws: `AccountingError.invalid` for a number out of range.
  public func oneRunEpsilonLower(
    _ thresholds: Thresholds = .every, delta: Double, significance: Double, isGaussian: Bool = false
  ) throws(AccountingError) -> Finding {
    let looks: [(threshold: Double, members: Int, others: Int)]
    let share: Double
    let total = members.count + others.count
    switch thresholds {
    case .fixed(let threshold):
      let called = called(atLeast: threshold)
      looks = [(threshold, called.members, called.others)]
      share = significance
    case .every, .frontier:
      looks = frontier.map { corner in
        (corner.threshold, members.count - corner.missed, others.count - corner.rejected)
      }
      share = significance / Double(thresholds == .every ? total : frontier.count)
    }
    var best = Finding(epsilon: 0, threshold: looks.last?.threshold ?? .infinity)
    for look in looks where look.members > look.others {
      let audit = try OneRunAudit(
        canaries: total, guesses: look.members + look.others, correct: look.members)
      let epsilon =
        isGaussian
        ? try audit.gaussianEpsilonLower(delta: delta, significance: share.down(2))
        : try audit.epsilonLower(delta: delta, significance: share.down(2))
      if epsilon > best.epsilon { best = Finding(epsilon: epsilon, threshold: look.threshold) }
    }
    return best
  }
}
