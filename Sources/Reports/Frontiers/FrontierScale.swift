internal import Foundation

/// From figures to places between 0 and 1: linear, or logarithmic where figures span decades, with
/// a place of its own for what is without bound.
struct FrontierScale {
  /// Whether places follow the logarithm.
  var isLogarithmic: Bool
  /// The ends, in figures.
  var low, high: Double
  /// Whether there is a place for what is without bound, at the right end.
  var hasUnbounded: Bool

  /// The share of the width that bounded figures take.
  var room: Double { hasUnbounded ? 0.84 : 1 }

  /// The scale for the `values`, which may be infinite; `mayBeLogarithmic` where all are positive
  /// and span a factor of twenty. Every finite value lies inside.
  init(_ values: [Double], mayBeLogarithmic: Bool) {
    let finite = values.filter(\.isFinite)
    hasUnbounded = finite.count < values.count
    let least = finite.min() ?? 0
    let greatest = finite.max() ?? 1
    isLogarithmic = mayBeLogarithmic && least > 0 && greatest / least >= 20
    if isLogarithmic {
      let margin = 0.06 * log10(greatest / least)
      low = pow(10, log10(least) - margin)
      high = pow(10, log10(greatest) + margin)
    } else {
      let span = greatest > least ? greatest - least : max(abs(greatest), 1e-3)
      low = least >= 0 && least < 0.5 * span ? 0 : least - 0.08 * span
      high = greatest + 0.08 * span
      if low == 0, least - 0.03 * span < 0 { low = -0.03 * span }
    }
  }

  /// The place of `value` from 0 to 1.
  func place(_ value: Double) -> Double {
    if !value.isFinite { return value > 0 ? (1 + room) / 2 + 0.02 : 0 }
    let share =
      isLogarithmic
      ? (log10(max(value, low)) - log10(low)) / (log10(high) - log10(low))
      : (value - low) / (high - low)
    return max(0, min(1, share)) * room
  }

  /// Round figures inside, about `count` of them.
  func ticks(_ count: Int) -> [Double] {
    if isLogarithmic {
      let powers = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
      let factors: [Double] = log10(high / low) < 2 ? [1, 2, 5] : [1]
      let all = powers.flatMap { power in factors.map { $0 * pow(10, Double(power)) } }
      return all.filter { $0 >= low && $0 <= high }
    }
    let rough = (high - low) / Double(max(1, count))
    let power = pow(10, log10(rough).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? 10 * power
    let first = Int((low / step).rounded(.up))
    let last = Int((high / step).rounded(.down))
    return first <= last ? (first...last).map { Double($0) * step } : []
  }

  /// A tick as text: no more decimals than tell it from its neighbours.
  func text(_ value: Double) -> String {
    let step = isLogarithmic ? value : (ticks(5).count > 1 ? ticks(5)[1] - ticks(5)[0] : 1)
    let digits = max(0, min(6, Int((-log10(max(abs(step), 1e-6)) - 1e-9).rounded(.up))))
    return Numbers.fixed(value, digits: digits)
  }
}
