internal import Accounting
public import Randomness
internal import Tensors

/// What releases of a client's own mechanism prove of its epsilon: it runs many times on two
/// neighbouring updates, and somebody guesses which it was.
///
/// Neighbours are an update that is far longer than any clip, so that what is released is as long as
/// the mechanism allows, in a direction drawn at random, and what the declared relation puts in its
/// place: zeros where an update is exchanged for zero, its opposite where for any other. The score of
/// a release is its inner product with the direction; a release that still carries the weight or the
/// steps of the long update gives it away.
///
/// The first quarter of the trials chooses the threshold, the rest tests it, and numbers are fixed in
/// advance: Clopper-Pearson bounds of both error rates hold together but for a share `significance`
/// of audits, and both bounds of epsilon follow from them. A claim that is kept is refuted no oftener.
///
/// Source: Nasr, Songi, Thakurta, Papernot, Carlini 2021, *Adversary Instantiation: Lower Bounds for
/// Differentially Private Machine Learning*, section 3.
public struct LocalReleaseAudit: Sendable, Hashable {
  /// What is claimed of one release.
  public let promise: PrivacyEvidence
  /// How many releases of either update tested the threshold.
  public let trials: Int
  /// How many of those of the long update were recognised.
  public let recognised: Int
  /// How many of those of the other were taken for it.
  public let mistaken: Int
  /// How often the bounds may be wrong.
  public let significance: Double
  /// The greatest epsilon that the guesses reject, whatever the mechanism.
  public let epsilonLower: Double
  /// The same if the trade-off between errors is that of a Gaussian mechanism.
  public let gaussianEpsilonLower: Double
  /// The greatest `epsilonLower` that so many trials can have.
  public let greatestProvable: Double

  /// Runs the audit.
  ///
  /// - Parameters:
  ///   - privacy: The mechanism.
  ///   - rounds: Rounds of the run that it is calibrated for.
  ///   - dimension: Coordinates of an update.
  ///   - trials: Releases of either update, at least 8.
  ///   - significance: How often the bounds may be wrong.
  ///   - generator: Where direction and noise come from.
  /// - Throws: `AccountingError.invalid` for a number out of range; what the mechanism throws.
  /// - Complexity: 2 `trials` releases.
  public init(
    of privacy: any LocalPrivacy, rounds: Int, dimension: Int, trials: Int, significance: Double,
    using generator: Generator
  ) throws {
    guard dimension >= 1 else {
      throw AccountingError.invalid("dimension", "\(dimension)", "must be at least 1")
    }
    guard trials >= 8 else {
      throw AccountingError.invalid("trials", "\(trials)", "must be at least 8")
    }
    let events = try privacy.events(releases: 1, rounds: rounds)
    var promise = try PrivacyEvidence.local(privacy, releases: 1, rounds: rounds)
    promise.isGaussian = GaussianAccountant().isExact(for: events)
    let isExchanged = events.contains { $0.adjacency == .replaceOne }
    let pair = NeighbouringUpdates(
      dimension: dimension, isExchanged: isExchanged, using: generator.fork("direction"))
    func scores(_ isLong: Bool) throws -> [Double] {
      try (0..<trials).map { trial in
        try pair.score(
          of: privacy, isLong: isLong, rounds: rounds,
          using: generator.fork(isLong ? "long" : "other", UInt64(trial)))
      }
    }
    let (long, other) = (try scores(true), try scores(false))
    let first = trials / 4
    let threshold = try Self.threshold(
      long: Array(long[..<first]), other: Array(other[..<first]), promise: promise)
    let tested = try CanaryScores(
      members: Array(long[first...]), others: Array(other[first...]))
    self.promise = promise
    self.trials = trials - first
    recognised = long[first...].count { $0 >= threshold }
    mistaken = other[first...].count { $0 >= threshold }
    self.significance = significance
    let (delta, look) = (promise.delta, CanaryScores.Thresholds.fixed(threshold))
    epsilonLower = try tested.epsilonLower(look, delta: delta, significance: significance).epsilon
    gaussianEpsilonLower = try tested.gaussianEpsilonLower(
      look, delta: delta, significance: significance
    ).epsilon
    greatestProvable = try CanaryScores(
      members: [Double](repeating: 1, count: trials - first),
      others: [Double](repeating: 0, count: trials - first)
    ).epsilonLower(.fixed(0.5), delta: delta, significance: significance).epsilon
  }

  /// Where the bound that decides is greatest; halfway between the middle scores where so few prove
  /// nothing.
  private static func threshold(
    long: [Double], other: [Double], promise: PrivacyEvidence
  ) throws(AccountingError) -> Double {
    let scores = try CanaryScores(members: long, others: other)
    let found =
      promise.isGaussian == true
      ? try scores.gaussianEpsilonLower(.frontier, delta: promise.delta, significance: 0.05)
      : try scores.epsilonLower(.frontier, delta: promise.delta, significance: 0.05)
    guard found.epsilon > 0 else {
      let middle =
        (scores.members[scores.members.count / 2] + scores.others[scores.others.count / 2]) / 2
      return middle.isNaN ? found.threshold : middle
    }
    // As far from the next lower score: where the two kinds are far apart, far from both.
    let below =
      (scores.members + scores.others).filter { $0 < found.threshold }.max() ?? found.threshold
    let between = (found.threshold + below) / 2
    return between.isNaN ? found.threshold : between
  }
}

/// Two updates that are neighbours, one of them as long as can be.
private struct NeighbouringUpdates {
  let direction: [Float]
  let isExchanged: Bool

  init(dimension: Int, isExchanged: Bool, using generator: Generator) {
    var generator = generator
    let length = 1 / Double(dimension).squareRoot()
    direction = (0..<dimension).map { _ in Float(generator.bernoulli(0.5) ? length : -length) }
    self.isExchanged = isExchanged
  }

  /// Far longer than any clip, and far from the end of what a `Float` can be.
  private static let length: Float = 1e18
  /// What the long update claims, and the other does not.
  private static let (weight, steps) = (7.0, 5)

  /// How much a release looks like one of the long update.
  func score(
    of privacy: any LocalPrivacy, isLong: Bool, rounds: Int, using generator: Generator
  ) throws -> Double {
    let scale = isLong ? Self.length : isExchanged ? -Self.length : 0
    var update = Update(
      client: 0, startedRound: 0, delta: Vector(direction.map { $0 * scale }),
      weight: isLong ? Self.weight : 1, steps: isLong ? Self.steps : 1, loss: 0)
    var (generator, memory) = (generator, Memory())
    try privacy.protect(&update, rounds: rounds, using: &generator, memory: &memory)
    if update.weight == Self.weight || update.effectiveSteps == Double(Self.steps) {
      return .infinity
    }
    let score = zip(update.delta.array, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    return score.isNaN ? .infinity : score
  }
}
