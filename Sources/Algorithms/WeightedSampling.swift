internal import Accounting
public import Components
public import Federation
public import Randomness

/// A fixed number of clients without replacement, some likelier than others, each with a known
/// probability.
///
///     π_k = min(1, c w_k), Σ π_k = m;  E[Σ_{k in cohort} x_k / π_k] = Σ x_k
///
/// Systematic sampling: the probabilities are laid end to end in a random order, and clients are taken
/// where u, u + 1, u + 2, … fall, u uniform in [0, 1). Every π_k is met exactly and the cohort always has
/// m clients; drawing clients one after another with chances w_k does not do that. The random order makes
/// almost every pair of clients possible. Clients whose share exceeds 1 are always taken.
///
/// With `by: examples`, w_k = n_k; with `by: given`, `weights` are the clients' in their order. With
/// `even-out`, weights are divided by the probability with which a client can be reached, so that over
/// time clients take part nearly in proportion to w_k in spite of it, as far as π_k ≤ 1 allows.
///
/// Sources: Madow 1949, *On the Theory of Systematic Sampling, II*, Annals of Mathematical Statistics
/// 20(3); the random order is Goodman and Kish 1950, *Controlled Selection*, JASA 45(251).
public struct WeightedSampling: ClientSampler {
  /// What weights are taken from.
  public enum Measure: String, Codable, Hashable, Sendable, CaseIterable {
    case examples, given, equal
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Clients in a round.
    public var clients = 10
    /// What the weights are.
    public var by = Measure.examples
    /// One weight a client, with `by: given`.
    public var weights: [Double] = []
    /// Whether clients that are rarely reachable get larger weights.
    public var evenOut = false

    /// Ten clients a round, by their numbers of examples.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "weighted-sampling",
    summary: "A fixed number of clients without replacement, with known unequal probabilities.",
    formula: "P(k in cohort) = min(1, c w_k), sum m; systematic in random order",
    citation: "Madow 1949, systematic sampling; Goodman and Kish 1950",
    parameters: [
      .init("clients", "clients in a round", range: "1 or more"),
      .init(
        "by", "what the weights w_k are: numbers of examples, those given, or all equal",
        range: "examples, given or equal"),
      .init("weights", "one weight a client, with by: given", range: "numbers of 0 or more"),
      .init(
        "even-out", "divide weights by the probability of being reachable",
        range: "true or false"),
    ])

  /// Ten clients a round, by their numbers of examples.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Sampling with these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.oneOrMore("clients", parameters.clients)
    check(
      "weights", parameters.weights.allSatisfy { $0 >= 0 && $0.isFinite },
      "must be finite numbers of 0 or more", got: parameters.weights)
    if parameters.by == .given {
      check(
        "weights", parameters.weights.contains { $0 > 0 },
        "must hold one weight for each client, at least one of them positive",
        got: parameters.weights)
    } else {
      check(
        "weights", parameters.weights.isEmpty, "are used with 'by: given' only",
        got: parameters.weights)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// Sampling of `clients` clients a round with the given weights.
  public init(clients: Int, weights: [Double]) throws {
    var parameters = Parameters()
    parameters.clients = clients
    parameters.by = .given
    parameters.weights = weights
    try self.init(parameters)
  }

  /// The cohort; who has weight 0 is never in it. O(n log n).
  ///
  /// - Throws: `FederationError.unfitSampler` when there are more or fewer clients than given weights.
  public func sample(
    _ population: PopulationView, using generator: inout Generator, memory: inout Memory
  ) throws -> Cohort {
    let available = population.available
    if parameters.by == .given, parameters.weights.count != population.sampleCounts.count {
      throw FederationError.unfitSampler(
        sampler: cardName,
        problem: "got \(parameters.weights.count) weights for \(population.sampleCounts.count) "
          + "clients; give one weight for each client")
    }
    let weights = zip(available, population.availability).map { client, chance in
      let weight =
        switch parameters.by {
        case .examples: Double(population.sampleCounts[client])
        case .given: parameters.weights[client]
        case .equal: 1.0
        }
      return parameters.evenOut ? min(weight / chance, .greatestFiniteMagnitude) : weight
    }
    let inclusion = InclusionProbabilities(
      proportionalTo: weights, size: parameters.clients)
    let chosen = inclusion.systematicSample(using: &generator)
    return Cohort(
      clients: chosen.map { available[$0] },
      inclusionProbabilities: chosen.map { inclusion.values[$0] },
      sampling: CohortSampling(
        .weighted, size: inclusion.size,
        probabilities: (inclusion.values.min() ?? 0)...(inclusion.values.max() ?? 0)))
  }

  /// The fixed number where all weights are positive; no bound otherwise.
  public func guaranteedCohort(of clients: Int) -> Int? {
    switch parameters.by {
    case .examples, .equal: min(parameters.clients, clients)
    case .given: min(parameters.clients, parameters.weights.count { $0 > 0 }, clients)
    }
  }
}

extension InclusionProbabilities {
  /// `size` places, each k with probability `values[k]`, in increasing order. O(n log n).
  func systematicSample(using generator: inout Generator) -> [Int] {
    var chosen = values.indices.filter { values[$0] == 1 }
    let others = values.indices.filter { values[$0] > 0 && values[$0] < 1 }
    let places = size - chosen.count
    let start = generator.uniform()
    let order = generator.permutation(others.count)
    var end = 0.0
    var taken = 0
    for (place, index) in order.enumerated() {
      // The last end is a whole number but for rounding.
      end = place + 1 == order.count ? Double(places) : end + values[others[index]]
      // Points start, start + 1, … below this end; probabilities below 1 hold one new one at most.
      let points = end > start ? Int((end - start).rounded(.up)) : 0
      if points > taken {
        chosen.append(others[index])
        taken += 1
      }
    }
    return chosen.sorted()
  }
}
