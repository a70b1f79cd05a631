public import Accounting
internal import Components
internal import Learning
public import PrivateTraining

/// What clients' private training promises for each record, against whoever sees everything that
/// clients send: the server included.
///
/// Each client has a ledger of its own, of the steps it took. Its noise is calibrated before the
/// run for as many steps as it takes if it is drawn in every round.
public struct RecordPrivacy: Codable, Sendable, Hashable {
  /// The greatest epsilon of an honest client that trained; infinite without noise.
  public var epsilon: Double
  /// The delta of it.
  public var delta: Double
  /// The client it is that of.
  public var client: Int
  /// Everything that client released.
  public var event: PrivacyEvent
  /// Honest clients that trained.
  public var clients: Int

  /// The promise at the end of a run in which each client took so many `steps`; nil without private
  /// training.
  init?(
    _ scenario: Scenario, examples: [LabeledExamples], colluders: [Int], steps: [Int]
  ) throws {
    guard let options = scenario.training.dpSgd else { return nil }
    let honest = Set(steps.indices.filter { steps[$0] > 0 }).subtracting(colluders).sorted()
    struct Kind: Hashable {
      var population: Int
      var steps: Int
    }
    var known: [Kind: TrainingPrivacy] = [:]
    var worst: (client: Int, report: TrainingPrivacy)?
    for client in honest {
      let kind = Kind(population: examples[client].count, steps: steps[client])
      let report =
        try known[kind]
        ?? scenario.training.privateOptions(
          population: kind.population, dimension: scenario.network.parameterCount
        ).report(
          steps: kind.steps, population: kind.population,
          dimension: scenario.network.parameterCount, delta: options.delta)
      known[kind] = report
      if worst.map({ report.epsilon.upper > $0.report.epsilon.upper }) ?? true {
        worst = (client, report)
      }
    }
    guard let worst, let event = worst.report.events.first else { return nil }
    epsilon = worst.report.epsilon.upper
    delta = options.delta
    client = worst.client
    self.event = event
    clients = honest.count
  }

  /// Throws what a client's private training would fail at, before anything runs.
  static func check(_ scenario: Scenario, examples: [LabeledExamples]) throws {
    guard scenario.training.dpSgd != nil else { return }
    guard scenario.pipeline.trainer.trainsPrivately else {
      throw FederationError.refused(
        Refusal(
          component: scenario.pipeline.trainer.cardName,
          reason: "sends what depends on records past the clip and the noise of dp-sgd",
          suggestion: "train with fedavg"))
    }
    if let objective = scenario.pipeline.objectives.first {
      throw FederationError.refused(
        Refusal(
          component: objective.cardName, reason: "adds to the loss that dp-sgd clips",
          suggestion: "leave out one of them"))
    }
    let steppers: [any Component] =
      scenario.pipeline.stepViews + (scenario.pipeline.descent.map { [$0] } ?? [])
    if let stepper = steppers.first {
      throw FederationError.refused(
        Refusal(
          component: stepper.cardName, reason: "takes steps of its own in place of dp-sgd's",
          suggestion: "leave out one of them"))
    }
    let network = try scenario.training.trainingNetwork(scenario.network)
    for (client, examples) in examples.enumerated() where examples.count > 0 {
      do throws(PrivateTrainingError) {
        let options = try scenario.training.privateOptions(
          population: examples.count, dimension: network.parameterCount)
        try options.check(network: network, examples: examples)
      } catch {
        throw FederationError.privateTraining(client: client, error)
      }
    }
  }
}

extension TrainingOptions {
  /// Steps of private training that a client with `population` examples takes in a round.
  public func privateSteps(population: Int) -> Int {
    let size = max(1, min(batchSize, population))
    let perPass =
      dpSgd?.sampling == .shuffled
      ? population / size : Int((Double(population) / Double(size)).rounded())
    return max(1, epochs * perPass)
  }

  /// The private training of a client with `population` examples, its noise calibrated for a client
  /// that is drawn in every round.
  ///
  /// - Throws: `PrivateTrainingError` if these options are not private or no noise is enough.
  public func privateOptions(
    population: Int, dimension: Int
  ) throws(PrivateTrainingError) -> PrivateTrainingOptions {
    guard let dpSgd else {
      throw .refused(
        what: "training", reason: "it has no dp-sgd", remedy: "give target-epsilon in dp-sgd")
    }
    if dpSgd.sampling == .cyclic {
      throw .refused(
        what: "sampling cyclic in dp-sgd of clients",
        reason: "a client begins its cycle anew in every round, and a record may then be in more "
          + "steps than are charged",
        remedy: "take poisson, or train on one machine with rampart train")
    }
    if dpSgd.targetEpsilon != nil, dpSgd.noiseMultiplier != nil {
      throw .refused(
        what: "dp-sgd with both target-epsilon and noise-multiplier",
        reason: "clients do not know in which rounds they will be drawn",
        remedy: "give one of them")
    }
    return try dpSgd.training(
      batchSize: batchSize, optimizer: optimizerOptions(round: 0),
      steps: rounds * privateSteps(population: population), population: population,
      dimension: dimension)
  }
}
