internal import Datasets
internal import Learning
internal import Randomness
internal import Synchronization
internal import Tensors

/// What one client remembers: its own model's memory, its trainer's and one for each transform.
struct ClientMemory: Sendable {
  var personalizer = Memory()
  var trainer = Memory()
  var transforms: [Memory]

  init(transforms count: Int) { transforms = (0..<count).map { _ in Memory() } }
}

/// The clients' side of a round: data, local training, transforms.
struct ClientStage {
  private let scenario: Scenario
  /// The model as clients train it.
  private let network: Network
  private let streams: Streams
  private let colluders: Set<Int>
  private let examples: [LabeledExamples]
  private let workers: Int
  private let workspaces: WorkspaceShelf

  init(_ scenario: Scenario, colluders: Set<Int>, streams: Streams, workers: Int) throws {
    let pipeline = scenario.pipeline
    self.scenario = scenario
    network = try scenario.training.trainingNetwork(scenario.network)
    self.streams = streams
    self.colluders = colluders
    examples = try (0..<scenario.shares.count).map { client in
      var examples = try scenario.shares.examples(of: client, in: scenario.data.train)
      var views = pipeline.dataViews
      if colluders.contains(client) { views += pipeline.attack.dataViews }
      for (index, view) in views.enumerated() {
        // A subset shares its storage with the whole training set; an attack gets a copy.
        if index == pipeline.dataViews.count { examples = try examples.detached() }
        var generator = streams.stream(.dataView, round: index, index: client)
        examples = try view.view(examples, of: client, using: &generator)
      }
      return examples
    }
    self.workers = workers
    workspaces = WorkspaceShelf(
      network: network, batchSize: scenario.training.batchSize, count: workers)
  }

  /// Trains `cohort` side by side; one update a client, in order, transforms not yet applied.
  func train(
    _ cohort: [Int], round: Int, received: [Vector], memories: inout [ClientMemory]
  ) throws -> [Update] {
    let before = cohort.map { (memories[$0].personalizer, memories[$0].trainer) }
    let personalizer = scenario.pipeline.personalizer
    let length = scenario.network.parameterCount
    let results = try WorkerPool.map(cohort.count, workers: workers) { index, worker in
      let client = cohort[index]
      var (kept, memory) = before[index]
      let start = try personalizer.personalize(received[index], for: client, memory: &kept)
      guard start.count == length else {
        throw FederationError.wrongSize(
          component: personalizer.cardName, got: start.count, expected: length)
      }
      var generator = streams.stream(.training, round: round, index: client)
      let task = LocalTask(
        client: client, round: round, received: start, examples: examples[client],
        network: network, training: scenario.training,
        objectives: scenario.pipeline.objectives, workspace: workspaces[worker])
      let update = try scenario.pipeline.trainer.train(task, using: &generator, memory: &memory)
      guard update.delta.count == length else {
        throw FederationError.wrongSize(
          component: scenario.pipeline.trainer.cardName, got: update.delta.count,
          expected: length)
      }
      return (update, kept, memory)
    }
    for (client, result) in zip(cohort, results) {
      memories[client].personalizer = result.1
      memories[client].trainer = result.2
    }
    return results.map(\.0)
  }

  /// Applies everybody's transforms, then to colluders those of the attack.
  func transform(
    _ updates: [Update], memories: inout [ClientMemory]
  ) throws -> [Update] {
    let common = scenario.pipeline.transforms
    let hostile = scenario.pipeline.attack.transforms
    if common.isEmpty && hostile.isEmpty { return updates }
    return try updates.map { update in
      var update = update
      let client = update.client
      for (index, stage) in (colluders.contains(client) ? common + hostile : common).enumerated() {
        // Neither the length of the chain nor the round of arrival may change the stream: a clean
        // twin has a shorter chain.
        var generator = streams.stream(.transform, round: update.startedRound, index: client)
          .fork("stage", UInt64(index))
        let length = update.delta.count
        try stage.transform(
          &update, using: &generator, memory: &memories[client].transforms[index])
        guard update.delta.count == length else {
          throw FederationError.wrongSize(
            component: stage.cardName, got: update.delta.count, expected: length)
        }
      }
      return update
    }
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
