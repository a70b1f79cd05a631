public import Components
public import Federation
public import GradientInversion
public import Learning
public import Randomness
public import Tensors

/// LOKI: every client gets a model that leads its images to units of its own, so that the sum of all
/// updates, the only thing that secure aggregation shows, holds each client's bins apart.
///
/// Client i takes the place i modulo `clients` among the units. The model is replaced as a whole.
///
/// Source: Zhao, Sharma, Elkordy, Ezzeldin, Avestimehr, Bagchi 2024, *LOKI: Large-scale Data
/// Reconstruction Attack against Federated Learning through Model Manipulation*, section 4.
public struct LokiAttack: InversionObserver, ServerTampering {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// In which rounds.
    public var rounds = [InversionTarget.When.initial]
    /// How many clients get units of their own.
    public var clients = 10
    /// Bins of each.
    public var bins = 32
    /// The mean that brightness is assumed to have.
    public var mean = 0.35
    /// Its assumed deviation.
    public var deviation = 0.12
  }

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = Card(
    name: "loki",
    summary: "A malicious server keeps each client's bins apart within the sum of all updates.",
    citation: "Zhao et al. 2024, section 4",
    needs: [
      .sum, .batchSize, .inputNormalisation, .weightModification, .architectureModification,
    ],
    control: usualControl.tried(
      in: .init(
        parameters: "{clients: 10, bins: 64, mean: 0.31, deviation: 0.06}",
        model: "mlp: {hidden: [100]}", batch: 4, transport: "sum-only")),
    parameters: [
      .init("rounds", "when", range: "a list of initial, middle, final"),
      .init("clients", "clients with units of their own", range: "1 or more"),
      .init("bins", "bins of each", range: "1 or more"),
      .init("mean", "the assumed mean of brightness", range: "any"),
      .init("deviation", "its assumed standard deviation", range: "greater than 0"),
    ])

  /// Ten clients of 32 bins.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    InversionTarget(updates: 1, rounds: parameters.rounds).validate(&check)
    check(
      "clients", (1...1000).contains(parameters.clients), "must be 1 to 1000",
      got: parameters.clients)
    check(
      "bins", (2...10_000).contains(parameters.bins), "must be 2 to 10000", got: parameters.bins)
    check(
      "deviation", parameters.deviation > 0 && parameters.deviation.isFinite,
      "must be a finite number greater than 0", got: parameters.deviation)
    check("mean", parameters.mean.isFinite, "must be finite", got: parameters.mean)
    try check.finish()
    self.parameters = parameters
  }

  /// The updates that are attacked: the sum, or each update as if it were one.
  public var target: InversionTarget {
    InversionTarget(updates: parameters.clients, rounds: parameters.rounds)
  }

  private func loki(shape: [Int], classes: Int) throws -> Loki {
    var generator = Generator(seed: 1)
    // An empty copy must open no unit: thresholds are positive, the lowest just so.
    var thresholds = try Imprint.quantiles(
      of: .normal, mean: parameters.mean, deviation: parameters.deviation, bins: parameters.bins,
      form: .cumulative)
    var floor = 1e-4
    for index in thresholds.indices where thresholds[index] < floor {
      thresholds[index] = floor
      floor += 1e-6
    }
    return try Loki(
      clients: parameters.clients,
      imprint: Imprint(
        form: .cumulative, query: Imprint.weights(.mean, shape: shape, using: &generator),
        thresholds: thresholds),
      shape: ImageShape(shape), classes: classes)
  }

  /// The attack's own model.
  public func network(replacing network: Network) throws -> Network {
    try loki(shape: network.inputShape, classes: network.classes).network
  }

  /// The client's own weights.
  public func tamper(
    _ model: Vector, for sending: Sending, memory: inout Memory
  ) throws -> Vector {
    guard target.includes(sending.round, of: sending.rounds) else { return model }
    var generator = Generator(seed: 1).fork("loki", UInt64(sending.round))
    return try loki(shape: sending.network.inputShape, classes: sending.network.classes)
      .parameters(for: sending.client % parameters.clients, using: &generator)
  }

  /// The same bins, where the defense leaves them alone.
  public func invert(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion {
    try divide(
      row, of: observation, tensors: observation.network.layout.segments.map(\.name),
      knowing: counters, using: generator)
  }

  /// The bins of every client.
  public func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [InvertedBatch] {
    let network = observation.network
    let found = try loki(shape: network.inputShape, classes: network.classes)
      .extract(observation.gradientUpToAFactor(ofRow: row), threshold: 1e-3)
    let bins = found.flatMap { $0 }
    let best = bins.likeliestFirst
    let count = try observation.batchSizes(of: row)?.reduce(0, +) ?? bins.count
    return [
      InvertedBatch(
        row: row, of: observation,
        images: try observation.pixels(best.prefix(count).map(\.input)))
    ]
  }
}
