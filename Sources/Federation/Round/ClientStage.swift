internal import Datasets
internal import Learning
internal import Randomness
internal import Synchronization
internal import Tensors

/// What one client remembers: its own model's memory, its trainer's and one for each transform.
struct ClientMemory: Codable, Sendable {
  /// The values of the coordinates that never leave the client; nil before its first training.
  var kept: [Float]?
  var personalizer = Memory()
  var trainer = Memory()
  var transforms: [Memory]
  /// Steps of private training; nil before the first and without.
  var privateSteps: Int?
  /// Updates that left after noise of the client's own; nil before the first and without.
  var releases: Int?

  init(transforms count: Int) { transforms = (0..<count).map { _ in Memory() } }
}

/// The clients' side of a round: data, local training, transforms.
struct ClientStage {
  private let scenario: Scenario
  /// The model as clients train it.
  let network: Network
  /// What clients keep to themselves.
  let personal: PersonalCoordinates
  private let streams: Streams
  private let colluders: Collusion
  /// What each client trains on as long as it is honest, data views applied.
  let examples: [LabeledExamples]
  /// What colluders train on while they attack, where that differs.
  private let corrupted: [Int: LabeledExamples]
  let workers: Int
  private let workspaces: WorkspaceShelf

  init(_ scenario: Scenario, colluders: Collusion, streams: Streams, workers: Int) throws {
    let pipeline = scenario.pipeline
    self.scenario = scenario
    network = try scenario.training.trainingNetwork(scenario.network)
    for view in pipeline.stepViews { try view.check(network) }
    personal = PersonalCoordinates(
      try pipeline.personalizer.keptRanges(of: network), dimension: network.parameterCount)
    self.streams = streams
    self.colluders = colluders
    func viewed(
      _ examples: LabeledExamples, through views: [any DataView], from first: Int, of client: Int
    ) throws -> LabeledExamples {
      try views.enumerated().reduce(examples) { examples, element in
        var generator = streams.stream(.dataView, round: first + element.offset, index: client)
        return try element.element.view(examples, of: client, using: &generator)
      }
    }
    examples = try (0..<scenario.shares.count).map { client in
      try viewed(
        scenario.shares.examples(of: client, in: scenario.data.train),
        through: pipeline.dataViews, from: 0, of: client)
    }
    var corrupted: [Int: LabeledExamples] = [:]
    if !pipeline.attack.dataViews.isEmpty {
      for client in colluders.members {
        // A subset shares its storage with the whole training set; an attack gets a copy.
        corrupted[client] = try viewed(
          examples[client].detached(), through: pipeline.attack.dataViews,
          from: pipeline.dataViews.count, of: client)
      }
    }
    self.corrupted = corrupted
    self.workers = workers
    workspaces = WorkspaceShelf(
      network: network, batchSize: scenario.training.batchSize, count: workers)
  }

  /// Trains `cohort` side by side; one update a client, in order, transforms not yet applied, with
  /// the reasons of those who refused: their updates are zero, and not to be sent.
  func train(
    _ cohort: [Int], round: Int, received: [Vector], steps: [Int],
    memories: inout [ClientMemory]
  ) throws -> [(update: Update, refusal: String?)] {
    let before = cohort.map { memories[$0] }
    let length = scenario.network.parameterCount
    let results = try WorkerPool.map(cohort.count, workers: workers) {
      (index, worker) -> (Update, String?, ClientMemory) in
      let client = cohort[index]
      var memory = before[index]
      let start = try personalModel(of: client, received: received[index], memory: &memory)
      var generator = streams.stream(.training, round: round, index: client)
      let examples = data(of: client, round: round)
      // A colluder has reasons of its own to go on.
      let isHonest = !colluders.includes(client, inRound: round)
      for inspection in scenario.pipeline.inspections where isHonest {
        guard
          let reason = try inspection.refusal(of: start, network: network, examples: examples)
        else { continue }
        let nothing = Update(
          client: client, startedRound: round, delta: Vector(zeros: length), weight: 0, steps: 0,
          loss: 0)
        return (nothing, "\(inspection.cardName): \(reason)", memory)
      }
      let task = LocalTask(
        client: client, round: round, received: start, examples: examples,
        network: network, training: scenario.training,
        objectives: scenario.pipeline.objectives, stepViews: scenario.pipeline.stepViews,
        maximumSteps: steps[index], workspace: workspaces[worker],
        keepsBatches: !scenario.pipeline.attack.observers.isEmpty,
        descent: scenario.pipeline.descent)
      var update = try scenario.pipeline.trainer.train(
        task, using: &generator, memory: &memory.trainer)
      guard update.delta.count == length else {
        throw FederationError.wrongSize(
          component: scenario.pipeline.trainer.cardName, got: update.delta.count,
          expected: length)
      }
      if scenario.training.dpSgd != nil {
        memory.privateSteps = (memory.privateSteps ?? 0) + update.steps
      }
      if !personal.isEmpty {
        // A client whose training diverged goes on with what it had.
        let values = personal.values(of: start + update.delta)
        if values.allSatisfy(\.isFinite) { memory.kept = values }
        personal.clear(&update.delta)
        update.support = personal.support
      }
      return (update, nil, memory)
    }
    for (client, result) in zip(cohort, results) { memories[client] = result.2 }
    return results.map { ($0.0, $0.1) }
  }

  /// What each client trains on while nobody attacks.
  var honestExamples: [LabeledExamples] { examples }

  /// What `client` trains on in `round`.
  func data(of client: Int, round: Int) -> LabeledExamples {
    if let corrupted = corrupted[client], colluders.includes(client, inRound: round) {
      return corrupted
    }
    return examples[client]
  }

  /// The server's own training, as a client that has `examples` would: no objective, no transform, and
  /// no privacy, since the examples are nobody's.
  func trainRoot(
    on examples: LabeledExamples, from model: Vector, round: Int
  ) throws -> Vector {
    let steps =
      scenario.training.epochs
      * ((examples.count + scenario.training.batchSize - 1) / scenario.training.batchSize)
    var generator = streams.stream(.root, round: round + 1)
    var training = scenario.training
    training.dpSgd = nil
    var memory = Memory()
    let task = LocalTask(
      client: 0, round: round, received: model, examples: examples, network: network,
      training: training, objectives: [], maximumSteps: steps,
      workspace: Workspace(for: network, batchSize: scenario.training.batchSize))
    return try scenario.pipeline.trainer.train(task, using: &generator, memory: &memory).delta
  }

  /// The model that `client` uses, made of the one it received and what it keeps.
  func personalModel(
    of client: Int, received: Vector, memory: inout ClientMemory
  ) throws -> Vector {
    let personalizer = scenario.pipeline.personalizer
    var model = received
    if let kept = memory.kept { personal.restore(kept, in: &model) }
    model = try personalizer.personalize(model, for: client, memory: &memory.personalizer)
    guard model.count == received.count else {
      throw FederationError.wrongSize(
        component: personalizer.cardName, got: model.count, expected: received.count)
    }
    return model
  }

  /// How well honest clients do with the models they use, where these or their worlds differ; nil
  /// if nobody could be tested.
  func evaluate(
    _ evaluation: ClientEvaluation, model: Vector, memories: [ClientMemory]
  ) throws -> ClientEvaluation.Result? {
    let results = try WorkerPool.map(evaluation.clients.count, workers: workers) { index, worker in
      let client = evaluation.clients[index]
      // On a copy of the memory: being looked at changes nobody.
      var memory = memories[client]
      let own = try personalModel(of: client, received: model, memory: &memory)
      return try evaluation.evaluate(
        own, client: client, network: network, workspace: workspaces[worker])
    }.compactMap { $0 }
    return results.isEmpty ? nil : ClientEvaluation.summary(results)
  }

  /// Applies everybody's transforms, then to colluders those of the attack.
  func transform(_ update: Update, memories: inout [ClientMemory]) throws -> Update {
    var chain = scenario.pipeline.transforms
    let client = update.client
    if colluders.made(update) { chain += scenario.pipeline.attack.transforms }
    var update = update
    for (index, stage) in chain.enumerated() {
      // Neither the length of the chain nor the round of arrival may change the stream: a clean
      // twin has a shorter chain.
      var generator = streams.stream(.transform, round: update.startedRound, index: client)
        .fork("stage", UInt64(index))
      let length = update.delta.count
      if let privacy = stage as? any LocalPrivacy {
        try privacy.protect(
          &update, rounds: scenario.training.rounds, using: &generator,
          memory: &memories[client].transforms[index])
        memories[client].releases = (memories[client].releases ?? 0) + 1
      } else {
        try stage.transform(
          &update, segments: network.layout.segments, using: &generator,
          memory: &memories[client].transforms[index])
      }
      guard update.delta.count == length else {
        throw FederationError.wrongSize(
          component: stage.cardName, got: update.delta.count, expected: length)
      }
    }
    return update
  }
}

/// One workspace a worker; each worker touches only its own.
private final class WorkspaceShelf: @unchecked Sendable {
  // Sound because a worker pool hands each worker index to one thread at a time.
  private let workspaces: [Workspace]

  init(network: Network, batchSize: Int, count: Int) {
    workspaces = (0..<max(1, count)).map { _ in Workspace(for: network, batchSize: batchSize) }
  }

  subscript(worker: Int) -> Workspace { workspaces[worker] }
}

extension LabeledExamples {
  /// The same examples in storage that holds nothing else.
  fileprivate func detached() throws -> LabeledExamples {
    try LabeledExamples(features: features, labels: labels, shape: shape, classes: classes)
  }
}
