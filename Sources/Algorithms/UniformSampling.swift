internal import Accounting
public import Components
public import Federation
public import Randomness

/// A fixed number of clients, every set of that size equally likely.
///
///     |cohort| = m, drawn without replacement; inclusion probability m/n
///
/// Source: McMahan et al. 2017, algorithm 1 (m = C·K).
public struct UniformSampling: ClientSampler {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Clients in a round.
    public var clients = 10
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "uniform-sampling",
    summary: "A fixed number of clients a round, drawn without replacement.",
    formula: "|cohort| = m",
    citation: "McMahan et al. 2017, algorithm 1",
    parameters: [.init("clients", "clients in a round", range: "1 or more")])

  /// Ten clients a round.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Sampling with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.oneOrMore("clients", parameters.clients)
    try check.finish()
    self.parameters = parameters
  }

  /// Sampling of `clients` clients a round.
  public init(clients: Int) throws { try self.init(Parameters(clients: clients)) }

  /// The cohort; everybody when fewer than `clients` are available. O(n).
  public func sample(
    _ population: PopulationView, using generator: inout Generator, memory: inout Memory
  ) -> Cohort {
    let available = population.available
    let size = min(parameters.clients, available.count)
    let chosen = generator.choice(size, of: available.count).map { available[$0] }.sorted()
    let probability = available.isEmpty ? 0 : Double(size) / Double(available.count)
    return Cohort(
      clients: chosen, inclusionProbabilities: chosen.map { _ in probability },
      sampling: CohortSampling(
        .fixedSize, size: size, probabilities: probability...probability))
  }

  /// The fixed number, or everybody.
  public func guaranteedCohort(of clients: Int) -> Int? { min(parameters.clients, clients) }
}
