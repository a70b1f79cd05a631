public import Components
public import Federation
internal import Foundation
public import Randomness
internal import Tensors

/// Buffered asynchronous aggregation: the server never waits for the slow.
///
/// `concurrency` clients are always at work; whoever comes back is replaced at once, and every
/// `buffer` updates the server makes a step:
///
///     w ← w + η/K Σ_k s(τ_k) Δ_k,   s(τ) = (1 + τ)^-exponent
///
/// where `τ_k` is how many steps the server has made since client k received its model. A round is one
/// server step. Takes the positions of the sampler, the arrival policy and a pre-aggregator; the rule
/// that follows should be the uniform mean (`fedavg: {weighting: uniform}`) for the paper's update.
///
/// Source: Nguyen, Malik, Zhan, Yousefpour, Rabbat, Malek, Huba 2022, *Federated Learning with Buffered
/// Asynchronous Aggregation*, algorithm 1 and section 3 (staleness).
public struct FedBuff: ClientSampler, Arrival, PreAggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Updates per server step, K.
    public var buffer = 10
    /// Clients at work at any time.
    public var concurrency = 20
    /// How fast the weight of stale updates falls.
    public var exponent = 0.5

    /// The paper's buffer and staleness.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "fedbuff",
    summary: "Asynchronous: a server step for every K updates, stale ones weighed down.",
    formula: "w ← w + η/K Σ (1 + τ_k)^-a Δ_k",
    citation: "Nguyen et al. 2022, algorithm 1", needs: [.individualUpdates, .claims],
    parameters: [
      .init("buffer", "updates per server step", range: "at least 1, at most concurrency"),
      .init("concurrency", "clients at work at any time", range: "at least 1"),
      .init("exponent", "a: how fast the weight of stale updates falls", range: "at least 0"),
    ])

  /// The paper's buffer and staleness.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Buffered aggregation with these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "buffer", parameters.buffer >= 1 && parameters.buffer <= max(parameters.concurrency, 1),
      "must be at least 1 and at most the concurrency of \(parameters.concurrency)",
      got: parameters.buffer)
    check.oneOrMore("concurrency", parameters.concurrency)
    check.notNegative("exponent", parameters.exponent)
    try check.finish()
    self.parameters = parameters
  }

  /// Buffered aggregation.
  public init(buffer: Int, concurrency: Int, exponent: Double = 0.5) throws {
    var parameters = Parameters()
    parameters.buffer = buffer
    parameters.concurrency = concurrency
    parameters.exponent = exponent
    try self.init(parameters)
  }

  /// As many as are missing to the concurrency, uniformly among the idle.
  public func sample(
    _ population: PopulationView, using generator: inout Generator, memory: inout Memory
  ) -> Cohort {
    let idle = population.available.count
    let missing = min(max(parameters.concurrency - population.underWay, 0), idle)
    guard missing > 0 else { return Cohort(clients: [], inclusionProbabilities: []) }
    let chosen = generator.choice(missing, of: idle).sorted().map { population.available[$0] }
    return Cohort(
      clients: chosen,
      inclusionProbabilities: chosen.map { _ in Double(missing) / Double(idle) })
  }

  /// A full buffer, unless there are fewer clients.
  public func guaranteedCohort(of clients: Int) -> Int? { min(parameters.buffer, clients) }

  /// Steps when the buffer is full, else replaces who came back.
  public func decide(_ view: ArrivalView, memory: inout Memory) -> ArrivalDecision {
    view.buffered >= parameters.buffer ? .aggregate : .refill
  }

  /// Scales each row by its staleness; one whose staleness nobody knows stays as it is.
  public func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    Prepared(
      view.updates.scaled(
        by: view.staleness.map { staleness in
          pow(1 + Double(staleness ?? 0), -parameters.exponent)
        }))
  }
}
