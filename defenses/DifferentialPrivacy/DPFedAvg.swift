public import Components
public import Federation

/// Differential privacy for whole clients: a trusted server clips every update, divides the sum by a
/// number fixed before, and adds normal noise.
///
///     w ← w + 1/m ( Σ_{k in cohort} Δ_k min(1, C/|Δ_k|) + N(0, (z C)² I) )
///
/// m is the expected cohort: the real one is nobody's business. With Poisson cohorts neighbours differ
/// in a client; with `uniform-sampling` and full participation their number is public, and a
/// client's update is exchanged for zero. Every client weighs 1 (`weighting: uniform`): in an average
/// weighted by examples a single client may be nearly everything.
///
/// With `clipping: adaptive` the norm follows a quantile of the updates' norms, found from noisy
/// counts: C ← C e^(-rate (b̃ - quantile)). Counts and sum together cost what the sum alone would
/// at z, so the sum's noise is (z^-2 - (2 s)^-2)^(-1/2), and z is what the ledger is told.
///
/// With `target-epsilon` the noise is calibrated before the run; with `noise-multiplier` the run says
/// what it came to; with both it stops releasing when the next release would exceed the target. An
/// update that is not finite counts as zero, and a round in which nobody took part releases noise.
/// Noise is exact on a grid, drawn from the run's seed: a study's, not a deployment's.
///
/// Any rule with a certified sensitivity may stand in the mean's place (`centered-clipping`, with a
/// fixed number of clients): noise is then z times what the rule declares.
///
/// Example: 200 clients drawn with q = 0.1, 100 rounds, `target-epsilon: 8`, `delta: 1e-3`: z = 0.78,
/// sums are divided by 20.
///
/// Sources: McMahan, Ramage, Talwar, Zhang 2018, *Learning Differentially Private Recurrent Language
/// Models*, algorithm 1; Andrew et al. 2021, *Differentially Private Learning with Adaptive
/// Clipping*, algorithm 1.
public struct DPFedAvg: CentralPrivacy {
  /// What may be set.
  public typealias Parameters = ClientLevelParameters

  /// Name, meaning and source.
  public static let card = Card(
    name: "dp-fedavg",
    summary: "A trusted server clips updates and adds noise: differential privacy for clients.",
    formula: "1/m (Σ Δ_k min(1, C/|Δ_k|) + N(0, (z C)² I))",
    citation: "McMahan et al. 2018, algorithm 1",
    needs: [.individualUpdates],
    parameters: ClientLevelParameters.documentation)

  /// Epsilon 3 at delta 1e-5, norm 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.check(&check)
    try check.finish()
    self.parameters = parameters
  }

  /// What the parameters say.
  public var terms: PrivacyTerms { parameters.terms }
}
