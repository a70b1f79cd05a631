public import Accounting
internal import Components
internal import Datasets
internal import Learning
public import Randomness
internal import Tensors

/// A transport whose sums hide each client: every client clips its own update and adds its share of
/// the noise before the sum, so that enough clients have to be trusted and no server.
///
/// The round tells it what was known before the run, counts whose updates are in each sum, writes
/// each sum's mechanism into the ledger as it came out, and promises at the end what holds for the
/// client that took part most often. Who takes part is seen, so nothing is amplified by sampling.
public protocol DistributedPrivacy: Transport {
  /// The delta of the promise.
  var delta: Double { get }

  /// Why the promise cannot be made in `setting`, and what would work; nil if it can.
  func refusal(in setting: SharedNoiseSetting) -> (reason: String, suggestion: String)?

  /// What a sum is to whoever sees it in which are the updates of `survivors` clients.
  ///
  /// - Throws: `AccountingError` or an error of the component where ``refusal(in:)`` has a reason.
  func mechanism(survivors: Int, in setting: SharedNoiseSetting) throws -> Mechanism

  /// The server's view of the uploads, the noise in it.
  func deliver(
    _ uploads: Uploads, in setting: SharedNoiseSetting, using generator: inout Generator
  ) throws -> Delivery
}

extension DistributedPrivacy {
  /// One round of the clients that are there.
  public func deliver(_ uploads: Uploads, using generator: inout Generator) throws -> Delivery {
    try deliver(
      uploads,
      in: SharedNoiseSetting(
        cohort: uploads.clients.count, participations: 1, dimension: uploads.updates.columns),
      using: &generator)
  }
}

/// What shares of noise are calibrated to, known before the run.
public struct SharedNoiseSetting: Sendable, Hashable {
  /// Clients of a round, at least.
  public var cohort: Int
  /// Rounds that a client takes part in, at most.
  public var participations: Int
  /// Coordinates of an update.
  public var dimension: Int

  /// A setting.
  public init(cohort: Int, participations: Int, dimension: Int) {
    self.cohort = cohort
    self.participations = participations
    self.dimension = dimension
  }

  /// The setting of a pipeline; nil where nobody knows how many clients a round has.
  init?(_ pipeline: RoundPipeline, training rounds: Int, clients: Int, dimension: Int) {
    guard let cohort = pipeline.sampler.guaranteedCohort(of: clients) else { return nil }
    let separation = max(1, pipeline.sampler.separation(of: clients))
    self.init(
      cohort: cohort, participations: (max(1, rounds) - 1) / separation + 1, dimension: dimension)
  }
}

extension Planner {
  /// Throws `FederationError.refused` if clients cannot share the noise as they promise.
  static func checkSharedNoise(_ scenario: Scenario) throws(FederationError) {
    let pipeline = scenario.pipeline
    guard pipeline.transport is any DistributedPrivacy else { return }
    let refusal =
      privacyRefusals(of: pipeline).first
      ?? privacyRefusal(
        of: pipeline, training: scenario.training, clients: scenario.shares.count,
        dimension: scenario.network.parameterCount)
    if let refusal { throw .refused(refusal) }
  }
}

/// What a run remembers of sums with shared noise.
struct SharedNoiseMemory: Codable, Sendable {
  /// How many clients' updates are in each sum.
  var survivors: [Int] = []
  /// How many sums each client's update is in.
  var releases: [Int: Int] = [:]

  mutating func note(_ clients: [Int]) {
    survivors.append(clients.count)
    for client in clients { releases[client, default: 0] += 1 }
  }
}

extension PrivacyEvidence {
  /// What `privacy` promises the honest client that took part most often: as many sums, those with the
  /// fewest clients in them.
  static func distributed(
    _ privacy: any DistributedPrivacy, in setting: SharedNoiseSetting, _ memory: SharedNoiseMemory,
    honest: (Int) -> Bool
  ) throws -> PrivacyEvidence {
    var evidence = PrivacyEvidence(
      mechanism: privacy.cardName, trust: .distributed, unit: .client, adjacency: .zeroOut,
      delta: privacy.delta)
    let most = memory.releases.filter { honest($0.key) }.values.max() ?? 0
    guard most > 0 else {
      evidence.epsilonUpper = 0
      return evidence
    }
    var counts: [Int: Int] = [:]
    for survivors in memory.survivors.sorted().prefix(most) { counts[survivors, default: 0] += 1 }
    let events = try counts.sorted { $0.key < $1.key }.map { survivors, count in
      try PrivacyEvent(
        privacy.mechanism(survivors: survivors, in: setting), adjacency: .zeroOut, unit: .client,
        count: count)
    }
    let accountant = RenyiAccountant()
    let upper = try accountant.epsilon(delta: privacy.delta, of: events).upper
    evidence.epsilonUpper = upper.isFinite ? upper : nil
    evidence.caps = try caps(of: events, by: accountant)
    return evidence
  }
}
