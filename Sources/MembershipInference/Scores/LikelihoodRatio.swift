internal import Glibc

/// log(p / P): how much likelier an example is under the target than under models in general.
///
///     online    P = (mean over IN of p + mean over OUT of p) / 2
///     offline   P = ((1 + a) P_out + 1 - a) / 2        (linear)
///               log P = a log P_out                    (exponent)
///
/// Both means leave the target out, and both are of probabilities, not of logarithms. Every
/// example, audited or population, is treated alike, by its row of the membership table; no value
/// stands for "masked". (Published code averages the largest half of 2k numbers for z and k true
/// OUT numbers for x, and drops zeros as masked.)
struct LikelihoodRatio {
  /// What P is made of.
  enum Denominator {
    case both
    case linear(Double)
    case exponent(Double)
  }

  let denominator: Denominator

  /// The ratios of all examples for each target.
  func ratios(
    of targets: [Int], sweep: ColumnSweep, score: String
  ) throws(MembershipError) -> [[Double]] {
    try sweep.scores(targets: targets.count) { column throws(MembershipError) in
      let weights = column.exponentials()
      var ratios: [Double] = []
      ratios.reserveCapacity(targets.count)
      for target in targets {
        let means = column.logMeans(leaving: target, weights)
        let needsInside = if case .both = denominator { true } else { false }
        guard let outside = means.outside, !needsInside || means.inside != nil else {
          if column.isAudited {
            throw .tooFewShadows(
              score, example: column.example, isIn: means.outside != nil, got: 0, needed: 1)
          }
          ratios.append(.nan)
          continue
        }
        let level: Double
        switch denominator {
        case .both:
          level = Posterior.logSumExp([means.inside ?? outside, outside]) - log(2)
        case .linear(let a):
          level = log(((1 + a) * exp(outside) + 1 - a) / 2)
        case .exponent(let a): level = a * outside
        }
        ratios.append(column.values[target] - level)
      }
      return ratios
    }
  }
}
