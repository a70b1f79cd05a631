public import Components
public import Federation
public import Randomness
internal import Tensors

/// Forecasts every client's next model from the last rounds, and leaves out the f clients that are
/// farthest from their forecast.
///
///     Θ_t = the local models' sampled parameters, a row a client;   Θ_t ≈ A Θ_{t-1} B
///     A, B by alternating least squares over the last `window` rounds
///     s_i = ‖row i of (Θ_t - A Θ_{t-1} B)‖²;   the n - f clients of least s_i pass
///
/// What passes goes on to any rule; that is the design's point, and it may leave out more than half.
/// It rests on honest clients being more predictable than attackers: no guarantee, colluders who move
/// smoothly pass, and clients who join or drift are left out. Nobody is left out in the first round;
/// in the second the forecast is the round before. A client that was left out has its place in the
/// series taken by the global model that came of the round, as has one that did not take part. Equal
/// scores go to the lower row.
///
/// Least squares of more unknowns than data take the solution of least norm, A starts as the identity
/// and is fitted first. The code published with Flower's baseline differs: it also counts the first
/// matrix of a series as the successor of its last, so that with two rounds it fits every model to
/// itself, it fits to shifted and scaled values but applies the result to those as they are, it draws
/// parameters with repetition, and it starts at random with a ridge of 1.
///
/// Memory: `window` rounds of `parameters` values for each client of those rounds.
///
/// Example: f = 1; in the second round of three clients at 0 two have moved by 1 and one by 50: it
/// is left out.
///
/// Source: Gabrielli, Belli, Matrullo, Miori, Tolomei 2023, *Securing Federated Learning against
/// Extreme Model Poisoning Attacks via Multidimensional Time Series Anomaly Detection on Local
/// Updates*; the repair of the series and the number of sampled parameters as in its baseline.
public struct Flanders: Admission {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many clients to leave out.
    public var f = FaultBound.assumed
    /// How many of the model's parameters are watched, drawn once at random.
    public var parameters = 500
    /// How many past rounds the forecast is fitted to.
    public var window = 10
    /// How often A and B are fitted in turn, at most.
    public var iterations = 20
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "flanders",
    summary:
      "Leaves out the f clients farthest from a forecast of their models; place before a rule.",
    formula: "‖Θ_t - A Θ_{t-1} B‖² by client, A and B by alternating least squares",
    citation: "Gabrielli et al. 2023",
    needs: [.individualUpdates, .clientIdentity, .globalModel],
    claims: [.permutationInvariant],
    parameters: [
      .init("f", "clients to leave out", range: "0 ≤ f, or 'assumed'"),
      .init("parameters", "model parameters watched, drawn at random", range: "1 or more"),
      .init("window", "past rounds the forecast is fitted to", range: "2 or more"),
      .init("iterations", "alternations of the fit, at most", range: "1 or more"),
    ])

  /// The assumed f, 500 parameters, 10 rounds.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The filter with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    check(
      "parameters", parameters.parameters > 0, "must be 1 or more", got: parameters.parameters)
    check("window", parameters.window > 1, "must be 2 or more", got: parameters.window)
    check(
      "iterations", parameters.iterations > 0, "must be 1 or more", got: parameters.iterations)
    try check.finish()
    self.parameters = parameters
  }

  /// The filter that leaves out `f` clients.
  public init(
    f: FaultBound = .assumed, parameters: Int = 500, window: Int = 10, iterations: Int = 20
  ) throws {
    try self.init(
      Parameters(f: f, parameters: parameters, window: window, iterations: iterations))
  }

  /// The watched parameters of the last rounds' models.
  private struct Series: Codable {
    /// Which parameters are watched.
    var coordinates: [Int]
    /// The rounds, oldest first.
    var rounds: [Round] = []
    /// The forecast, as it depends on past rounds alone: whoever tries out this round's updates on
    /// copies of the memory asks for the same one again.
    var forecast = RememberedForecast()
  }

  private struct Round: Codable {
    /// The local models by client.
    var models: [Int: [Double]]
    /// Whose model was left out: the next global model will take its place.
    var leftOut: [Int]
    /// What stands for a client that is missing: the global model sent out.
    var global: [Double]
  }

  /// Fits, forecasts and leaves out. O(np) to read p watched parameters; an iteration costs O(k³) for
  /// k = min(window n, p), and getting there O(window n p k).
  public func admit(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> [AdmissionVerdict] {
    let n = view.updates.count
    let dimension = view.globalModel.count
    var series =
      memory[Series.self]
      ?? Series(
        coordinates: generator.choice(min(parameters.parameters, dimension), of: dimension)
          .sorted())
    let global = series.coordinates.map { Double(view.globalModel[$0]) }
    if let last = series.rounds.indices.last {
      for client in series.rounds[last].leftOut { series.rounds[last].models[client] = global }
      series.rounds[last].leftOut = []
    }
    let watched = view.updates.selectingColumns(series.coordinates)
    let models = (0..<n).map { row in zip(global, watched.row(row).array).map { $0 + Double($1) } }

    var verdicts = [AdmissionVerdict](repeating: AdmissionVerdict(factor: 1), count: n)
    if !series.rounds.isEmpty {
      let past = series.rounds.map { round in
        SmallMatrix(view.clients.map { $0.flatMap { round.models[$0] } ?? round.global })
      }
      let forecast = series.forecast.value(after: past) {
        Self.forecast(past, iterations: parameters.iterations)
      }
      let scores = (0..<n).map { row in
        zip(models[row], forecast.row(row)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      let kept = max(1, n - parameters.f.resolved(assumed: view.faults))
      for row in (0..<n).sorted(by: { (scores[$0], $0) < (scores[$1], $1) }).dropFirst(kept) {
        verdicts[row] = AdmissionVerdict(
          factor: 0, reason: "farther from its forecast than \(kept) others")
      }
    }

    var round = Round(models: [:], leftOut: [], global: global)
    for (row, client) in view.clients.enumerated() {
      guard let client else { continue }
      round.models[client] = models[row]
      if verdicts[row].factor == 0 { round.leftOut.append(client) }
    }
    series.rounds.append(round)
    series.forecast = RememberedForecast()
    series.rounds.removeFirst(max(0, series.rounds.count - parameters.window))
    memory[Series.self] = series
    return verdicts
  }
}
