internal import Accounting
public import Components
public import Federation
public import Randomness

/// Every client takes part with the same probability, independently of the others.
///
///     P(i in cohort) = q for each i
///
/// The sampling that amplification by sub-sampling is proved for. The cohort's size varies, and a
/// round may be empty: the model is then held.
///
/// Source: Abadi et al. 2016, *Deep Learning with Differential Privacy*, algorithm 1; for clients:
/// McMahan et al. 2018, *Learning Differentially Private Recurrent Language Models*, algorithm 1.
public struct PoissonSampling: ClientSampler {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The probability of taking part.
    public var rate = 0.5
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "poisson-sampling",
    summary: "Each client takes part with a fixed probability, independently of the others.",
    formula: "P(i in cohort) = q",
    citation: "McMahan et al. 2018, algorithm 1",
    parameters: [.init("rate", "probability of taking part", range: "in (0, 1]")])

  /// Half of the clients on average.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Sampling with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "rate", parameters.rate > 0 && parameters.rate <= 1, "must be in (0, 1]",
      got: parameters.rate)
    try check.finish()
    self.parameters = parameters
  }

  /// Sampling with probability `rate`.
  public init(rate: Double) throws { try self.init(Parameters(rate: rate)) }

  /// One coin a client. O(n).
  public func sample(
    _ population: PopulationView, using generator: inout Generator, memory: inout Memory
  ) -> Cohort {
    let chosen = population.available.filter { _ in generator.bernoulli(parameters.rate) }
    return Cohort(
      clients: chosen, inclusionProbabilities: chosen.map { _ in parameters.rate },
      sampling: CohortSampling(.poisson, probabilities: parameters.rate...parameters.rate))
  }

  /// No bound: a round may be empty.
  public func guaranteedCohort(of clients: Int) -> Int? {
    parameters.rate == 1 ? clients : nil
  }
}
