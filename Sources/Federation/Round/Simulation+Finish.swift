internal import Accounting
internal import Components
internal import Datasets
internal import Learning
internal import Randomness
internal import Tensors

extension Simulation {
  /// The end of a round whose updates were added up as they came.
  mutating func finish(_ record: inout RoundRecord, cohort: Cohort, sum: RoundSum) throws {
    self.record.bytesUp += sum.bytesUp
    let outcome = try server.aggregate(
      sum, assumedFaults: scenario.threat.assumedFaults, holdsWhenTooFew: cohortMayBeSmall)
    // Nobody has a part in a round that is held.
    let isHeld = outcome.aggregate == nil
    record.honestExcluded = isHeld ? sum.received - sum.colludersReceived : sum.honestExcluded
    record.colludersExcluded = isHeld ? sum.colludersReceived : sum.colludersExcluded
    try step(outcome, &record, cohort: cohort)
  }

  /// The end of a round that needs to see its updates: collusion, transport, aggregation, server
  /// step and observation.
  mutating func finish(
    _ record: inout RoundRecord, cohort: Cohort, arrived: [Update]
  ) throws {
    let transport = scenario.pipeline.transport
    let round = record.round
    let before = model
    // Whether training diverged depends on data: a server that promises privacy counts zeros.
    if central == nil { try refuseDivergence(arrived, round: round) }
    let sent = try collude(arrived, in: &record)
    var transportStream = streams.stream(.transport, round: round)
    let uploads = Uploads(
      updates: try UpdateMatrix(rows: sent.map(\.delta)), clients: sent.map(\.client),
      weights: sent.map(\.weight), steps: sent.map(\.effectiveSteps),
      startedRounds: sent.map(\.startedRound),
      bytes: sent.map { $0.support.bytes(dimension: model.count) }, workers: clients.workers)
    let shared = sharedNoise
    let delivery =
      try shared.map { try $0.privacy.deliver(uploads, in: $0.setting, using: &transportStream) }
      ?? transport.deliver(uploads, using: &transportStream)
    guard delivery.items.count == delivery.updates.rows else {
      throw FederationError.wrongCount(
        component: transport.cardName, got: delivery.items.count,
        expected: delivery.updates.rows)
    }
    try checkSize(delivery.updates.columns, of: transport)
    keepBooks(of: delivery, clients: sent.count, in: &record)
    let (rows, items) =
      central == nil
      ? (delivery.updates, delivery.items)
      : try privateRows(delivery, round: round, in: &record)
    let updates = UpdateView(rows, workers: clients.workers)
    let outcome =
      try delivery.refusal.map { ServerStage.held($0, items: items.count) }
      ?? server.aggregate(
        updates, items: items, in: setting(round: round), memories: &memories.server)
    count(outcome, of: delivery, round: round, in: &record)
    measure(outcome, of: delivery, updates: updates, in: &record)
    let noised = try shared.flatMap { try note(delivery, by: $0.privacy, in: $0.setting) }
    try step(outcome, &record, cohort: cohort, noised: noised)
    try observe(delivery, of: sent, round: round, before: before)
  }

  /// What the server's stage works in.
  func setting(round: Int) -> ServerStage.Setting {
    let streams = streams
    return ServerStage.Setting(
      round: round, assumedFaults: scenario.threat.assumedFaults, globalModel: model,
      segments: scenario.network.layout.segments, root: rootData(round: round),
      clippingNorm: clippingNorm(round: round), holdsWhenTooFew: cohortMayBeSmall,
      preparation: { streams.stream(.preparation, round: round, index: $0) },
      rule: streams.stream(.aggregation, round: round))
  }

  /// Noise and the server's step along the aggregate, if there is one.
  ///
  /// - Parameter noised: The mechanism that clients made of what arrived; nil if they did not.
  mutating func step(
    _ outcome: ServerStage.Outcome, _ record: inout RoundRecord, cohort: Cohort,
    noised: Mechanism? = nil
  ) throws {
    if let central {
      guard let release = try release(outcome, &record, cohort: cohort, by: central) else {
        return
      }
      return try move(along: release, &record)
    }
    let pipeline = scenario.pipeline
    record.notes += outcome.notes
    // Whatever the rule makes of it, the sum was seen.
    if let noised { self.record.privacy.record(noised, sampling: cohort.sampling) }
    guard var aggregate = outcome.aggregate else { return }
    if noised != nil { return try move(along: aggregate, &record) }
    var noiseStream = streams.stream(.noise, round: record.round)
    let mechanism = try pipeline.noise.apply(
      to: &aggregate, sensitivity: outcome.sensitivity, cohort: cohort, using: &noiseStream,
      memory: &memories.noise)
    self.record.privacy.record(mechanism, sampling: cohort.sampling)
    if mechanism == .nonPrivate,
      let reason = pipeline.noise.refusal(sensitivity: outcome.sensitivity, cohort: cohort)
    {
      record.notes.append("no privacy is claimed: \(reason)")
    }
    try checkSize(aggregate.count, of: pipeline.noise)
    try move(along: aggregate, &record)
  }

  /// The server's step.
  private mutating func move(along aggregate: Vector, _ record: inout RoundRecord) throws {
    let pipeline = scenario.pipeline
    var next = model
    let initial = clients.personal.values(of: model)
    var memory = memories.optimizer
    try pipeline.optimizer.step(&next, along: aggregate, memory: &memory)
    try checkSize(next.count, of: pipeline.optimizer)
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

  /// What the transport spent and has to say.
  private mutating func keepBooks(
    of delivery: Delivery, clients: Int, in round: inout RoundRecord
  ) {
    record.bytesUp += delivery.bytesUp
    record.bytesDown += delivery.bytesDown
    round.notes += delivery.notes + refusals
    refusals = []
    if !delivery.costs.isEmpty {
      var ledger = record.transport ?? TransportLedger()
      ledger.add(delivery.costs, round: round.round + 1, clients: clients)
      record.transport = ledger
    }
  }

  /// Throws unless `component` made something as long as the model.
  private func checkSize(
    _ count: Int, of component: any RoundComponent
  ) throws(FederationError) {
    if count != model.count {
      throw .wrongSize(component: component.cardName, got: count, expected: model.count)
    }
  }

  /// Whether the sampler may draw fewer clients than the rules need although they fit the
  /// population: such a round is no mistake of the experiment's.
  private var cohortMayBeSmall: Bool {
    scenario.pipeline.sampler.guaranteedCohort(of: scenario.shares.count) == nil
  }

  /// With nobody attacking, a non-finite update means the training options are wrong.
  func refuseDivergence(_ updates: [Update], round: Int) throws(FederationError) {
    guard colluders.members.isEmpty else { return }
    for update in updates where !update.delta.isFinite {
      throw .trainingDiverged(
        client: update.client, round: round,
        learningRate: scenario.training.learningRate(round: update.startedRound))
    }
  }

  /// What is really sent: the colluders' rows replaced by what their attack crafts.
  private mutating func collude(
    _ updates: [Update], in record: inout RoundRecord
  ) throws -> [Update] {
    guard let corruption = scenario.pipeline.attack.corruption, corruption.corrupts,
      updates.contains(where: colluders.made)
    else { return updates }
    let crafted = try corrupted(updates, by: corruption, in: &record)
    guard strikesEarly else {
      record.displacement = displacement(from: updates, to: crafted)
      return crafted
    }
    return try crafted.map { update in
      colluders.made(update)
        ? try clients.transform(update, memories: &memories.clients) : update
    }
  }

  private mutating func corrupted(
    _ updates: [Update], by corruption: any Corruption, in record: inout RoundRecord
  ) throws -> [Update] {
    var updates = updates
    let round = record.round
    let own = updates.indices.filter { colluders.made(updates[$0]) }
    let honest = updates.indices.filter {
      !colluders.made(updates[$0]) && updates[$0].delta.isFinite
    }
    let granted = scenario.threat.granted(over: scenario.pipeline.transport.reveals)
      .intersection(corruption.needs)
    // Once the attack has driven every honest client out of the finite numbers, there is nothing
    // left to take statistics of: the colluders go on as they are.
    if !granted.isDisjoint(with: [.honestUpdates, .someHonestUpdates]), honest.isEmpty {
      return updates
    }
    let counter = QueryCounter()
    let view = CorruptionView(
      round: round, colluders: own.map { updates[$0].client }, received: updates.count,
      globalModel: model, own: try rows(own, of: updates),
      ownWeights: own.map { updates[$0].weight }, network: clients.network,
      candidates: candidates(of: corruption),
      seen: try seen(own: own, honest: honest, of: updates, granted, counter, round: round),
      component: corruption.cardName)
    defer { if corruption.needs.contains(.aggregationRule) { record.queries = counter.value } }
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

  /// What an attack is asked as an observer, if it is one.
  private func candidates(of corruption: any Corruption) -> [Candidates] {
    let observers = scenario.pipeline.attack.observers
    guard corruption is any Observer,
      let index = observers.firstIndex(where: { $0.cardName == corruption.cardName })
    else { return [] }
    return interviews[index].candidates
  }

  private func rows(_ indices: [Int], of updates: [Update]) throws -> UpdateView {
    UpdateView(
      try UpdateMatrix(rows: indices.map { updates[$0].delta }), workers: clients.workers)
  }

  /// What the threat model shows the colluders of a round.
  private func seen(
    own: [Int], honest: [Int], of updates: [Update], _ granted: Set<Capability>,
    _ counter: QueryCounter, round: Int
  ) throws -> SeenUpdates {
    var seen = SeenUpdates()
    if granted.contains(.honestUpdates) { seen.honest = try rows(honest, of: updates) }
    if granted.contains(.someHonestUpdates) {
      var generator = streams.stream(.seen)
      let count = Int((scenario.threat.seenShare * Double(sizes.count)).rounded())
      let visible = Set(generator.choice(min(count, sizes.count), of: sizes.count))
      let some = honest.filter { visible.contains(updates[$0].client) }
      seen.some = try rows((own + some).sorted(), of: updates)
    }
    if granted.contains(.aggregationRule) {
      let taking = (own + honest).sorted()
      let places = taking.indices.filter { colluders.made(updates[taking[$0]]) }
      let ownWeights = own.map { updates[$0].weight }
      let honestWeights = honest.map { updates[$0].weight }
      // What the server remembers was made of everybody's updates: who may not see these asks a
      // server that remembers nothing.
      let bench = OracleBench(
        stage: server, memories: granted.contains(.honestUpdates) ? memories.server : nil,
        round: round,
        assumedFaults: scenario.threat.assumedFaults, globalModel: model,
        segments: scenario.network.layout.segments,
        root: scenario.threat.knowsRoot ? rootData(round: round) : nil,
        stream: streams.stream(.oracle, round: round), counter: counter,
        clients: taking.map { updates[$0].client })
      seen.rule = { benign, areAll in
        bench.oracle(
          benign: benign, weights: areAll ? honestWeights : nil, places: places,
          ownWeights: ownWeights)
      }
    }
    return seen
  }

  /// Counts who was left out, where the rule keeps a set and the transport tells who is who.
  private func count(
    _ outcome: ServerStage.Outcome, of delivery: Delivery, round: Int,
    in record: inout RoundRecord
  ) {
    guard let kept = outcome.kept else { return }
    var honest = 0
    var bad = 0
    for (item, isKept) in zip(delivery.items, kept) where !isKept {
      guard let clients = item.clients else { return }
      for client in clients {
        if colluders.includes(client, inRound: item.startedRound ?? round) {
          bad += 1
        } else {
          honest += 1
        }
      }
    }
    record.honestExcluded = honest
    record.colludersExcluded = bad
  }
}
