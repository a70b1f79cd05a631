internal import Accounting
internal import Components
internal import Datasets
internal import Tensors

/// What a trusted server's promise changes in a round.
extension Simulation {
  /// What the round remembers of central privacy and its audit.
  struct PrivacyMemory: Codable, Sendable {
    var state: CentralRun.State?
    /// Each canary's score.
    var scores: [Double] = []
    /// Sums with shared noise.
    var shared: SharedNoiseMemory?
  }

  /// C of a round; nil without central privacy.
  func clippingNorm(round: Int) -> Double? {
    guard let central else { return nil }
    return central.bound(
      round: round, state: memories.privacy.state ?? central.freshState)
  }

  /// What the server aggregates under central privacy: an update that is not finite counts as zero,
  /// which no client can be told from, and canaries stand behind the clients.
  func privateRows(
    _ delivery: Delivery, round: Int, in record: inout RoundRecord
  ) throws -> (updates: UpdateMatrix, items: [Delivery.Item]) {
    let canaries = canaries?.drawn(round: round) ?? []
    let norm = clippingNorm(round: round) ?? 1
    let bad = (0..<delivery.updates.rows).filter { !delivery.updates.isFinite(row: $0) }
    if bad.isEmpty && canaries.isEmpty { return (delivery.updates, delivery.items) }
    if !bad.isEmpty { record.notes.append("counted as zero: non-finite update") }
    var rows = (0..<delivery.updates.rows).map { delivery.updates.row($0) }
    for row in bad { rows[row] = Vector(zeros: model.count) }
    var items = delivery.items
    for canary in canaries {
      rows.append(self.canaries?.update(of: canary, norm: norm) ?? Vector(zeros: model.count))
      items.append(
        .init(
          clients: [sizes.count + canary], count: 1, weight: 1, steps: 1, startedRound: round))
    }
    return (try UpdateMatrix(rows: rows), items)
  }

  /// What comes of a round in which no client took part but canaries may have; nil if none did.
  mutating func onlyCanaries(
    _ record: inout RoundRecord, by central: CentralRun
  ) throws -> ServerStage.Outcome? {
    let nobody = Delivery(
      updates: UpdateMatrix(zeros: 0, columns: model.count), items: [], bytesUp: 0)
    let (updates, items) = try privateRows(nobody, round: record.round, in: &record)
    guard !items.isEmpty else { return nil }
    return try server.aggregate(
      UpdateView(updates, workers: clients.workers), items: items,
      in: setting(round: record.round), memories: &memories.server)
  }

  /// The release that comes of a round; nil where nothing may leave. Noise alone where no update
  /// came: a round that is left out would tell that nobody was drawn.
  mutating func release(
    _ outcome: ServerStage.Outcome, _ record: inout RoundRecord, cohort: Cohort,
    by central: CentralRun
  ) throws -> Vector? {
    var aggregate = outcome.aggregate ?? Vector(zeros: model.count)
    var outcome = outcome
    if outcome.aggregate == nil { (outcome.rows, outcome.short) = (0, 0) }
    var memory = memories.privacy
    var state = memory.state ?? central.freshState
    let bound = central.bound(round: record.round, state: state)
    let result = try central.release(
      outcome, into: &aggregate, cohort: cohort, round: record.round, state: &state,
      noise: streams.stream(.noise))
    memory.state = state
    defer { memories.privacy = memory }
    record.notes += outcome.notes.filter { !$0.hasPrefix("held: ") }
    switch result {
    case .stopped(let reason):
      record.notes.append("held: \(reason)")
      return nil
    case .released(let mechanism):
      if outcome.rows == 0 { record.notes.append("released noise alone") }
      if let mechanism { self.record.privacy.record(mechanism, sampling: cohort.sampling) }
      let unit = outcome.sensitivity.flatMap { central.isMean ? nil : $0 }
      canaries?.note(
        aggregate, unit: unit ?? bound / central.divisor, multiplier: central.multiplier,
        isIndependent: central.component.hasIndependentNoise, scores: &memory.scores)
      return aggregate
    }
  }

  /// What clients that share the noise calibrate it to; nil where they do not.
  var sharedNoise: (privacy: any DistributedPrivacy, setting: SharedNoiseSetting)? {
    guard let privacy = scenario.pipeline.transport as? any DistributedPrivacy,
      let setting = SharedNoiseSetting(
        scenario.pipeline, training: scenario.training.rounds, clients: scenario.shares.count,
        dimension: model.count)
    else { return nil }
    return (privacy, setting)
  }

  /// Notes a sum with shared noise; what the ledger has to be told.
  mutating func note(
    _ delivery: Delivery, by privacy: any DistributedPrivacy, in setting: SharedNoiseSetting
  ) throws -> Mechanism? {
    guard let clients = delivery.items.first?.clients else { return nil }
    var shared = memories.privacy.shared ?? SharedNoiseMemory()
    shared.note(clients)
    memories.privacy.shared = shared
    return try privacy.mechanism(survivors: clients.count, in: setting)
  }

  /// What the run promised and what its audit proved; nil where nobody promises anything.
  func evidence() throws -> PrivacyEvidence? {
    if let (privacy, setting) = sharedNoise {
      return try .distributed(
        privacy, in: setting, memories.privacy.shared ?? SharedNoiseMemory(),
        honest: { !colluders.includes($0) })
    }
    guard let central else {
      let local = scenario.pipeline.transforms.compactMap { $0 as? any LocalPrivacy }.first
      let releases =
        memories.clients.indices.filter { !colluders.includes($0) }
        .map { memories.clients[$0].releases ?? 0 }.max() ?? 0
      return try local.map {
        try .local($0, releases: releases, rounds: scenario.training.rounds)
      }
    }
    let audit = try canaries?.audit(
      scores: memories.privacy.scores, delta: central.component.terms.delta)
    return try central.evidence(memories.privacy.state ?? central.freshState, audit: audit)
  }
}
