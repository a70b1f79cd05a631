internal import Components
internal import Federation
internal import PrivateTraining

/// What may be set where a trusted server's noise is correlated from round to round.
public struct CorrelatedNoiseParameters: Codable, Hashable, Sendable {
  /// The epsilon of the whole run. Alone it calibrates the noise; with `noise-multiplier` releases
  /// stop when the next would exceed it.
  public var targetEpsilon: Double?
  /// The delta of every epsilon.
  public var delta = 1e-5
  /// The standard deviation of the noise before it is correlated, over the sensitivity of a round.
  public var noiseMultiplier: Double?
  /// How long an update may be.
  public var clippingNorm = 1.0
  /// Canary clients of the run's own audit; 0 audits nothing. With so many guesses a run without noise
  /// shows an epsilon of 4.18 at delta 1e-5 and confidence 95%.
  public var canaries = 400
  /// Guesses of either kind about them; left out, a quarter as many as canaries.
  public var guesses: Int?

  /// A target to be set: everything else as by default.
  public init() {}

  /// The same as of noise that is not correlated, clipped flat.
  private var flat: ClientLevelParameters {
    var flat = ClientLevelParameters()
    flat.targetEpsilon = targetEpsilon ?? (noiseMultiplier == nil ? 8 : nil)
    flat.delta = delta
    flat.noiseMultiplier = noiseMultiplier
    flat.clippingNorm = clippingNorm
    flat.canaries = canaries
    flat.guesses = guesses
    return flat
  }

  /// Throws `ParameterError` naming what is out of range.
  func validate() throws {
    var check = ParameterCheck()
    self.check(&check)
    try check.finish()
  }

  /// Collects what is out of range.
  func check(_ check: inout ParameterCheck) { flat.check(&check) }

  /// The terms.
  var terms: PrivacyTerms { flat.terms }

  /// The parameters as cards list them.
  static let documentation: [Card.Parameter] = [
    .init(
      "target-epsilon", "epsilon of the whole run; 8 where no noise-multiplier is given",
      range: "greater than 0"),
    .init("delta", "delta of it", range: "in (0, 1), below 1 in the number of clients"),
    .init(
      "noise-multiplier", "noise over sensitivity, before it is correlated", range: "0 or more"),
    .init("clipping-norm", "greatest Euclidean norm of an update", range: "greater than 0"),
    .init("canaries", "canary clients of the run's audit", range: "0 or more"),
    .init(
      "guesses", "guesses of either kind about them; left out, a quarter as many",
      range: "up to half of the canaries"),
  ]
}
