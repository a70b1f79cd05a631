import Glibc

/// What somebody who sees the releases can find out at best: the view of an attacker.
///
/// An attack tells two neighbouring data sets apart: it says "in" with probability TPR if the unit was
/// in, and with probability FPR if it was not. Every (epsilon, delta)-promise limits the pair:
///
///     TPR <= e^epsilon FPR + delta      and      TPR <= 1 - e^-epsilon (1 - delta - FPR)
///
/// and the best limit is the least over all epsilon with delta = delta(epsilon), whichever of the
/// neighbours is called "in". Each limit holds by itself, so a search that stops early stays valid.
///
/// Example: Gaussian noise 1, one release, FPR 0.01: TPR <= Phi(Phi^-1(0.01) + 1) = 0.0924.
///
/// Source: Kairouz, Oh, Viswanath 2015, *The Composition Theorem for Differential Privacy*, Theorem 2.1;
/// Dong, Roth, Su 2022, *Gaussian Differential Privacy*, Proposition 2.12.
public enum AttackRisk {
  /// The greatest TPR minus FPR that any attack has: delta at epsilon 0.
  public static func advantage(
    of events: [PrivacyEvent], by accountant: any PrivacyAccountant
  ) throws(AccountingError) -> PrivacyBound {
    try accountant.delta(epsilon: 0, of: events)
  }

  /// The greatest true positive rate of an attack whose false positive rate is `falsePositiveRate`.
  ///
  /// - Complexity: About 15 questions to `PrivacyAccountant.deltas`.
  public static func truePositiveRate(
    falsePositiveRate rate: Double, of events: [PrivacyEvent], by accountant: any PrivacyAccountant
  ) throws(AccountingError) -> PrivacyBound {
    try truePositiveRates(falsePositiveRates: [rate], of: events, by: accountant)[0]
  }

  /// The same for many false positive rates, which share what was asked: the attacker's whole curve.
  ///
  /// - Complexity: About 15 questions to `PrivacyAccountant.deltas` for the first rate, 5 for another.
  public static func truePositiveRates(
    falsePositiveRates rates: [Double], of events: [PrivacyEvent],
    by accountant: any PrivacyAccountant
  ) throws(AccountingError) -> [PrivacyBound] {
    var curve = AskedCurve(try accountant.deltas(of: events))
    for rate in rates {
      guard rate >= 0, rate <= 1 else {
        throw .invalid("fpr", Mechanism.text(rate), "must be a probability, from 0 to 1")
      }
      try curve.search(rate)
    }
    return rates.map { curve.bound($0) }
  }
}

/// delta at the epsilons that were asked about so far.
private struct AskedCurve {
  let ask: (Double) throws(AccountingError) -> PrivacyBound
  /// By epsilon, increasing.
  var points: [(epsilon: Double, delta: Double)] = []
  var isCertified = true

  init(_ ask: @escaping (Double) throws(AccountingError) -> PrivacyBound) { self.ask = ask }

  mutating func delta(_ epsilon: Double) throws(AccountingError) -> Double {
    if let known = points.first(where: { $0.epsilon == epsilon }) { return known.delta }
    let bound = try ask(epsilon)
    if !bound.isCertified { isCertified = false }
    let place = points.firstIndex { $0.epsilon > epsilon } ?? points.count
    points.insert((epsilon, bound.value), at: place)
    return bound.value
  }

  /// The two limits at a point: all terms are positive, so nothing cancels.
  private static func limits(
    _ point: (epsilon: Double, delta: Double), _ rate: Double
  ) -> (many: Double, few: Double) {
    let shrink = exp(-point.epsilon)
    return (
      exp(point.epsilon) * rate + point.delta,
      -expm1(-point.epsilon) + shrink * (point.delta + rate)
    )
  }

  /// Asks where the limit is least: in e^epsilon (in e^-epsilon) the first (second) one is convex, so
  /// each has one valley. The first counts below the false positive rate (1 - advantage) / 2, where
  /// the best attack gains more true than false positives by being bolder.
  mutating func search(_ rate: Double) throws(AccountingError) {
    let isFirst = rate <= (1 - (try delta(0))) / 2
    func height(_ point: (epsilon: Double, delta: Double)) -> Double {
      let limits = Self.limits(point, rate)
      return isFirst ? limits.many : limits.few
    }
    // The valley is below the epsilon at which e^epsilon FPR alone reaches 1.
    let end = min(60, rate > 0 ? -log(rate) + 1 : 60)
    var (left, right) = (0.0, end)
    let heights = points.map(height)
    if let lowest = heights.indices.min(by: { heights[$0] < heights[$1] }) {
      left = lowest > 0 ? points[lowest - 1].epsilon : 0
      right = lowest + 1 < points.count ? points[lowest + 1].epsilon : max(end, left)
    }
    let ratio = 0.618_033_988_749_895
    var (a, b) = (right - ratio * (right - left), left + ratio * (right - left))
    guard right > left else { return }
    var (atA, atB) = (height((a, try delta(a))), height((b, try delta(b))))
    // Around a valley's floor the limit changes with the square of the distance.
    while right - left > 1.5e-2 * (1 + left) {
      if atA <= atB {
        (right, b, atB) = (b, a, atA)
        a = right - ratio * (right - left)
        atA = height((a, try delta(a)))
      } else {
        (left, a, atA) = (a, b, atB)
        b = left + ratio * (right - left)
        atB = height((b, try delta(b)))
      }
    }
  }

  /// The least of all limits, each of which holds; guessing reaches the false positive rate.
  func bound(_ rate: Double) -> PrivacyBound {
    let least = points.map { point in
      let limits = Self.limits(point, rate)
      // Two exponentials, products and sums of positive terms: within 16 units in the last place.
      return min(limits.many, limits.few).up(16)
    }.min()
    let upper = max(rate, min(1, least ?? 1))
    return isCertified
      ? PrivacyBound(lower: rate, upper: upper) : PrivacyBound(estimate: upper, trivialUpper: 1)
  }
}
