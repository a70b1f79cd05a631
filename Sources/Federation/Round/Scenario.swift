public import Datasets
public import Learning
internal import Randomness

/// Everything that determines one run: a run is a pure function of this value.
public struct Scenario: Sendable {
  /// Training and test data.
  public var data: DataSplit
  /// What each client holds of `data.train`.
  public var shares: ClientShares
  /// The model.
  public var network: Network
  /// How clients train.
  public var training: TrainingOptions
  /// Who stands at each position.
  public var pipeline: RoundPipeline
  /// Who attacks and what they see.
  public var threat: ThreatModel
  /// The seed of every stream of the run.
  public var seed: UInt64
  /// For each client, positions in the training data of examples that could have been its own and that
  /// nobody trains on: what attacks on membership are asked beside members. Empty takes test examples.
  public var heldOut: [[Int]] = []

  /// A scenario.
  public init(
    data: DataSplit, shares: ClientShares, network: Network, training: TrainingOptions,
    pipeline: RoundPipeline, threat: ThreatModel, seed: UInt64
  ) {
    self.data = data
    self.shares = shares
    self.network = network
    self.training = training
    self.pipeline = pipeline
    self.threat = threat
    self.seed = seed
  }

  /// The clients that collude in some round, in increasing order: `threat.attackers` at random
  /// positions fixed by the seed alone, so that every attack and defense meets the same ones; where
  /// they are resampled, all that ever do; none without an attack.
  public var colluders: [Int] { Collusion(self).members }
}

/// The random streams of a run, one for each purpose, round and client.
///
/// Cells that share a seed share every stream whatever their attack and defense: the same cohorts,
/// initial weights and batch orders. That is what pairs a cell with its clean twin.
struct Streams: Sendable {
  private let root: Generator

  init(seed: UInt64) { root = Generator(seed: seed) }

  enum Use: String {
    case initialization, colluders, cohort, dataView, training, transform, corruption, transport
    case preparation, aggregation, noise, observation, oracle, seen, root, candidates
    case devices, availability, loss, completeness, delay
    case canaries, canaryCohort, canaryDirection
  }

  func stream(_ use: Use, round: Int = 0, index: Int = 0) -> Generator {
    root.fork(Purpose(use.rawValue), UInt64(round), UInt64(index))
  }
}

extension Scenario {
  /// Raised whenever the round itself may give other results for the same scenario: part of every
  /// stored cell's key.
  public static let revision = 4
}
