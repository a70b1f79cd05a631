public import Accounting
public import PrivateTraining
public import Randomness

/// Position *central privacy*: a server that is trusted with updates clips each of them, and adds
/// noise to what it releases.
///
/// A component says the terms, what accounting follows from them, and where the noise is not that of
/// independent releases, the noise. The round does the rest, the same for all of them:
///
/// - Before the run the noise is calibrated, or the number of releases found that the budget allows;
///   what could not keep the promise is refused.
/// - In each round every update is clipped to the norm C, what is not finite counts as zero, and the
///   rule makes one update of them. Of the mean it becomes the sum over a divisor m that was fixed
///   before the run: how many took part is nobody's business. Another rule must say its sensitivity.
/// - Noise of multiplier z times that sensitivity is added, in rounds without clients, too; the
///   ledger of the run is told.
/// - When the next release would exceed the budget, the model is held for the rest of the run.
public protocol CentralPrivacy: RoundComponent {
  /// What is promised, and how updates are clipped.
  var terms: PrivacyTerms { get }

  /// Why the promise cannot be made in `pipeline`, beside what holds for all; nil if it can.
  func refusal(in pipeline: RoundPipeline) -> Refusal?

  /// What the clipping norm of a round is multiplied by: 1, or what turns gradients into updates.
  func clippingUnit(_ training: TrainingOptions, round: Int) -> Double

  /// What `releases` releases of noise multiplier z are, for an accountant.
  func events(
    noiseMultiplier z: Double, releases: Int, in setting: ReleaseSetting
  ) throws(AccountingError) -> [PrivacyEvent]

  /// Whether noise of different releases is independent.
  var hasIndependentNoise: Bool { get }

  /// The noise of release number `release`, from 0, in units of z times the sensitivity; asked only
  /// without independent noise, and numbers are then those of rounds: some may be left out.
  ///
  /// - Parameters:
  ///   - root: A stream of the run: the same in every release.
  ///   - memory: The component's own.
  func noise(
    _ release: Int, in setting: ReleaseSetting, root: Generator, memory: inout Memory
  ) throws -> [Double]
}

extension CentralPrivacy {
  /// Nothing more.
  public func refusal(in pipeline: RoundPipeline) -> Refusal? { nil }
  /// 1.
  public func clippingUnit(_ training: TrainingOptions, round: Int) -> Double { 1 }
  /// Yes.
  public var hasIndependentNoise: Bool { true }
  /// None.
  public func noise(
    _ release: Int, in setting: ReleaseSetting, root: Generator, memory: inout Memory
  ) throws -> [Double] { [] }

  /// Releases of Gaussian noise, each on a cohort that was drawn as the sampler says.
  public func events(
    noiseMultiplier z: Double, releases: Int, in setting: ReleaseSetting
  ) throws(AccountingError) -> [PrivacyEvent] {
    var ledger = PrivacyLedger()
    ledger.record(.gaussian(noiseMultiplier: z), sampling: setting.sampling)
    var events: [PrivacyEvent] = []
    for event in try ledger.events(adjacency: setting.adjacency) {
      events.append(try event.repeated(releases))
    }
    return events
  }
}

/// What a server promises each client, and how it clips.
public struct PrivacyTerms: Sendable, Hashable {
  /// The epsilon that must not be exceeded; nil for as much as it comes to.
  public var targetEpsilon: Double?
  /// The delta of every epsilon.
  public var delta: Double
  /// The noise's standard deviation over the sensitivity; nil calibrates it to the target.
  public var noiseMultiplier: Double?
  /// C, and how it follows the norms if it does.
  public var clipping: AdaptiveClipping
  /// Whether C follows.
  public var isAdaptive: Bool
  /// Canary clients of the run's own audit.
  public var canaries: Int
  /// Guesses of either kind about them, fixed before the run.
  public var guesses: Int

  /// Terms.
  public init(
    targetEpsilon: Double?, delta: Double, noiseMultiplier: Double?, clipping: AdaptiveClipping,
    isAdaptive: Bool, canaries: Int, guesses: Int
  ) {
    self.targetEpsilon = targetEpsilon
    self.delta = delta
    self.noiseMultiplier = noiseMultiplier
    self.clipping = clipping
    self.isAdaptive = isAdaptive
    self.canaries = canaries
    self.guesses = guesses
  }
}

/// What releases are made of, known before the run.
public struct ReleaseSetting: Sendable, Hashable {
  /// How cohorts are drawn.
  public var sampling: CohortSampling
  /// Rounds between two participations of a client, at least: 1 where nothing forbids the next round.
  public var separation: Int
  /// Clients in all.
  public var population: Int
  /// Rounds planned.
  public var rounds: Int
  /// Coordinates of a release.
  public var dimension: Int

  /// A setting.
  public init(
    sampling: CohortSampling, separation: Int, population: Int, rounds: Int, dimension: Int
  ) {
    self.sampling = sampling
    self.separation = separation
    self.population = population
    self.rounds = rounds
    self.dimension = dimension
  }

  /// The relation that the sampling allows: with Poisson cohorts nobody knows how many took part,
  /// and neighbours differ in a client; otherwise their number is public, and a client's
  /// contribution is exchanged for zero.
  public var adjacency: Adjacency { sampling.scheme == .poisson ? .addRemove : .zeroOut }

  /// How often and how close together a client takes part in `releases` rounds.
  public func participation(releases: Int) throws(AccountingError) -> Participation {
    try Participation(most: (max(1, releases) - 1) / separation + 1, separation: separation)
  }
}
