internal import Components
internal import Federation

/// What may be set where a trusted server's noise is that of a banded factorisation.
public struct BandedNoiseParameters: Codable, Hashable, Sendable {
  /// The epsilon of the whole run. Alone it calibrates the noise; with `noise-multiplier` releases
  /// stop when the next would exceed it.
  public var targetEpsilon: Double?
  /// The delta of every epsilon.
  public var delta = 1e-5
  /// The standard deviation of the noise before it is correlated, over the sensitivity of a round.
  public var noiseMultiplier: Double?
  /// How long an update may be.
  public var clippingNorm = 1.0
  /// Diagonals of C; left out, as many as rounds between two participations of a client. More than
  /// there are rounds are as many as rounds.
  public var bands: Int?
  /// Canary clients of the run's own audit; 0 audits nothing.
  public var canaries = 400
  /// Guesses of either kind about them; left out, a quarter as many as canaries.
  public var guesses: Int?

  /// A target to be set: everything else as by default.
  public init() {}

  /// The same but for the bands.
  private var correlated: CorrelatedNoiseParameters {
    var correlated = CorrelatedNoiseParameters()
    correlated.targetEpsilon = targetEpsilon
    correlated.delta = delta
    correlated.noiseMultiplier = noiseMultiplier
    correlated.clippingNorm = clippingNorm
    correlated.canaries = canaries
    correlated.guesses = guesses
    return correlated
  }

  /// Throws `ParameterError` naming what is out of range.
  func validate() throws {
    var check = ParameterCheck()
    correlated.check(&check)
    if let bands { check("bands", bands >= 1, "must be 1 or more", got: bands) }
    try check.finish()
  }

  /// The terms.
  var terms: PrivacyTerms { correlated.terms }

  /// The parameters as cards list them.
  static let documentation =
    CorrelatedNoiseParameters.documentation + [
      .init(
        "bands",
        "diagonals of C, and vectors of noise in memory; left out, as many as rounds between two "
          + "participations of a client", range: "1 or more")
    ]
}
