public import Accounting
public import Components
public import Federation
public import Randomness

/// A trusted server whose noise is that of a banded matrix factorisation: noise of a round takes back
/// most of what the rounds before it added, so that sums over rounds have far less.
///
///     released in round t  =  Σ_k Δ_k min(1, C/|Δ_k|) / m  +  z C/m (M⁻¹ Z)_t
///
/// Z has independent normal rows. M is lower triangular with b diagonals, those of the square root
/// of the matrix of prefix sums: 1, 1/2, 3/8, 5/16, … The run is one Gaussian mechanism of the
/// sensitivity of M, whatever later updates depend on:
///
/// - Rounds of a client at least b apart, as `cyclic-sampling` in b groups grants: columns are scaled
///   to norm 1, those of its rounds are orthogonal, and k participations cost √k. `bands` left out
///   takes as many as that allows.
/// - Closer together: columns are left as they are, and rounds 1, 1+s, 1+2s, … are the worst for
///   separation s; their sensitivity is exact (Kalinin and Lampert 2024). Allowed, and seldom worth it.
///
/// The separation is checked in every round. There is no amplification by sampling: with one band the
/// noise is independent, and `dp-fedavg` with Poisson cohorts promises more for it.
///
/// Neighbours differ in one client's updates, exchanged for zero. Updates are clipped and summed as in
/// `dp-fedavg`; the server keeps b - 1 vectors of noise. The noise is of double-precision numbers and
/// not hardened against a look at the released bits: good for experiments, not for releases.
///
/// Example: 16 rounds, 4 groups, so 4 participations and 4 bands: z is Gaussian noise of multiplier
/// z/2. At equal epsilon the mean variance of the 16 sums is 14.9, of independent noise 34, of
/// `dp-ftrl`'s tree, which pays for 4 participations 6-fold, 74.
///
/// Sources: Choquette-Choo, Ganesh, McKenna, McMahan, Rush, Thakurta, Xu 2023, *(Amplified) Banded
/// Matrix Factorization: A unified approach to private training*, algorithm 9;
/// Kalinin, Lampert 2024, *Banded Square Root Matrix Factorization for Differentially Private Model
/// Training*.
public struct DPBandedMF: CentralPrivacy {
  /// What may be set.
  public typealias Parameters = BandedNoiseParameters

  /// Name, meaning and source.
  public static let card = Card(
    name: "dp-banded-mf",
    summary: "A trusted server whose noise takes itself back over rounds: a banded factorisation.",
    formula: "Σ_k clip(Δ_k) + z C (M⁻¹ Z)_t,  M[t, t-j] = c_j for j < b",
    citation: "Choquette-Choo et al. 2023, algorithm 9",
    needs: [.individualUpdates],
    parameters: BandedNoiseParameters.documentation)

  /// Epsilon 8 at delta 1e-5, norm 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  public init(_ parameters: Parameters) throws {
    try parameters.validate()
    self.parameters = parameters
  }

  /// What the parameters say.
  public var terms: PrivacyTerms { parameters.terms }

  /// No: of the factorisation.
  public var hasIndependentNoise: Bool { false }

  /// Clients must keep away for some rounds, or the number of bands must be said.
  public func refusal(in pipeline: RoundPipeline) -> Refusal? {
    guard parameters.bands == nil, pipeline.sampler.separation(of: 2) < 2 else { return nil }
    return Refusal(
      component: Self.card.name,
      reason: "takes as many bands as rounds between two participations of a client, and "
        + "\(pipeline.sampler.cardName) may draw it in the next: one band is independent noise",
      suggestion:
        "draw cohorts with cyclic-sampling in several groups, say how many bands, or take "
        + "dp-fedavg")
  }

  /// One Gaussian mechanism of M's sensitivity.
  public func events(
    noiseMultiplier z: Double, releases: Int, in setting: ReleaseSetting
  ) throws(AccountingError) -> [PrivacyEvent] {
    let whole = try factorization(in: setting)
    // The first rows of scaled columns are no longer than the columns; otherwise they are M's own.
    let bands = whole.coefficients.count
    let part =
      whole.isNormalized
      ? whole : try .squareRoot(steps: releases, bands: min(bands, releases))
    let square = part.squaredSensitivity(try setting.participation(releases: releases))
    return [
      try PrivacyEvent(
        .gaussian(noiseMultiplier: z / square.squareRoot() * (1 - 0x1p-40)), adjacency: .zeroOut,
        unit: .client)
    ]
  }

  /// A row of M⁻¹ Z. O(bands d).
  public func noise(
    _ release: Int, in setting: ReleaseSetting, root: Generator, memory: inout Memory
  ) throws -> [Double] {
    let factorization = try factorization(in: setting)
    var stream = memory[ToeplitzFactorization.Stream.self] ?? .init()
    var noise: [Double] = []
    // What was not released is noise of later rounds all the same.
    while stream.made <= release {
      var generator = root.fork("row", UInt64(stream.made))
      let independent = (0..<setting.dimension).map { _ in generator.normal() }
      noise = stream.next(from: independent, of: factorization)
    }
    memory[ToeplitzFactorization.Stream.self] = stream
    return noise
  }

  /// M, for all rounds that are planned.
  private func factorization(
    in setting: ReleaseSetting
  ) throws(AccountingError) -> ToeplitzFactorization {
    let bands = min(parameters.bands ?? setting.separation, setting.rounds)
    return try .squareRoot(
      steps: setting.rounds, bands: bands, isNormalized: setting.separation >= bands)
  }
}
