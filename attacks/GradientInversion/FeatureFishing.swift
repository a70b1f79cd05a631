public import Components
public import Federation
internal import GradientInversion
internal import Learning
public import Randomness
public import Tensors

/// Fishing by feature: where all of a client's examples are of one class, a threshold on one
/// feature decides who sends anything back, and the server moves it from round to round until
/// that is one.
///
/// The first round is watched: its model is what clients get in all rounds to come, with another
/// last layer, and public examples of the class say which feature to take and where to begin.
/// Every query halves an interval, for each client by itself; how many were caught stands in the
/// bias's gradient. Needs clients that take the same examples in every round: full batches.
///
/// Source: Wen, Geiping, Fowl, Goldblum, Goldstein 2022, *Fishing for User Data in Large-Batch
/// Federated Learning*, section 4.
public struct FeatureFishing: InversionObserver, ServerTampering {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many of a round's clients are fished.
    public var updates = 4
    /// The class whose clients are fished.
    public var target = 0
    /// The feature's weight in the class's output.
    public var gain = 300.0
    /// Steps of the search, where the model begins with a convolution.
    public var steps = 4800
  }

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = Card(
    name: "feature-fishing",
    summary: "A malicious server moves a threshold on one feature until one example answers.",
    citation: "Wen et al. 2022, section 4",
    needs: [
      .individualUpdates, .clientIdentity, .batchSize, .trainingParameters, .inputNormalisation,
      .publicData, .weightModification,
    ],
    control: .figure(
      "PSNR above gray in dB, best", atLeast: 3,
      summary: "the best reconstruction is at least 3 dB nearer than constant gray"
    ).tried(
      in: .init(
        parameters: "{target: 3, updates: 10}", model: "mlp: {hidden: [100]}", batch: 13,
        algorithm: "fedsgd",
        partition: "k-class: {clients: 100, labels: 1}", rounds: 12)),
    parameters: [
      .init("updates", "how many of a round's clients are fished", range: "1 or more"),
      .init("target", "the class whose clients are fished", range: "0 or more"),
      .init("gain", "the feature's weight in the class's output", range: "greater than 0"),
      .init("steps", "steps of the search behind convolutions", range: "1 or more"),
    ])

  /// Class 0 and the paper's gain.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check("updates", parameters.updates >= 1, "must be 1 or more", got: parameters.updates)
    check("target", parameters.target >= 0, "must be 0 or more", got: parameters.target)
    check(
      "gain", parameters.gain > 0 && parameters.gain.isFinite,
      "must be a finite number greater than 0", got: parameters.gain)
    check("steps", parameters.steps >= 1, "must be 1 or more", got: parameters.steps)
    try check.finish()
    self.parameters = parameters
  }

  /// The updates that are attacked: the first ones of every round but the first.
  public var target: InversionTarget {
    InversionTarget(updates: parameters.updates, rounds: [.final])
  }

  /// What the server remembers.
  private struct Catch: Codable, Sendable {
    /// The model of the first round.
    var base: Vector
    var feature: Int
    /// Where every search begins.
    var start: FishingSearch
    var searches: [Int: FishingSearch] = [:]
    var caught: [InvertedBatch] = []
    /// The last round in which each client was asked.
    var asked: [Int: Int] = [:]

    func search(_ client: Int) -> FishingSearch { searches[client] ?? start }
  }

  /// The first round's model, with the client's threshold on the feature.
  public func tamper(_ model: Vector, for sending: Sending, memory: inout Memory) throws -> Vector {
    guard let state = memory[Catch.self] else { return model }
    return try planted(state, for: sending.client, network: sending.network)
  }

  private func planted(_ state: Catch, for client: Int, network: Network) throws -> Vector {
    try Fishing.byFeature(
      state.feature, threshold: state.search(client).threshold, target: parameters.target,
      parameters: state.base, network: network, gain: parameters.gain)
  }

  /// Chooses the feature in the first round, then reads how many were caught.
  public func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) throws {
    do {
      guard var state = memory[Catch.self] else {
        memory[Catch.self] = try begin(observation)
        return
      }
      for row in observation.items.indices.prefix(parameters.updates) {
        guard let client = observation.items[row].clients?.first else { continue }
        try look(
          at: client, row, of: observation, using: generator.fork("update", UInt64(row)), &state)
      }
      memory[Catch.self] = state
    } catch let error as InversionError {
      if case .unsuitableModel(_, let reason) = error {
        throw FederationError.unsuitableModel(component: cardName, problem: reason)
      }
      throw error
    }
  }

  private func begin(_ observation: Observation) throws -> Catch {
    let examples = try observation.publicExamples()
    let label = Int32(parameters.target)
    let samples = try (0..<examples.count).filter { examples.labels[$0] == label }.map {
      try Fishing.features(
        of: examples.features(of: $0), label: label, parameters: observation.modelBefore,
        network: observation.network)
    }
    guard let feature = Fishing.mostNormal(samples) else {
      throw InversionError.notKnown(
        attack: Self.card.name, missing: "two public examples of class \(label) that differ",
        alternative: "fish for another class")
    }
    let values = samples.map { $0[feature] }
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    // Clients' examples may lie a little outside of what public ones show.
    let margin = (high - low) / 2
    return Catch(
      base: observation.modelBefore, feature: feature,
      start: FishingSearch(from: low - margin, to: high + margin))
  }

  private func look(
    at client: Int, _ row: Int, of observation: Observation, using generator: Generator,
    _ state: inout Catch
  ) throws {
    state.asked[client] = observation.round
    guard !state.search(client).isDone else { return }
    let network = observation.network
    var caught = 0.0
    if observation.updates.row(row).array.contains(where: { $0 != 0 }) {
      let problem = try observation.problem(ofRow: row)
      caught = try Fishing.caught(
        problem.observed.meanGradient(problem.knowledge.training), target: parameters.target,
        network: network, batchSize: problem.knowledge.batchSize ?? 1)
    }
    let planted = try planted(state, for: client, network: network)
    var search = state.search(client)
    search.update(caught: caught)
    state.searches[client] = search
    guard search.isDone else { return }
    state.caught.append(
      try Self.loneExample(
        row, of: observation, planted: planted, claim: Int32(parameters.target),
        steps: parameters.steps, using: generator))
  }

  /// What was caught; clients of whom no threshold caught one alone are failures.
  public func guess(using generator: inout Generator, memory: inout Memory) -> InvertedUpdates {
    guard let state = memory[Catch.self] else { return InvertedUpdates() }
    let missed = state.asked.filter { !state.search($0.key).isDone }.sorted { $0.key < $1.key }
    var found = InvertedUpdates()
    found.plain =
      state.caught
      + missed.map { client, round in
        InvertedBatch(
          round: round, clients: [client], claim: Int32(parameters.target),
          failure: "no threshold caught one example alone")
      }
    return found
  }

  /// Nothing: thresholds move from round to round, which ``observe(_:using:memory:)`` follows.
  public func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) -> [InvertedBatch] { [] }
}
