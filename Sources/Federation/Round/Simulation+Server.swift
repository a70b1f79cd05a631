internal import Datasets
internal import Learning
internal import Randomness
internal import Synchronization
internal import Tensors

/// What the server has of its own, and how well it did as only the laboratory can know.
extension Simulation {
  /// Clean examples of the server's own, and what it makes of them in `round`: a uniform sample of the
  /// training data, the same all run.
  func rootData(round: Int) -> RootData {
    let (scenario, streams, clients, model) = (scenario, streams, clients, model)
    @Sendable func examples(_ count: Int) throws -> LabeledExamples {
      let train = scenario.data.train
      var generator = streams.stream(.root)
      let chosen = generator.choice(min(max(1, count), train.count), of: train.count).sorted()
      return try train.subset(chosen)
    }
    // Whoever asks again in this round, as attacks that try out the rule do, gets the same answer.
    let made = TrainedOnce()
    return RootData(
      train: { count in
        try made.update(examples: count) {
          try clients.trainRoot(on: examples(count), from: model, round: round)
        }
      },
      evaluate: { count, delta in
        let chosen = try examples(count)
        return try scenario.network.evaluate(
          parameters: delta.map { model + $0 } ?? model, on: chosen,
          workspace: Workspace(for: scenario.network)
        ).loss
      })
  }

  /// How far the attack moved the weighted mean of what arrived, `RoundRecord.displacement`.
  func displacement(from clean: [Update], to sent: [Update]) -> Double? {
    func mean(_ updates: [Update]) -> Vector {
      let usable = updates.filter {
        ServerStage.refusal(isFinite: $0.delta.isFinite, weight: $0.weight) == nil
      }
      var sum = WeightedSum(zeros: model.count)
      sum.add(usable.map(\.delta), weights: usable.map(\.weight), workers: clients.workers)
      return sum.mean
    }
    let honest = clean.filter { !colluders.made($0) && $0.delta.isFinite }
    guard honest.count > 1 else { return nil }
    var sum = WeightedSum(zeros: model.count)
    sum.add(
      honest.map(\.delta), weights: honest.map { _ in 1 }, workers: clients.workers)
    let center = sum.mean
    let variance =
      honest.reduce(0) { $0 + $1.delta.squaredDistance(to: center) } / Double(honest.count - 1)
    // Of two independent draws for each colluder, whose shares of the mean are w/W.
    let total = clean.reduce(0) { $0 + $1.weight }
    let own = clean.filter(colluders.made).reduce(0) { $0 + $1.weight * $1.weight }
    let chance = 2 * variance * own / (total * total)
    let moved = mean(sent).squaredDistance(to: mean(clean)) / chance
    return moved.isFinite ? moved : nil
  }

  /// How near the aggregate came to the mean of the honest updates, and what theory promises.
  func measure(
    _ outcome: ServerStage.Outcome, of delivery: Delivery, updates: UpdateView,
    in record: inout RoundRecord
  ) {
    guard record.colludersReceived > 0, !server.aggregator.isWeightedMean,
      let aggregate = outcome.aggregate
    else { return }
    var honest: [Int] = []
    let isFinite = updates.finiteRows
    for (row, item) in delivery.items.enumerated() where isFinite[row] {
      guard let clients = item.clients, clients.count == 1 else { return }
      if !colluders.includes(clients[0], inRound: item.startedRound ?? record.round) {
        honest.append(row)
      }
    }
    guard honest.count > 1 else { return }
    let view = updates.selecting(honest)
    let mean = view.mean()
    let squares = honest.indices.reduce(0) { $0 + view.row($1).squaredDistance(to: mean) }
    let spread = squares / Double(honest.count)
    guard spread > 0 else { return }
    record.deviation = aggregate.squaredDistance(to: mean) / spread
    // A bound holds for as many faults as the rule was told, where nobody was excluded before.
    let assumed = scenario.threat.assumedFaults
    guard outcome.exclusions.isEmpty,
      record.colludersReceived <= server.aggregator.faults(assumed: assumed)
    else { return }
    record.robustnessBound = server.robustnessCoefficient(
      updates: delivery.items.count, assumedFaults: assumed)
  }
}

/// The updates made of a round's root data, by number of examples.
private final class TrainedOnce: Sendable {
  private let updates = Mutex<[Int: Vector]>([:])

  func update(examples count: Int, train: () throws -> Vector) rethrows -> Vector {
    try updates.withLock { known in
      if let update = known[count] { return update }
      let update = try train()
      known[count] = update
      return update
    }
  }
}
