import Glibc

/// A privacy loss distribution on a grid, seen from one side: how likely, under P, each value of the
/// loss ln(P / Q) is.
///
/// Entry i stands for the loss `offset` + `spacing` (`lowest` + i). The masses need not be those of
/// the pair itself: a pessimistic one stands for a pair that dominates it, an optimistic one for a
/// pair that it dominates, each up to the stated errors.
package struct LossMasses: Sendable {
  /// The distance between neighbouring losses.
  package var spacing: Double
  /// The loss that index 0 stands for.
  package var offset: Double = 0
  /// The index of the first entry.
  package var lowest: Int
  /// The mass under P of each loss.
  package var masses: [Double]
  /// The mass of an infinite loss: what P can show and Q cannot.
  package var infinity: Double = 0
  /// Masses under P are off by at most this relative error.
  package var massError: Double = 0
  /// Losses are off by at most this.
  package var lossError: Double = 0
  /// ln of the greatest mass in each block of entries, once composed.
  var peaks: [Double] = []

  static let block = 64

  /// The same with `peaks` filled in.
  func withPeaks() -> LossMasses {
    guard peaks.isEmpty else { return self }
    var filled = self
    filled.peaks.reserveCapacity(masses.count / Self.block + 1)
    var start = 0
    while start < masses.count {
      var greatest = 0.0
      for i in start..<min(start + Self.block, masses.count) where masses[i] > greatest {
        greatest = masses[i]
      }
      filled.peaks.append(log(greatest))
      start += Self.block
    }
    return filled
  }

  /// The loss of entry `i`.
  func loss(_ i: Int) -> Double { offset + spacing * Double(lowest + i) }

  /// The distribution of a release that is, publicly, one of two with these probabilities.
  static func mixture(_ first: LossMasses, weight: Double, _ second: LossMasses) -> LossMasses {
    let lowest = min(first.lowest, second.lowest)
    let highest = max(
      first.lowest + first.masses.count, second.lowest + second.masses.count)
    var mixed = first
    mixed.lowest = lowest
    mixed.masses = [Double](repeating: 0, count: highest - lowest)
    for (i, mass) in first.masses.enumerated() {
      mixed.masses[first.lowest - lowest + i] += weight * mass
    }
    for (i, mass) in second.masses.enumerated() {
      mixed.masses[second.lowest - lowest + i] += (1 - weight) * mass
    }
    mixed.infinity = weight * first.infinity + (1 - weight) * second.infinity
    mixed.massError = max(first.massError, second.massError) + 4 * unitRoundoff
    mixed.lossError = max(first.lossError, second.lossError)
    return mixed
  }
}

/// How a distribution is put on a grid.
package enum Discretization: Sendable, Hashable {
  /// Each cell's mass goes to its two ends so that it keeps its weight under P and under Q: dominates
  /// the pair, and agrees with it exactly at every grid point ("Connect the Dots", Doroshenko et al.,
  /// 2022, arXiv 2207.04380). Error of the composed epsilon O(k h^2).
  case connectTheDots
  /// Cells are merged so that each one's loss falls on a grid point: dominated by the pair, its curve
  /// touches the pair's between its corners, which lie between the multiples of h (tangents, where
  /// `connectTheDots` has chords). Error O(k h^2).
  case touchTheCurve
  /// Losses are rounded up ("privacy buckets"): dominates. Error O(k h).
  case roundUp
  /// Losses are rounded down: dominated. Error O(k h).
  case roundDown
  /// Losses are rounded to the nearest grid point and then all moved so that their mean is kept:
  /// neither dominates nor is dominated, but the sum of k of them is near the sum of k true ones with
  /// high probability (Gopi, Lee and Wutschitz 2021, arXiv 2106.02848, section 5).
  case keepMean
}
