internal import Glibc

/// The variances of LiRA's distributions, estimated as a mode says, without a target's own numbers.
struct SpreadModel: Sendable {
  private let mode: LiRA.Variance
  private let labels: [Int32]
  /// For each target, each group (class, or one of all) and side: the common variance or the prior.
  private let common: [VariancePrior]
  private let groups: Int
  private let isShared: Bool

  /// Shadows of a kind from which on the paper takes each example's own variance.
  static let ownVarianceFrom = 32

  /// - Parameter sides: Which sides are asked for: shadows with the example, without it.
  /// - Throws: `MembershipError.tooFew` if no example has two shadows on a side that is asked for.
  init(
    _ mode: LiRA.Variance, targets: [Int], sweep: ColumnSweep, labels: [Int32], sides: [Bool]
  ) throws(MembershipError) {
    self.mode = mode
    self.labels = labels
    isShared = mode == .pooled
    let groups = mode == .perClass ? (labels.max().map { Int($0) + 1 } ?? 1) : 1
    self.groups = groups
    guard mode != .perExample else {
      common = []
      return
    }
    let isPrior = mode == .shrinkage
    let width = 4
    let isShared = self.isShared
    let sums = sweep.sums(count: targets.count * groups * 2 * width) { column, sums in
      guard column.isAudited else { return }
      let group = groups > 1 ? Int(labels[column.example]) : 0
      for (slot, target) in targets.enumerated() {
        let both = column.moments(leaving: target)
        for isIn in sides {
          let side = isIn ? both.inside : both.outside
          guard side.count > 1 else { continue }
          let place = Self.place(slot, group, groups, isShared ? true : isIn) * width
          if isPrior {
            guard side.scatter > 0 else { continue }
            let half = Double(side.count - 1) / 2
            let value = log(side.variance) - VariancePrior.digamma(half) + log(half)
            sums[place] += 1
            sums[place + 1] += value
            sums[place + 2] += value * value
            sums[place + 3] += VariancePrior.trigamma(half)
          } else {
            sums[place] += Double(side.count - 1)
            sums[place + 1] += side.scatter
          }
        }
      }
    }
    var common: [VariancePrior] = []
    for index in 0..<(targets.count * groups * 2) {
      let part = sums[(index * width)..<((index + 1) * width)]
      let values = Array(part)
      common.append(
        isPrior
          ? VariancePrior(
            count: values[0], sum: values[1], squares: values[2],
            trigamma: values[0] > 0 ? values[3] / values[0] : 0)
          : VariancePrior(common: values[0] > 0 ? values[1] / values[0] : 0))
      let isAsked = isShared ? index % 2 == 0 : sides.contains(index % 2 == 0)
      if groups == 1, isAsked, values[0] == 0 {
        throw .tooFew(
          what: "lira with variance \(mode.rawValue): shadows of one kind that any example has",
          got: 1, needed: 2, remedy: "train at least 6 models, half of them on each example")
      }
    }
    self.common = common
  }

  private static func place(_ slot: Int, _ group: Int, _ groups: Int, _ isIn: Bool) -> Int {
    (slot * groups + group) * 2 + (isIn ? 0 : 1)
  }

  /// The variance of one side of an example, greater than 0.
  func variance(_ side: Moments, isIn: Bool, slot: Int, example: Int) -> Double {
    let value: Double
    switch mode {
    case .perExample: value = side.variance
    case .automatic where side.count >= Self.ownVarianceFrom: value = side.variance
    case .shrinkage:
      value = common[Self.place(slot, 0, groups, isIn)].shrunk(side)
    case .automatic, .fixed, .pooled, .perClass:
      let group = groups > 1 ? Int(labels[example]) : 0
      value = common[Self.place(slot, group, groups, isShared ? true : isIn)].variance
    }
    // Equal numbers have no spread, but rounding: about 1e-7 of a number in single precision.
    return max(value, 1e-14 * (1 + side.mean * side.mean))
  }
}

extension VariancePrior {
  /// One variance for all.
  init(common variance: Double) {
    degrees = .infinity
    self.variance = variance
  }
}
