public import Components
internal import Glibc

/// LiRA without a switch between variance modes: each side's mean and variance have a conjugate
/// prior, and the predictive distributions are compared.
///
///     sigma^2 ~ scaled inverse chi^2(nu_0, s_0^2),   mu | sigma^2 ~ N(m_0, sigma^2 / k_0)
///     k_n = k_0 + n,   nu_n = nu_0 + n,   m_n = (k_0 m_0 + n mean)/k_n
///     nu_n s_n^2 = nu_0 s_0^2 + sum (x - mean)^2 + k_0 n (mean - m_0)^2/k_n
///     student   log t_{nu_n}(phi; m_n, s_n^2 (1 + 1/k_n)) of IN minus that of OUT
///     normal    the same with log N(phi; m_n, s_n^2)
///
/// This is the normal-inverse-gamma prior with alpha = nu/2, beta = nu s^2/2. m_0 is the mean of a
/// side over all examples, nu_0 and s_0^2 are estimated from how the examples' variances differ
/// (see `VariancePrior`), unless `degrees` says otherwise; all without the target's numbers.
/// Offline, the score is the logarithm of the chance of a value no larger.
///
/// The degrees of freedom grow with the number of shadows, so this score sees that number: see
/// ``ShadowTable`` for why that must not differ between members and non-members.
///
/// Source: Brannvall, "Exponential-family membership inference: from LiRA and RMIA to BaVarIA"
/// (arXiv 2603.11799). The family and the prior are the paper's; how it sets the prior's numbers
/// was not at hand, the estimates here are our own.
public struct BaVarIA: MembershipScore {
  /// Which predictive distribution is taken.
  public enum Predictive: String, CaseIterable, Codable, Hashable, Sendable {
    /// Student's, which knows that mean and variance are uncertain.
    case student
    /// The normal one of the posterior mean and variance.
    case normal
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Which shadows are used.
    public var mode = RMIA.Mode.online
    /// Which predictive distribution is taken.
    public var predictive = Predictive.student
    /// k_0, how many observations the prior of the mean weighs.
    public var meanWeight = 0.01
    /// nu_0, how many the prior of the variance weighs; nil estimates it.
    public var degrees: Double?

    /// Online, Student, a weak prior of the mean, an estimated one of the variance.
    public init(
      mode: RMIA.Mode = .online, predictive: Predictive = .student, meanWeight: Double = 0.01,
      degrees: Double? = nil
    ) {
      self.mode = mode
      self.predictive = predictive
      self.meanWeight = meanWeight
      self.degrees = degrees
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "bavaria",
    summary: "LiRA with conjugate priors of mean and variance: Student's predictive distributions.",
    formula: "log t(phi; IN) - log t(phi; OUT)",
    citation: "Brannvall 2026, arXiv 2603.11799", needs: [.targetLoss, .shadowModels],
    parameters: [
      .init("mode", "which shadows are used", range: "online or offline"),
      .init("predictive", "which predictive distribution is taken", range: "student or normal"),
      .init(
        "mean-weight", "observations that the prior of the mean weighs", range: "greater than 0"),
      .init(
        "degrees", "observations that the prior of the variance weighs (default: estimated)",
        range: "greater than 0"),
    ])

  /// Online, Student, a weak prior of the mean, an estimated one of the variance.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with `parameters`.
  ///
  /// - Throws: `ParameterError` for a number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "mean-weight", parameters.meanWeight > 0 && parameters.meanWeight.isFinite,
      "must be a number greater than 0", got: parameters.meanWeight)
    if let degrees = parameters.degrees {
      check(
        "degrees", degrees > 0 && degrees.isFinite, "must be a number greater than 0",
        got: degrees)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// Compares predictive distributions. O(models) an example, then O(1) a target.
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    let phi = try table.outputs.signal(.phi, for: Self.card.name, workers: workers)
    let sweep = ColumnSweep(phi, of: table, workers: workers)
    let sides = parameters.mode == .online ? [true, false] : [false]
    let priors = try priors(targets.count, targets, sweep, sides)
    let constants = StudentConstants(models: table.models, priors: priors)
    return try sweep.scores(targets: targets.count) { column throws(MembershipError) in
      var scores: [Double] = []
      scores.reserveCapacity(targets.count)
      for (slot, target) in targets.enumerated() {
        let both = column.moments(leaving: target)
        let x = column.values[target]
        var score = 0.0
        for isIn in sides {
          let side = isIn ? both.inside : both.outside
          guard side.count > 0 else {
            if !column.isAudited {
              score = .nan
              continue
            }
            throw .tooFewShadows(
              Self.card.name, example: column.example, isIn: isIn, got: 0, needed: 1)
          }
          let index = slot * 2 + (isIn ? 0 : 1)
          let posterior = priors[index].posterior(side)
          if parameters.mode == .offline {
            score = posterior.logCumulative(x, isStudent: parameters.predictive == .student)
          } else {
            let density = posterior.logDensity(
              x, isStudent: parameters.predictive == .student,
              constant: constants[index, side.count])
            score += isIn ? density : -density
          }
        }
        scores.append(score)
      }
      return scores
    }
  }

  /// The priors of both sides for each target.
  private func priors(
    _ count: Int, _ targets: [Int], _ sweep: ColumnSweep, _ sides: [Bool]
  ) throws(MembershipError) -> [NormalPrior] {
    let width = 6
    let sums = sweep.sums(count: count * 2 * width) { column, sums in
      guard column.isAudited else { return }
      for (slot, target) in targets.enumerated() {
        let both = column.moments(leaving: target)
        for isIn in sides {
          let side = isIn ? both.inside : both.outside
          let place = (slot * 2 + (isIn ? 0 : 1)) * width
          guard side.count > 0 else { continue }
          sums[place] += 1
          sums[place + 1] += side.mean
          guard side.count > 1, side.scatter > 0 else { continue }
          let half = Double(side.count - 1) / 2
          let value = log(side.variance) - VariancePrior.digamma(half) + log(half)
          sums[place + 2] += 1
          sums[place + 3] += value
          sums[place + 4] += value * value
          sums[place + 5] += VariancePrior.trigamma(half)
        }
      }
    }
    var priors: [NormalPrior] = []
    for index in 0..<(count * 2) {
      let values = Array(sums[(index * width)..<((index + 1) * width)])
      if sides.contains(index % 2 == 0), values[2] == 0 {
        throw .tooFew(
          what: "bavaria: shadows of one kind that any example has", got: 1, needed: 2,
          remedy: "train at least 6 models, half of them on each example")
      }
      let spread = VariancePrior(
        count: values[2], sum: values[3], squares: values[4],
        trigamma: values[2] > 0 ? values[5] / values[2] : 0)
      // A prior of infinite weight is one of more than all data: 1e6 observations.
      let degrees = parameters.degrees ?? min(max(spread.degrees, 1e-3), 1e6)
      priors.append(
        NormalPrior(
          mean: values[0] > 0 ? values[1] / values[0] : 0, meanWeight: parameters.meanWeight,
          degrees: degrees, variance: max(spread.variance, 1e-14)))
    }
    return priors
  }
}
