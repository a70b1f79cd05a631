internal import Components
internal import Datasets
internal import Learning
internal import Randomness
internal import Tensors

/// What observers see, and how their guesses are judged.
extension Simulation {
  /// Shows every observer the round: what the transport delivered, and what the threat model grants.
  mutating func observe(
    _ delivery: Delivery, of sent: [Update], round: Int, before: Vector
  ) throws {
    let observers = scenario.pipeline.attack.observers
    if observers.isEmpty { return }
    let groups = delivery.items.map { clients(behind: $0, in: sent) }
    for (index, observer) in observers.enumerated() {
      let observation = Observation(
        round: round, rounds: scenario.training.rounds, network: clients.network,
        modelBefore: before, modelAfter: model,
        updates: UpdateView(delivery.updates, workers: clients.workers), items: delivery.items,
        clientMeasures: scenario.pipeline.clientMeasures,
        trainsPrivately: scenario.training.dpSgd != nil,
        candidates: interviews[index].candidates, workers: clients.workers,
        facts: try facts(for: observer, groups), component: observer.cardName)
      var generator = streams.stream(.observation, round: round, index: index)
      try observer.observe(
        observation, using: &generator, memory: &memories.observers[index])
    }
  }

  /// Lets every observer guess, then judges all guesses.
  mutating func conclude() throws {
    var judges: [(name: String, judge: (GroundTruth) throws -> Conclusion)] = []
    for (index, observer) in scenario.pipeline.attack.observers.enumerated() {
      let judge = try judge(observer, index: index)
      judges.append((observer.cardName, judge))
    }
    guard !judges.isEmpty else { return }
    var uses: [String: Int] = [:]
    for (index, entry) in judges.enumerated() {
      let conclusion = try entry.judge(truth(for: index))
      try conclusion.check(of: entry.name)
      if conclusion == Conclusion() { continue }
      uses[entry.name, default: 0] += 1
      let use = uses[entry.name] ?? 1
      record.conclusions[use == 1 ? entry.name : "\(entry.name) \(use)"] = conclusion
    }
  }

  /// What `observer` believes, waiting for the truth.
  private mutating func judge<Attack: Observer>(
    _ observer: Attack, index: Int
  ) throws -> (GroundTruth) throws -> Conclusion {
    var generator = streams.stream(.observation, round: scenario.training.rounds, index: index)
    let guess = try observer.guess(using: &generator, memory: &memories.observers[index])
    return { try observer.judge(guess, against: $0) }
  }

  private func truth(for observer: Int) -> GroundTruth {
    GroundTruth(
      network: scenario.network, normalisation: scenario.data.normalisation,
      test: scenario.data.test, training: scenario.training,
      honest: scenario.shares.indices.indices.filter { !colluders.includes($0) },
      examples: clients.examples, batches: batches, standings: interviews[observer].standings)
  }

  /// The uploads behind a row; nil where the round itself cannot tell.
  private func clients(behind item: Delivery.Item, in sent: [Update]) -> [Update]? {
    if let clients = item.clients {
      let behind = sent.filter { update in
        clients.contains(update.client)
          && (item.startedRound.map { $0 == update.startedRound } ?? true)
      }
      return behind.count == item.count ? behind : nil
    }
    return item.count == sent.count ? sent : nil
  }

  /// What the threat model grants `observer` of what it asks for.
  private func facts(
    for observer: any Observer, _ groups: [[Update]?]
  ) throws -> ServerFacts {
    let granted = scenario.threat.grantedToObservers.intersection(observer.needs)
    var facts = ServerFacts(granted: granted)
    if granted.contains(.trainingParameters) { facts.training = scenario.training }
    if granted.contains(.inputNormalisation) { facts.normalisation = scenario.data.normalisation }
    if granted.contains(.publicData) {
      facts.publicExamples = .init(examples: scenario.data.test)
    }
    if granted.contains(.batchSize) {
      facts.batchSizes = groups.map { group in
        group.flatMap { stepLabels(of: $0) }.map { $0.map(\.count) }
      }
    }
    if !granted.isDisjoint(with: [.labelCounts, .exampleLabels]) {
      let steps = groups.map { $0.flatMap { stepLabels(of: $0) } }
      if granted.contains(.labelCounts) {
        facts.labelCounts = steps.map { steps in
          steps.map { Self.counts(of: epoch($0), classes: scenario.network.classes) }
        }
      }
      if granted.contains(.exampleLabels) {
        let inOrder = granted.contains(.batchOrder)
        facts.labels = steps.map { steps in
          steps.map { inOrder ? $0.flatMap { $0 } : epoch($0).sorted() }
        }
      }
    }
    return facts
  }

  /// The labels of each step's batch behind a row; of several clients one step of all of theirs.
  private func stepLabels(of group: [Update]) -> [[Int32]]? {
    var steps: [[Int32]] = []
    for update in group {
      guard let batches = update.batches else { return nil }
      let labels = clients.data(of: update.client, round: update.startedRound).labels
      steps += batches.map { batch in batch.map { labels[$0] } }
    }
    return group.count == 1 ? steps : [steps.flatMap { $0 }]
  }

  /// The labels of one epoch; of all steps where they do not divide into epochs.
  private func epoch(_ steps: [[Int32]]) -> [Int32] {
    let epochs = scenario.training.epochs
    let isWhole = steps.count > 1 && steps.count % epochs == 0
    return steps.prefix(isWhole ? steps.count / epochs : steps.count).flatMap { $0 }
  }

  private static func counts(of labels: [Int32], classes: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }
}
