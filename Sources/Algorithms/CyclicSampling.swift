internal import Accounting
public import Components
public import Federation
public import Randomness

/// Clients in groups that take turns: one round each, in the same order all run.
///
///     cohort of round t = { k : k mod b = t mod b }
///
/// A client takes part every b rounds, never sooner: what noise that is correlated over rounds
/// (`dp-ftrl`, `dp-banded-mf`) counts on. The groups do not depend on anything that clients hold, and
/// there is no amplification by sampling.
///
/// Source: Kairouz et al. 2021, *Practical and Private (Deep) Learning without Sampling or Shuffling*,
/// section 3 (data in a fixed order).
public struct CyclicSampling: ClientSampler {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// b.
    public var groups = 10
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "cyclic-sampling",
    summary: "Clients in groups that take turns, each client every so many rounds.",
    formula: "k mod b = t mod b",
    citation: "Kairouz et al. 2021, section 3",
    parameters: [.init("groups", "groups that take turns", range: "1 or more")])

  /// Ten groups.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Sampling with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.oneOrMore("groups", parameters.groups)
    try check.finish()
    self.parameters = parameters
  }

  /// Sampling of `groups` groups in turn.
  public init(groups: Int) throws { try self.init(Parameters(groups: groups)) }

  /// The group whose turn it is. O(n).
  public func sample(
    _ population: PopulationView, using generator: inout Generator, memory: inout Memory
  ) -> Cohort {
    let turn = population.round % parameters.groups
    let chosen = population.available.filter { $0 % parameters.groups == turn }
    let largest = (population.sampleCounts.count + parameters.groups - 1) / parameters.groups
    return Cohort(
      clients: chosen, inclusionProbabilities: chosen.map { _ in 1 },
      sampling: CohortSampling(
        .cyclic, size: largest, probabilities: parameters.groups == 1 ? 1...1 : 0...1))
  }

  /// The smallest group.
  public func guaranteedCohort(of clients: Int) -> Int? { clients / parameters.groups }

  /// The number of groups.
  public func separation(of clients: Int) -> Int { parameters.groups }
}
