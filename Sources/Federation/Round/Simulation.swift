internal import Accounting
internal import Components
internal import Datasets
internal import Learning
internal import Randomness
internal import Tensors

extension Scenario {
  /// Runs the scenario to its end.
  ///
  /// One event queue on a virtual clock: a cohort is sent out, its updates arrive, the arrival
  /// policy says when to aggregate, and the next cohort is sent out. The result depends on the
  /// scenario alone, not on `workers`.
  ///
  /// - Parameters:
  ///   - workers: Threads that train clients side by side.
  ///   - onRound: Called after each round on the calling thread; throw to stop.
  /// - Throws: `FederationError`, or whatever a component throws.
  public func run(
    workers: Int = 1, onRound: (RoundRecord) throws -> Void = { _ in }
  ) throws -> RunRecord {
    var simulation = try Simulation(self, workers: workers)
    return try simulation.run { round, _ in try onRound(round) }
  }
}

/// The state of a run.
struct Simulation {
  let scenario: Scenario
  let streams: Streams
  let colluders: Collusion
  let clients: ClientStage
  let population: Population
  let server: ServerStage

  var model: Vector
  var memories: Memories
  var queue = EventQueue<Answer>()
  /// The clients whose answers are in the queue.
  var underWay: Set<Int> = []
  var time = 0.0
  /// Why clients refused the model, for the notes of the round under way.
  var refusals: [String] = []
  var record: RunRecord
  private let evaluation: Workspace
  /// Training examples of each client.
  let sizes: [Int]
  /// Set where clients have models or worlds of their own.
  private let perClient: ClientEvaluation?
  /// Whether a round's updates are added up as they are made.
  let addsUp: Bool
  /// Whether the attack changes updates before everybody's transforms.
  let strikesEarly: Bool
  /// Which examples each client's steps took; empty unless somebody observes.
  var batches = BatchLog()
  /// What a trusted server promises; nil promises nothing.
  let central: CentralRun?
  /// The canaries of the run's own audit.
  let canaries: CanaryClients?
  /// What each observer is asked.
  let interviews: [Interview]
  /// What memories could not read of a checkpoint.
  var problems = MemoryProblems()

  /// What comes back of a client at its time.
  struct Answer: Codable, Sendable {
    var client: Int
    var content: Content

    enum Content: Codable, Sendable {
      /// The message got lost.
      case lost
      /// What the client sends; a colluder whose attack strikes before the transforms has not
      /// applied them yet.
      case update(Update)
      /// An update that is in the round's sum already.
      case added
    }
  }

  /// What every position remembers: values, so that a copy is a checkpoint.
  struct Memories: Codable, Sendable {
    var sampler = Memory()
    var broadcast = Memory()
    var arrival = Memory()
    var corruption = Memory()
    var server: ServerStage.Memories
    var noise = Memory()
    var privacy = PrivacyMemory()
    var optimizer = Memory()
    var observers: [Memory]
    var clients: [ClientMemory]
  }

  init(_ scenario: Scenario, workers: Int) throws {
    let pipeline = scenario.pipeline
    try pipeline.trainer.check(scenario.training)
    try pipeline.descent?.check(scenario.training)
    let areDisjoint = scenario.shares.isDisjoint
    if let refusal = Planner.overlapRefusals(of: pipeline, areDisjoint: areDisjoint).first {
      throw FederationError.refused(refusal)
    }
    self.scenario = scenario
    streams = Streams(seed: scenario.seed)
    colluders = Collusion(scenario)
    clients = try ClientStage(
      scenario, colluders: colluders, streams: streams, workers: workers)
    try RecordPrivacy.check(scenario, examples: clients.honestExamples)
    try Planner.checkSharedNoise(scenario)
    central = try CentralRun(scenario)
    canaries = central.flatMap { [streams] in CanaryClients($0, streams: streams) }
    population = Population(scenario, streams: streams)
    server = ServerStage(
      admissions: pipeline.admissions, preAggregators: pipeline.preAggregators,
      aggregator: pipeline.aggregator)
    var generator = streams.stream(.initialization)
    model = scenario.network.initialParameters(using: &generator)
    memories = Memories(
      server: server.freshMemories,
      observers: pipeline.attack.observers.map { _ in Memory() },
      clients: scenario.shares.indices.map { _ in
        ClientMemory(transforms: pipeline.transforms.count + pipeline.attack.transforms.count)
      })
    record = RunRecord(
      rounds: [], colluders: colluders.members, model: model, bytesUp: 0, bytesDown: 0,
      privacy: PrivacyLedger(), conclusions: [:])
    interviews = try Self.interviews(scenario, colluders, streams, examples: clients.examples)
    evaluation = Workspace(for: scenario.network)
    sizes = scenario.shares.indices.map(\.count)
    perClient =
      pipeline.personalizer.isPersonal || !scenario.shares.shifts.isEmpty
      ? try ClientEvaluation(scenario, colluders: colluders) : nil
    addsUp = pipeline.addsUp
    strikesEarly =
      pipeline.attack.corruption.map { $0.corrupts && $0.tap == .beforeTransforms } ?? false
  }

  /// What observers that the threat model lets ask are asked.
  private static func interviews(
    _ scenario: Scenario, _ colluders: Collusion, _ streams: Streams, examples: [LabeledExamples]
  ) throws -> [Interview] {
    let honest = scenario.shares.indices.indices.filter { !colluders.includes($0) }
    return try scenario.pipeline.attack.observers.map { observer in
      guard let inquiry = observer.inquiry,
        scenario.threat.grantedToObservers.contains(.candidates)
      else { return Interview() }
      // Observers with one inquiry are asked the same, whatever their number and order.
      var generator = streams.stream(.candidates)
      return try Interview(
        inquiry, in: scenario, honest: honest, examples: examples, using: &generator)
    }
  }

  mutating func run(_ onRound: (RoundRecord, Simulation) throws -> Void) throws -> RunRecord {
    for round in record.rounds.count..<scenario.training.rounds {
      var sum = addsUp ? RoundSum(dimension: model.count, colluders: colluders) : nil
      var cohort = try sendOut(round, occasion: 0, sum: &sum)
      let arrived = try awaitUpdates(round, cohort: &cohort, sum: &sum)
      var finished = RoundRecord(
        round: round, time: time, received: sum?.received ?? arrived.count,
        colludersReceived: sum?.colludersReceived
          ?? arrived.count { colluders.made($0) },
        notes: [])
      if finished.received == 0, let central {
        let nothing = ServerStage.held("no client took part", items: 0)
        try step(
          try onlyCanaries(&finished, by: central) ?? nothing, &finished, cohort: cohort)
      } else if finished.received == 0 {
        finished.notes.append("held: no client took part")
      } else if let sum {
        try finish(&finished, cohort: cohort, sum: sum)
      } else {
        try finish(&finished, cohort: cohort, arrived: arrived)
      }
      try evaluate(&finished)
      (finished.bytesUp, finished.bytesDown) = (record.bytesUp, record.bytesDown)
      record.rounds.append(finished)
      try problems.check()
      try onRound(finished, self)
    }
    try conclude()
    try problems.check()
    record.model = model
    record.recordPrivacy = try RecordPrivacy(
      scenario, examples: clients.honestExamples, colluders: colluders.members,
      steps: memories.clients.map { $0.privateSteps ?? 0 })
    record.evidence = try evidence()
    try testWorst()
    return record
  }

  /// Tests, at the end of the run, who does worst: honest clients, each weighing classes as its own
  /// examples do, and classes.
  private mutating func testWorst() throws {
    if let perClient {
      record.worstClient =
        try clients.evaluate(perClient, model: model, memories: memories.clients)?.worst
    } else {
      let worst = try ClientEvaluation.worst(
        of: model, in: scenario, colluders: colluders, workspace: evaluation)
      (record.worstClient, record.classRecalls) = (worst.client, worst.recalls)
    }
  }

  /// Tests what came of the round, where it is to be tested.
  private func evaluate(_ record: inout RoundRecord) throws {
    let round = record.round
    if (round + 1) % scenario.training.evaluateEvery == 0 || round + 1 == scenario.training.rounds {
      if let perClient {
        let result = try clients.evaluate(perClient, model: model, memories: memories.clients)
        record.accuracy = result?.accuracy
        record.loss = result?.loss
        record.worstTenth = result?.worstTenth
      } else {
        let result = try scenario.network.evaluate(
          parameters: model, on: scenario.data.test, workspace: evaluation)
        record.accuracy = result.accuracy
        record.loss = result.loss
      }
    }
  }
}
