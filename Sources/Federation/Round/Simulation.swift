internal import Accounting
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
    return try simulation.run(onRound)
  }
}

/// The state of a run.
struct Simulation {
  private let scenario: Scenario
  private let streams: Streams
  private let colluders: Set<Int>
  private let clients: ClientStage
  private let population: Population
  private let server: ServerStage

  private var model: Vector
  private var memories: Memories
  private var queue = EventQueue<Answer>()
  /// The clients whose answers are in the queue.
  private var underWay: Set<Int> = []
  private var time = 0.0
  private var record: RunRecord
  private let evaluation: Workspace
  /// Training examples of each client.
  private let sizes: [Int]
  /// Set where clients have models or worlds of their own.
  private let perClient: ClientEvaluation?

  /// What comes back of a client at its time: an update, or nothing where the message got lost.
  private struct Answer {
    var client: Int
    var update: Update?
  }

  /// What every position remembers: values, so that a copy is a checkpoint.
  private struct Memories {
    var sampler = Memory()
    var broadcast = Memory()
    var arrival = Memory()
    var corruption = Memory()
    var server: ServerStage.Memories
    var noise = Memory()
    var optimizer = Memory()
    var observers: [Memory]
    var clients: [ClientMemory]
  }

  init(_ scenario: Scenario, workers: Int) throws {
    let pipeline = scenario.pipeline
    try pipeline.trainer.check(scenario.training)
    self.scenario = scenario
    streams = Streams(seed: scenario.seed)
    let colluders = scenario.colluders
    self.colluders = Set(colluders)
    clients = try ClientStage(
      scenario, colluders: self.colluders, streams: streams, workers: workers)
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
      rounds: [], colluders: colluders, model: model, bytesUp: 0, bytesDown: 0,
      privacy: PrivacyLedger(), conclusions: [:])
    evaluation = Workspace(for: scenario.network)
    sizes = scenario.shares.indices.map(\.count)
    perClient =
      pipeline.personalizer.isPersonal || !scenario.shares.shifts.isEmpty
      ? try ClientEvaluation(scenario, colluders: self.colluders) : nil
  }

  mutating func run(_ onRound: (RoundRecord) throws -> Void) throws -> RunRecord {
    for round in 0..<scenario.training.rounds {
      var cohort = try sendOut(round, occasion: 0)
      let arrived = try awaitUpdates(round, cohort: &cohort)
      let finished = try finish(round, cohort: cohort, arrived: arrived)
      record.rounds.append(finished)
      try onRound(finished)
    }
    for (index, observer) in scenario.pipeline.attack.observers.enumerated() {
      var generator = streams.stream(.observation, round: scenario.training.rounds, index: index)
      let conclusions = try observer.conclude(
        using: &generator, memory: &memories.observers[index])
      record.conclusions.merge(conclusions) { _, new in new }
    }
    record.model = model
    return record
  }

  /// Cohort, broadcast, local training and the clients' own transforms; `occasion` counts the times
  /// that clients are sent out in a round.
  private mutating func sendOut(_ round: Int, occasion: Int) throws -> Cohort {
    let pipeline = scenario.pipeline
    var generator = streams.stream(.cohort, round: round)
    if occasion > 0 { generator = generator.fork("occasion", UInt64(occasion)) }
    // Who has not come back yet cannot be sent out again.
    let reachable = population.reachable(
      (0..<scenario.shares.count).filter { !underWay.contains($0) }, at: time, round: round,
      occasion: occasion)
    let view = PopulationView(
      round: round, available: reachable.clients, availability: reachable.probabilities,
      underWay: underWay.count, sampleCounts: sizes)
    var cohort = try pipeline.sampler.sample(view, using: &generator, memory: &memories.sampler)
    var free = Set(view.available)
    for client in cohort.clients where free.remove(client) == nil {
      throw FederationError.invalidCohort(sampler: pipeline.sampler.cardName, client: client)
    }
    // The sampler's probabilities are given who was reachable.
    let probability = Dictionary(
      uniqueKeysWithValues: zip(view.available, view.availability))
    for (index, client) in cohort.clients.enumerated() {
      cohort.inclusionProbabilities[index] *= probability[client] ?? 1
    }
    var received: [Vector] = []
    var steps: [Int] = []
    var bytesDown: [Int] = []
    for client in cohort.clients {
      let sent = try pipeline.broadcast.send(
        model, support: clients.personal.support, to: client, round: round,
        memory: &memories.broadcast)
      received.append(sent.parameters)
      record.bytesDown += sent.bytes
      bytesDown.append(sent.bytes)
      let batches = (sizes[client] + scenario.training.batchSize - 1) / scenario.training.batchSize
      steps.append(
        population.completedSteps(client, round: round, of: scenario.training.epochs * batches))
    }
    let updates = try clients.train(
      cohort.clients, round: round, received: received, steps: steps,
      memories: &memories.clients)
    for (index, update) in updates.enumerated() {
      let client = update.client
      let work = DeviceWork(
        round: round, examples: update.steps * min(scenario.training.batchSize, sizes[client]),
        bytesDown: bytesDown[index], bytesUp: update.support.bytes(dimension: model.count))
      let isLost = population.loses(client, round: round)
      queue.insert(
        Answer(client: client, update: isLost ? nil : update),
        at: time + population.delay(client, work: work))
    }
    underWay.formUnion(cohort.clients)
    return cohort
  }

  /// Lets the clock run until the arrival policy wants to aggregate or nobody is under way. Who
  /// comes later stays in the queue and counts in a later round.
  private mutating func awaitUpdates(_ round: Int, cohort: inout Cohort) throws -> [Update] {
    let arrival = scenario.pipeline.arrival
    let deadline = arrival.deadline(start: time)
    var arrived: [Update] = []
    var occasion = 0
    while let next = queue.nextTime {
      if let deadline, next > deadline {
        time = deadline
        break
      }
      guard let (at, answer) = queue.removeFirst() else { break }
      time = at
      underWay.remove(answer.client)
      if let update = answer.update, arrival.acceptsLate || update.startedRound == round {
        arrived.append(update)
      }
      let view = ArrivalView(
        round: round, time: time, buffered: arrived.count, outstanding: queue.count)
      let decision = arrival.decide(view, memory: &memories.arrival)
      if decision == .aggregate { break }
      if decision == .refill {
        occasion += 1
        let more = try sendOut(round, occasion: occasion)
        cohort.clients += more.clients
        cohort.inclusionProbabilities += more.inclusionProbabilities
      }
    }
    // With nobody under way a round takes one unit of time, or the clock would stand still.
    if arrived.isEmpty, queue.count == 0, cohort.clients.isEmpty { time += 1 }
    return arrived.sorted { ($0.client, $0.startedRound) < ($1.client, $1.startedRound) }
  }

  /// Collusion, transport, aggregation, server step, evaluation and observation.
  private mutating func finish(
    _ round: Int, cohort: Cohort, arrived: [Update]
  ) throws -> RoundRecord {
    let pipeline = scenario.pipeline
    var record = RoundRecord(
      round: round, time: time, received: arrived.count,
      colludersReceived: arrived.count { colluders.contains($0.client) }, notes: [])
    let before = model
    if arrived.isEmpty {
      record.notes.append("held: no client took part")
    } else {
      try refuseDivergence(arrived, round: round)
      let sent = try collude(arrived, round: round)
      var transportStream = streams.stream(.transport, round: round)
      let delivery = try pipeline.transport.deliver(
        Uploads(
          updates: try UpdateMatrix(rows: sent.map(\.delta)), clients: sent.map(\.client),
          weights: sent.map(\.weight), steps: sent.map(\.effectiveSteps),
          startedRounds: sent.map(\.startedRound),
          bytes: sent.map { $0.support.bytes(dimension: model.count) }),
        using: &transportStream)
      guard delivery.items.count == delivery.updates.rows else {
        throw FederationError.wrongCount(
          component: pipeline.transport.cardName, got: delivery.items.count,
          expected: delivery.updates.rows)
      }
      guard delivery.updates.columns == model.count else {
        throw FederationError.wrongSize(
          component: pipeline.transport.cardName, got: delivery.updates.columns,
          expected: model.count)
      }
      self.record.bytesUp += delivery.bytesUp
      let streams = streams
      let outcome = try server.aggregate(
        delivery, round: round, assumedFaults: scenario.threat.assumedFaults, globalModel: model,
        holdsWhenTooFew: cohortMayBeSmall, memories: &memories.server,
        preparation: { streams.stream(.preparation, round: round, index: $0) },
        rule: streams.stream(.aggregation, round: round))
      count(outcome, of: delivery, in: &record)
      record.notes += outcome.notes
      if var aggregate = outcome.aggregate {
        let length = model.count
        var noiseStream = streams.stream(.noise, round: round)
        let event = try pipeline.noise.apply(
          to: &aggregate, sensitivity: outcome.sensitivity, cohort: cohort, using: &noiseStream,
          memory: &memories.noise)
        self.record.privacy.record(event)
        guard aggregate.count == length else {
          throw FederationError.wrongSize(
            component: pipeline.noise.cardName, got: aggregate.count, expected: length)
        }
        var next = model
        let initial = clients.personal.values(of: model)
        var memory = memories.optimizer
        try pipeline.optimizer.step(&next, along: aggregate, memory: &memory)
        guard next.count == length else {
          throw FederationError.wrongSize(
            component: pipeline.optimizer.cardName, got: next.count, expected: length)
        }
        // What no client sent, noise and momentum must not move.
        clients.personal.restore(initial, in: &next)
        // A step that was not taken leaves no velocity behind either.
        if next.isFinite {
          model = next
          memories.optimizer = memory
        } else {
          record.notes.append("held: the server step overflowed")
        }
      }
      try observe(delivery, round: round, before: before)
    }
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
    return record
  }

  /// Whether the sampler may draw fewer clients than the rules need although they fit the
  /// population: such a round is no mistake of the experiment's.
  private var cohortMayBeSmall: Bool {
    scenario.pipeline.sampler.guaranteedCohort(of: scenario.shares.count) == nil
  }

  /// With nobody attacking, a non-finite update means the training options are wrong.
  private func refuseDivergence(_ updates: [Update], round: Int) throws(FederationError) {
    guard colluders.isEmpty else { return }
    for update in updates where !update.delta.isFinite {
      throw .trainingDiverged(
        client: update.client, round: round,
        learningRate: scenario.training.learningRate(round: update.startedRound))
    }
  }

  /// What is really sent: the colluders' rows replaced by what their attack crafts.
  private mutating func collude(_ updates: [Update], round: Int) throws -> [Update] {
    guard let corruption = scenario.pipeline.attack.corruption, corruption.corrupts,
      updates.contains(where: { colluders.contains($0.client) })
    else { return try transformed(updates) }
    switch corruption.tap {
    case .beforeTransforms:
      return try transformed(try corrupted(updates, by: corruption, round: round))
    case .afterTransforms:
      return try corrupted(try transformed(updates), by: corruption, round: round)
    }
  }

  private mutating func transformed(_ updates: [Update]) throws -> [Update] {
    try clients.transform(updates, memories: &memories.clients)
  }

  private mutating func corrupted(
    _ updates: [Update], by corruption: any Corruption, round: Int
  ) throws -> [Update] {
    var updates = updates
    let own = updates.indices.filter { colluders.contains(updates[$0].client) }
    let honest = updates.indices.filter {
      !colluders.contains(updates[$0].client) && updates[$0].delta.isFinite
    }
    let granted = scenario.threat.granted(over: scenario.pipeline.transport.reveals)
    let seesHonest =
      granted.contains(.honestUpdates) && corruption.needs.contains(.honestUpdates)
    // Once the attack has driven every honest client out of the finite numbers, there is nothing
    // left to take statistics of: the colluders go on as they are.
    if seesHonest && honest.isEmpty { return updates }
    let view = CorruptionView(
      round: round, colluders: own.map { updates[$0].client }, received: updates.count,
      globalModel: model, own: try Self.rows(own, of: updates),
      honest: seesHonest ? try Self.rows(honest, of: updates) : nil,
      component: corruption.cardName)
    var generator = streams.stream(.corruption, round: round)
    let crafted = try corruption.craft(view, using: &generator, memory: &memories.corruption)
    guard crafted.count == own.count else {
      throw FederationError.wrongCount(
        component: corruption.cardName, got: crafted.count, expected: own.count)
    }
    for (index, craft) in zip(own, crafted) {
      guard craft.delta.count == model.count else {
        throw FederationError.wrongSize(
          component: corruption.cardName, got: craft.delta.count, expected: model.count)
      }
      updates[index].delta = craft.delta
      clients.personal.clear(&updates[index].delta)
      updates[index].support = clients.personal.support
      if let weight = craft.weight { updates[index].weight = weight }
    }
    return updates
  }

  private static func rows(_ indices: [Int], of updates: [Update]) throws -> UpdateView {
    UpdateView(try UpdateMatrix(rows: indices.map { updates[$0].delta }))
  }

  /// Counts who was left out, where the rule keeps a set and the transport tells who is who.
  private func count(
    _ outcome: ServerStage.Outcome, of delivery: Delivery, in record: inout RoundRecord
  ) {
    guard let kept = outcome.kept else { return }
    var honest = 0
    var bad = 0
    for (item, isKept) in zip(delivery.items, kept) where !isKept {
      guard let clients = item.clients else { return }
      for client in clients {
        if colluders.contains(client) { bad += 1 } else { honest += 1 }
      }
    }
    record.honestExcluded = honest
    record.colludersExcluded = bad
  }

  private mutating func observe(_ delivery: Delivery, round: Int, before: Vector) throws {
    let observers = scenario.pipeline.attack.observers
    if observers.isEmpty { return }
    let observation = Observation(
      round: round, modelBefore: before, modelAfter: model, updates: UpdateView(delivery.updates),
      items: delivery.items)
    for (index, observer) in observers.enumerated() {
      var generator = streams.stream(.observation, round: round, index: index)
      try observer.observe(
        observation, using: &generator, memory: &memories.observers[index])
    }
  }
}
