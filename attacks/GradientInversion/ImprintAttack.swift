public import Components
public import Federation
public import GradientInversion
public import Learning
public import Randomness
public import Tensors

/// Imprint: the server plants weights that sort examples into bins, so that neighbouring units'
/// gradients differ by the examples of one bin. Whoever is alone in its bin is exact.
///
/// Of n examples in k equally likely bins, n (1 - 1/k)^(n-1) are alone. Survives sums over clients,
/// secure aggregation included. With `architecture: replace` the clients get a model of one hidden
/// layer made for it; otherwise the model must begin with a dense layer of at least `bins` units and a
/// rectifier (the sparse form needs two).
///
/// Source: Fowl, Geiping, Czaja, Goldblum, Goldstein 2022, *Robbing the Fed*, section 3.
public struct ImprintAttack: InversionObserver, ServerTampering {
  /// What becomes of the model.
  public enum Architecture: String, Codable, CaseIterable, Hashable, Sendable {
    /// Only its weights change.
    case keep
    /// Clients get another one.
    case replace
  }

  /// The number that examples are sorted by.
  public enum Query: String, Codable, CaseIterable, Hashable, Sendable {
    /// Brightness.
    case mean
    /// Normal weights.
    case random
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many of a round's rows are attacked.
    public var updates = 4
    /// In which rounds.
    public var rounds = [InversionTarget.When.initial]
    /// k.
    public var bins = 64
    /// Where the bins are: cumulative, or one bin a row.
    public var sparse = false
    /// What becomes of the model.
    public var architecture = Architecture.keep
    /// The number that examples are sorted by.
    public var query = Query.mean
    /// The mean that this number is assumed to have.
    public var mean = 0.35
    /// Its assumed deviation.
    public var deviation = 0.12
    /// Seed of a random query.
    public var seed: UInt64 = 1
  }

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = Card(
    name: "imprint",
    summary: "A malicious server plants bins; whoever is alone in a bin is exact, in sums too.",
    formula: "x = (dL/dW_j - dL/dW_(j+1)) / (dL/db_j - dL/db_(j+1))",
    citation: "Fowl et al. 2022, section 3",
    needs: [.sum, .batchSize, .inputNormalisation, .weightModification],
    control: usualControl.tried(
      in: .init(
        parameters: "{bins: 99, mean: 0.31, deviation: 0.06}", model: "mlp: {hidden: [100]}",
        batch: 8)),
    parameters: InversionTarget.cards + [
      .init("bins", "how many bins", range: "1 or more"),
      .init("sparse", "whether a row holds one bin alone", range: "true or false"),
      .init("architecture", "what becomes of the model", range: "keep or replace"),
      .init("query", "the number examples are sorted by", range: "mean or random"),
      .init("mean", "its assumed mean", range: "any"),
      .init("deviation", "its assumed standard deviation", range: "greater than 0"),
      .init("seed", "seed of a random query", range: "0 or more"),
    ])

  /// 64 bins of brightness.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds).validate(&check)
    check(
      "bins", (1...100_000).contains(parameters.bins), "must be 1 to 100000", got: parameters.bins)
    check(
      "deviation", parameters.deviation > 0 && parameters.deviation.isFinite,
      "must be a finite number greater than 0", got: parameters.deviation)
    check("mean", parameters.mean.isFinite, "must be finite", got: parameters.mean)
    try check.finish()
    self.parameters = parameters
  }

  /// The updates that are attacked.
  public var target: InversionTarget {
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds)
  }

  /// The right to change weights, and the architecture if that is replaced.
  public var needs: Set<Capability> {
    parameters.architecture == .replace
      ? Self.card.needs.union([.architectureModification]) : Self.card.needs
  }

  private func imprint(shape: [Int]) throws -> Imprint {
    var generator = Generator(seed: parameters.seed).fork("imprint")
    let form: Imprint.Form = parameters.sparse ? .sparse : .cumulative
    return try Imprint(
      form: form,
      query: Imprint.weights(
        parameters.query == .mean ? .mean : .random, shape: shape, using: &generator),
      thresholds: Imprint.quantiles(
        of: .normal, mean: parameters.mean, deviation: parameters.deviation,
        bins: parameters.bins, form: form))
  }

  /// One hidden layer of as many units as bins, if the architecture is replaced.
  public func network(replacing network: Network) throws -> Network {
    guard parameters.architecture == .replace else { return network }
    let units = parameters.bins + 1
    let hidden: [Layer] =
      parameters.sparse
      ? [.dense(outputs: units), .relu, .dense(outputs: units), .relu]
      : [.dense(outputs: units), .relu]
    return try Network(
      input: network.inputShape, [.flatten] + hidden + [.dense(outputs: network.classes)])
  }

  /// The planted weights.
  public func tamper(
    _ model: Vector, for sending: Sending, memory: inout Memory
  ) throws -> Vector {
    guard target.includes(sending.round, of: sending.rounds) else { return model }
    return try imprint(shape: sending.network.inputShape).plant(in: model, of: sending.network)
  }

  /// Models whose first layers have no room for the bins.
  public func refusal(of network: Network) -> Refusal? {
    refusal(
      suggesting: "take fewer bins, a model such as mlp, or architecture: replace"
    ) {
      let network = try self.network(replacing: network)
      _ = try imprint(shape: network.inputShape).plant(
        in: Vector(zeros: network.parameterCount), of: network)
    }
  }

  /// The same bins, where the defense leaves them alone.
  public func invert(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion {
    try divide(
      row, of: observation,
      tensors: parameters.sparse
        ? observation.network.layout.segments.map(\.name) : firstDenseTensors,
      knowing: counters, using: generator)
  }

  /// The bins that hold something, those that can be one example first.
  public func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [InvertedBatch] {
    let found = try imprint(shape: observation.network.inputShape)
      .extract(
        observation.gradientUpToAFactor(ofRow: row), of: observation.network, threshold: 1e-3)
    let count = try observation.batchSizes(of: row)?.reduce(0, +) ?? found.count
    let best = found.likeliestFirst
    return [
      InvertedBatch(
        row: row, of: observation,
        images: try observation.pixels(best.prefix(count).map(\.input)))
    ]
  }
}
