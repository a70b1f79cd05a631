internal import Accounting
internal import Components
internal import Datasets
internal import Randomness
internal import Tensors

extension Simulation {
  /// Cohort, broadcast, local training and the clients' own transforms; `occasion` counts the times
  /// that clients are sent out in a round.
  mutating func sendOut(_ round: Int, occasion: Int, sum: inout RoundSum?) throws -> Cohort {
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
    guard cohort.inclusionProbabilities.count == cohort.clients.count else {
      throw FederationError.wrongCount(
        component: pipeline.sampler.cardName, got: cohort.inclusionProbabilities.count,
        expected: cohort.clients.count)
    }
    // The probability of having been reachable, of who is and was not named yet.
    var free = [Double?](repeating: nil, count: sizes.count)
    for (client, probability) in zip(view.available, view.availability) {
      free[client] = probability
    }
    for (index, client) in cohort.clients.enumerated() {
      guard free.indices.contains(client), let probability = free[client] else {
        throw FederationError.invalidCohort(sampler: pipeline.sampler.cardName, client: client)
      }
      free[client] = nil
      // The sampler's probabilities are given who was reachable.
      cohort.inclusionProbabilities[index] *= probability
    }
    cohort.sampling.note(availability: view.availability, population: sizes.count)
    // Updates that are added up are made a few megabytes at a time: only these are in memory.
    let size =
      addsUp
      ? max(4 * clients.workers, 4_000_000 / max(1, model.count)) : max(1, cohort.clients.count)
    for start in stride(from: 0, to: cohort.clients.count, by: size) {
      let end = min(start + size, cohort.clients.count)
      try train(Array(cohort.clients[start..<end]), round: round, sum: &sum)
    }
    underWay.formUnion(cohort.clients)
    return cohort
  }

  /// Trains clients and puts what they send into the queue, or adds it up.
  private mutating func train(
    _ group: [Int], round: Int, sum: inout RoundSum?
  ) throws {
    var received: [Vector] = []
    var steps: [Int] = []
    var bytesDown: [Int] = []
    for client in group {
      let sent = try scenario.pipeline.broadcast.send(
        model, support: clients.personal.support, to: client, round: round,
        memory: &memories.broadcast)
      received.append(try tampered(sent.parameters, for: client, round: round))
      record.bytesDown += sent.bytes
      bytesDown.append(sent.bytes)
      let batches = (sizes[client] + scenario.training.batchSize - 1) / scenario.training.batchSize
      steps.append(
        population.completedSteps(client, round: round, of: scenario.training.epochs * batches))
    }
    let trained = try clients.train(
      group, round: round, received: received, steps: steps, memories: &memories.clients)
    var arriving: [Update] = []
    if !scenario.pipeline.attack.observers.isEmpty {
      for (update, refusal) in trained where refusal == nil { batches.note(update) }
    }
    for ((update, refusal), bytesDown) in zip(trained, bytesDown) {
      let client = update.client
      if let refusal {
        refusals.append("a client refused the model: \(refusal)")
        let work = DeviceWork(round: round, examples: 0, bytesDown: bytesDown, bytesUp: 0)
        queue.insert(
          Answer(client: client, content: .lost), at: time + population.delay(client, work: work))
        continue
      }
      // A colluder may yet change what the transforms will get: then they run for the size alone.
      let isFinal = !strikesEarly || !colluders.made(update)
      let sent: Update
      if isFinal {
        sent = try clients.transform(update, memories: &memories.clients)
      } else {
        var untouched = memories.clients
        sent = try clients.transform(update, memories: &untouched)
      }
      let work = DeviceWork(
        round: round, examples: update.steps * min(scenario.training.batchSize, sizes[client]),
        bytesDown: bytesDown, bytesUp: sent.support.bytes(dimension: model.count))
      var content = Answer.Content.lost
      let due = time + population.delay(client, work: work)
      if !population.loses(client, round: round, due: due) {
        content = addsUp ? .added : .update(isFinal ? sent : update)
        if addsUp { arriving.append(sent) }
      }
      queue.insert(Answer(client: client, content: content), at: due)
    }
    if addsUp {
      try refuseDivergence(arriving, round: round)
      sum?.add(arriving, workers: clients.workers)
    }
  }

  /// What a malicious server makes of the model for `client`.
  private mutating func tampered(
    _ model: Vector, for client: Int, round: Int
  ) throws -> Vector {
    var model = model
    for (index, observer) in scenario.pipeline.attack.observers.enumerated() {
      guard let server = observer as? any ServerTampering else { continue }
      guard scenario.threat.grantedToObservers.contains(.weightModification) else {
        throw FederationError.notGranted(
          component: server.cardName, what: Capability.weightModification.rawValue)
      }
      model = try server.tamper(
        model,
        for: Sending(
          round: round, rounds: scenario.training.rounds, client: client,
          network: clients.network, candidates: interviews[index].candidates),
        memory: &memories.observers[index])
      guard model.count == self.model.count else {
        throw FederationError.wrongSize(
          component: server.cardName, got: model.count, expected: self.model.count)
      }
    }
    return model
  }

  /// Lets the clock run until the arrival policy wants to aggregate or nobody is under way. Who
  /// comes later stays in the queue and counts in a later round.
  mutating func awaitUpdates(
    _ round: Int, cohort: inout Cohort, sum: inout RoundSum?
  ) throws -> [Update] {
    let arrival = scenario.pipeline.arrival
    let deadline = arrival.deadline(start: time)
    var arrived: [Update] = []
    var buffered = 0
    var occasion = 0
    while let next = queue.nextTime {
      if let deadline, next > deadline {
        time = deadline
        break
      }
      guard let (at, answer) = queue.removeFirst() else { break }
      time = at
      underWay.remove(answer.client)
      switch answer.content {
      case .lost: break
      case .added: buffered += 1
      case .update(let update):
        guard arrival.acceptsLate || update.startedRound == round else { break }
        arrived.append(update)
        buffered += 1
      }
      let view = ArrivalView(
        round: round, time: time, buffered: buffered, outstanding: queue.count)
      let decision = arrival.decide(view, memory: &memories.arrival)
      if decision == .aggregate { break }
      if decision == .refill {
        occasion += 1
        let more = try sendOut(round, occasion: occasion, sum: &sum)
        cohort.clients += more.clients
        cohort.inclusionProbabilities += more.inclusionProbabilities
        cohort.sampling = cohort.sampling.followed(by: more.sampling)
      }
    }
    // With nobody under way the clock would stand still.
    if arrived.isEmpty, queue.count == 0, cohort.clients.isEmpty {
      time = population.nextContact(after: time)
    }
    return arrived.sorted { ($0.client, $0.startedRound) < ($1.client, $1.startedRound) }
  }
}
