public import Accounting
public import Components
public import Randomness

/// Position *cohort*: who takes part in a round.
public protocol ClientSampler: RoundComponent {
  /// The round's cohort, clients in increasing order, each with its probability of being drawn.
  func sample(
    _ population: PopulationView, using generator: inout Generator, memory: inout Memory
  ) throws -> Cohort

  /// The smallest cohort that must be expected of `clients` clients: what rules are checked
  /// against before the run; nil when there is no useful bound.
  func guaranteedCohort(of clients: Int) -> Int?

  /// Rounds from one participation of a client to its next, at least, of `clients` clients: 1 where
  /// the next round may be its next.
  func separation(of clients: Int) -> Int
}

extension ClientSampler {
  /// 1.
  public func separation(of clients: Int) -> Int { 1 }
}

/// The clients of a round and how likely each was to be one of them.
public struct Cohort: Sendable, Hashable {
  /// Clients, in increasing order.
  public var clients: [Int]
  /// For each of `clients`, the probability with which it was included: what privacy accounting
  /// and unbiased averaging need.
  public var inclusionProbabilities: [Double]
  /// How they were drawn, as the ledger of privacy keeps it.
  public var sampling: CohortSampling

  /// A cohort.
  ///
  /// - Parameters:
  ///   - clients: In increasing order.
  ///   - inclusionProbabilities: Of each of them, given who was reachable.
  ///   - sampling: The scheme, with the range of probabilities among all who were reachable.
  public init(
    clients: [Int], inclusionProbabilities: [Double], sampling: CohortSampling = .undeclared
  ) {
    self.clients = clients
    self.inclusionProbabilities = inclusionProbabilities
    self.sampling = sampling
  }
}

/// Who could take part.
public struct PopulationView: Sendable {
  /// The round about to start, from 0.
  public let round: Int
  /// Clients that are reachable, in increasing order.
  public let available: [Int]
  /// The probability with which each of `available` could be reached.
  public let availability: [Double]
  /// Clients that were sent out and have not come back.
  public let underWay: Int
  /// Training examples by client (all clients).
  public let sampleCounts: [Int]

  /// - Precondition: One probability for each of `available`; without, all are 1.
  package init(
    round: Int, available: [Int], availability: [Double]? = nil, underWay: Int = 0,
    sampleCounts: [Int]
  ) {
    self.round = round
    self.available = available
    self.availability = availability ?? available.map { _ in 1 }
    self.underWay = underWay
    self.sampleCounts = sampleCounts
  }
}

/// The null sampler: everybody, every round.
public struct FullParticipation: ClientSampler {
  /// Name and meaning.
  public static let card = Card(
    name: "full-participation", summary: "Every available client takes part in every round.")

  /// Everybody.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// All available clients with probability 1.
  public func sample(
    _ population: PopulationView, using generator: inout Generator, memory: inout Memory
  ) -> Cohort {
    Cohort(
      clients: population.available,
      inclusionProbabilities: population.available.map { _ in 1 },
      sampling: CohortSampling(
        .everybody, size: population.available.count, probabilities: 1...1))
  }

  /// All of them.
  public func guaranteedCohort(of clients: Int) -> Int? { clients }
}
