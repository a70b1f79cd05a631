internal import Components
internal import Federation
internal import PrivateTraining

/// What may be set where a trusted server clips clients' updates and adds noise.
public struct ClientLevelParameters: Codable, Hashable, Sendable {
  /// The epsilon that must not be exceeded. Alone it calibrates the noise before the run; with
  /// `noise-multiplier` releases stop when the next would exceed it.
  public var targetEpsilon: Double?
  /// The delta of every epsilon.
  public var delta = 1e-5
  /// The noise's standard deviation over the sensitivity; 0 is no noise and no promise.
  public var noiseMultiplier: Double?
  /// How long an update may be.
  public var clippingNorm = 1.0
  /// Whether the norm stays or follows a quantile of the norms.
  public var clipping = Clipping.flat
  /// The share of updates shorter than the norm, for `adaptive`.
  public var quantile = 0.5
  /// How fast the norm follows, for `adaptive`.
  public var clippingRate = 0.2
  /// Deviation of the noisy count, for `adaptive`; left out, a twentieth of the cohort.
  public var countNoise: Double?
  /// Canary clients of the run's own audit; 0 audits nothing. With so many guesses a run without noise
  /// shows an epsilon of 4.18 at delta 1e-5 and confidence 95%.
  public var canaries = 400
  /// Guesses of either kind about them; left out, a quarter as many as canaries.
  public var guesses: Int?

  /// How updates are clipped.
  public enum Clipping: String, Codable, Hashable, Sendable, CaseIterable {
    /// To one norm.
    case flat
    /// To a quantile of the norms, found privately.
    case adaptive
  }

  /// A target to be set: everything else as by default.
  public init() {}

  /// Collects what is out of range.
  func check(_ check: inout ParameterCheck) {
    if let targetEpsilon {
      check(
        "target-epsilon", targetEpsilon > 0 && targetEpsilon.isFinite,
        "must be a finite number greater than 0", got: targetEpsilon)
      check(
        "noise-multiplier", noiseMultiplier != 0,
        "must be greater than 0 with target-epsilon, which nothing without noise has", got: 0)
    }
    if let noiseMultiplier {
      check(
        "noise-multiplier", noiseMultiplier >= 0 && noiseMultiplier.isFinite,
        "must be a finite number of 0 or more", got: noiseMultiplier)
    }
    check("delta", delta > 0 && delta < 1, "must be between 0 and 1, such as 1e-5", got: delta)
    check(
      "clipping-norm", clippingNorm > 0 && clippingNorm.isFinite,
      "must be a finite number greater than 0", got: clippingNorm)
    check("quantile", quantile > 0 && quantile < 1, "must be in (0, 1)", got: quantile)
    check(
      "clipping-rate", clippingRate > 0 && clippingRate.isFinite,
      "must be a finite number greater than 0", got: clippingRate)
    if let countNoise {
      check(
        "count-noise", countNoise > 0 && countNoise.isFinite,
        "must be a finite number greater than 0", got: countNoise)
    }
    check("canaries", canaries >= 0, "must be 0 or more", got: canaries)
    if let guesses {
      check(
        "guesses", guesses >= 0 && guesses <= max(canaries, 0) / 2,
        "must be from 0 to half of the canaries", got: guesses)
    }
  }

  /// The terms.
  var terms: PrivacyTerms {
    PrivacyTerms(
      targetEpsilon: targetEpsilon ?? (noiseMultiplier == nil ? 3 : nil), delta: delta,
      noiseMultiplier: noiseMultiplier,
      clipping: AdaptiveClipping(
        norm: clippingNorm, quantile: quantile, rate: clippingRate, countNoise: countNoise),
      isAdaptive: clipping == .adaptive, canaries: canaries,
      guesses: guesses ?? canaries / 4)
  }

  /// The parameters as cards list them.
  static let documentation: [Card.Parameter] = [
    .init(
      "target-epsilon",
      "epsilon of the whole run that is not exceeded; 3 where no noise-multiplier is given",
      range: "greater than 0"),
    .init("delta", "delta of every epsilon", range: "in (0, 1), below 1 in the number of clients"),
    .init(
      "noise-multiplier", "noise over sensitivity; left out, calibrated to the target",
      range: "0 or more"),
    .init("clipping-norm", "greatest Euclidean norm of an update", range: "greater than 0"),
    .init("clipping", "whether the norm follows the updates'", range: "'flat' or 'adaptive'"),
    .init("quantile", "share of updates shorter than the norm, adaptive", range: "in (0, 1)"),
    .init("clipping-rate", "how fast the norm follows, adaptive", range: "greater than 0"),
    .init(
      "count-noise", "deviation of the noisy count, adaptive; left out, a twentieth of the cohort",
      range: "greater than 0"),
    .init("canaries", "canary clients of the run's audit", range: "0 or more"),
    .init(
      "guesses", "guesses of either kind about them; left out, a quarter as many",
      range: "up to half of the canaries"),
  ]
}
