public import Accounting
public import Components
public import Federation
internal import PrivateTraining
public import Randomness

/// Local differential privacy: each client clips its own update and adds normal noise of its own, so
/// that nobody has to be trusted.
///
///     Δ_k min(1, C/|Δ_k|) + N(0, (z C)² I)
///
/// Whoever sees everything that a client sends, the server included, learns of its update what one
/// Gaussian release a participation tells: exchanging the client's update for zero moves it by C. A
/// client's epsilon is its own, of as many releases as it made; the run tells the greatest. The noise
/// of the mean falls with the number of clients only, so it takes thousands of them.
///
/// With `target-epsilon` z is calibrated for a client that takes part in every round; in rounds it is
/// not drawn for, it spends nothing. There is no amplification: who takes part is seen.
///
/// An update that is not finite is sent as zeros with noise. Noise is exact on a grid, from the run's
/// seed: a study's, not a deployment's.
///
/// Example: `target-epsilon: 8`, `delta: 1e-5`, one participation: z = 0.62; a hundred
/// participations: z = 6.2.
///
/// Source: Kasiviswanathan, Lee, Nissim, Raskhodnikova, Smith 2011, *What Can We Learn Privately?*
/// (the model); Balle and Wang 2018, *Improving the Gaussian Mechanism* (its noise).
public struct LocalDP: UpdateTransform, LocalPrivacy {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The epsilon of a client that takes part in every round.
    public var targetEpsilon: Double?
    /// The delta of it.
    public var delta = 1e-5
    /// The noise's standard deviation over the clipping norm.
    public var noiseMultiplier: Double?
    /// How long an update may be.
    public var clippingNorm = 1.0
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "local-dp",
    summary: "Each client clips its update and adds noise of its own: nobody has to be trusted.",
    formula: "Δ min(1, C/|Δ|) + N(0, (z C)² I)",
    citation: "Kasiviswanathan et al. 2011",
    parameters: [
      .init(
        "target-epsilon",
        "epsilon of a client in every round; 8 where no noise-multiplier is given",
        range: "greater than 0"),
      .init("delta", "delta of it", range: "in (0, 1)"),
      .init(
        "noise-multiplier", "noise over clipping norm; left out, calibrated to the target",
        range: "greater than 0"),
      .init("clipping-norm", "greatest Euclidean norm of an update", range: "greater than 0"),
    ])

  /// Epsilon 8 at delta 1e-5, norm 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  ///
  /// - Throws: `ParameterError` naming what is out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    if let target = parameters.targetEpsilon {
      check(
        "target-epsilon", target > 0 && target.isFinite, "must be a finite number greater than 0",
        got: target)
      check(
        "noise-multiplier", parameters.noiseMultiplier == nil,
        "must be left out beside target-epsilon: a client does not know in how many rounds it will "
          + "take part", got: parameters.noiseMultiplier ?? 0)
    }
    if let noise = parameters.noiseMultiplier {
      check(
        "noise-multiplier", noise > 0 && noise.isFinite, "must be a finite number greater than 0",
        got: noise)
    }
    check(
      "delta", parameters.delta > 0 && parameters.delta < 1,
      "must be between 0 and 1, such as 1e-5", got: parameters.delta)
    check(
      "clipping-norm", parameters.clippingNorm > 0 && parameters.clippingNorm.isFinite,
      "must be a finite number greater than 0", got: parameters.clippingNorm)
    try check.finish()
    self.parameters = parameters
  }

  /// The delta.
  public var delta: Double { parameters.delta }

  /// As many Gaussian releases as the client made.
  public func events(releases: Int, rounds: Int) throws -> [PrivacyEvent] {
    [
      try PrivacyEvent(
        .gaussian(noiseMultiplier: try multiplier(rounds: rounds)), adjacency: .zeroOut,
        unit: .client, count: releases)
    ]
  }

  /// z.
  private func multiplier(rounds: Int) throws -> Double {
    try parameters.noiseMultiplier
      ?? LocalNoise.multiplier(
        epsilon: parameters.targetEpsilon ?? 8, delta: parameters.delta, releases: rounds)
  }

  /// Nothing: the round calls `protect`, which knows for how many rounds.
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) {}

  /// Clips, adds the noise and counts the release. O(d).
  public func protect(
    _ update: inout Update, rounds: Int, using generator: inout Generator, memory: inout Memory
  ) throws {
    update.delta = try LocalNoise.protect(
      update.delta, norm: parameters.clippingNorm, multiplier: try multiplier(rounds: rounds),
      using: generator.fork("local-dp"))
    // A weight by examples, steps and a choice of coordinates would tell, too.
    (update.weight, update.effectiveSteps, update.support) = (1, 1, .all)
  }
}
