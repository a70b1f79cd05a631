public import Accounting
public import Components
public import Federation
internal import Glibc
internal import PrivateTraining
public import Randomness

/// NbAFL, noising before aggregation, as published: a loose formula, kept for comparison.
///
///     Δ_k min(1, C/|Δ_k|) + N(0, σ² I),   σ = 2 c L C / (m ε),   c = √(2 ln(1.25/δ))
///
/// with L uploads a client and m the examples of the smallest client. **Not to be quoted.** The formula
/// is the classical Gaussian one, proven for ε below 1 only, multiplied by uploads instead of
/// composed; and its sensitivity 2C/m takes for granted that one of m examples moves a client's
/// training by 2/m of its clipped length, which no local training of several steps is proven to do.
/// The ε it states is told as `epsilonStated`; what is accounted is what holds whatever training does,
/// at the level of the client: exchanging an update of norm C for zero.
///
/// The server's noise on the way down is left out: the upload has been seen by then.
///
/// Example: C = 1, ε = 8, δ = 0.01, m = 100, L = 10: c = 3.107, σ = 0.0777; the accounted epsilon of
/// ten such uploads is above 800.
///
/// Source: Wei et al. 2020, *Federated Learning with Differential Privacy: Algorithms and Performance
/// Analysis*, algorithm 1 and theorem 1.
public struct NbAFL: UpdateTransform, LocalPrivacy {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The epsilon that the formula states.
    public var epsilon = 8.0
    /// The delta of it.
    public var delta = 0.01
    /// How long an update may be.
    public var clippingNorm = 1.0
    /// m: the examples of the smallest client.
    public var examples = 100
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "nbafl",
    summary: "Noise before aggregation by a loose formula: its stated epsilon is not accounted.",
    formula: "σ = 2 √(2 ln(1.25/δ)) L C / (m ε)",
    citation: "Wei et al. 2020, algorithm 1",
    parameters: [
      .init(
        "epsilon", "epsilon that the formula states, not to be quoted", range: "greater than 0"),
      .init("delta", "delta of it", range: "in (0, 1)"),
      .init("clipping-norm", "greatest Euclidean norm of an update", range: "greater than 0"),
      .init("examples", "examples of the smallest client", range: "1 or more"),
    ])

  /// The paper's δ = 0.01 and a stated ε of 8.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  ///
  /// - Throws: `ParameterError` naming what is out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "epsilon", parameters.epsilon > 0 && parameters.epsilon.isFinite,
      "must be a finite number greater than 0", got: parameters.epsilon)
    check(
      "delta", parameters.delta > 0 && parameters.delta < 1,
      "must be between 0 and 1, such as 0.01", got: parameters.delta)
    check(
      "clipping-norm", parameters.clippingNorm > 0 && parameters.clippingNorm.isFinite,
      "must be a finite number greater than 0", got: parameters.clippingNorm)
    check("examples", parameters.examples >= 1, "must be 1 or more", got: parameters.examples)
    try check.finish()
    self.parameters = parameters
  }

  /// The delta.
  public var delta: Double { parameters.delta }

  /// What the formula states.
  public var statedEpsilon: Double? { parameters.epsilon }

  /// As many Gaussian releases as the client made, each of sensitivity C.
  public func events(releases: Int, rounds: Int) throws -> [PrivacyEvent] {
    [
      try PrivacyEvent(
        .gaussian(noiseMultiplier: multiplier(rounds: rounds)), adjacency: .zeroOut,
        unit: .client, count: releases)
    ]
  }

  /// σ over C.
  private func multiplier(rounds: Int) -> Double {
    let c = (2 * log(1.25 / parameters.delta)).squareRoot()
    return 2 * c * Double(rounds) / (Double(parameters.examples) * parameters.epsilon)
  }

  /// Nothing: the round calls `protect`, which knows for how many rounds.
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) {}

  /// Clips and adds the noise. O(d).
  public func protect(
    _ update: inout Update, rounds: Int, using generator: inout Generator, memory: inout Memory
  ) throws {
    update.delta = try LocalNoise.protect(
      update.delta, norm: parameters.clippingNorm, multiplier: multiplier(rounds: rounds),
      using: generator.fork("nbafl"))
    (update.weight, update.effectiveSteps, update.support) = (1, 1, .all)
  }
}
