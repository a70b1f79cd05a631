internal import Datasets
internal import Tensors

/// A run between two rounds: whoever has it can go on and ends with exactly the bits of a run that
/// never stopped.
///
///     let record = try scenario.run(from: saved) { round, checkpoint in
///       if round.round % 100 == 99 { try write(checkpoint.encoded(), to: file) }
///     }
///
/// Taking one costs nothing: it shares its memory with the run until the run goes on. Only `encoded()`
/// costs time and bytes: what every position remembers, one model, and the updates under way.
///
/// It holds the clients' updates and what they keep to themselves: as confidential as they are.
public struct Checkpoint: Sendable {
  /// What the run recorded so far; figures that are known at the end only are not in it.
  public var record: RunRecord { state.record }
  /// How many rounds are done.
  public var rounds: Int { state.record.rounds.count }
  /// Whatever else is to be known when the run goes on; encoded with the rest.
  public var notes: [String: String] = [:]

  /// What tells apart scenarios.
  let fingerprint: String
  let state: RunState
  /// Where memories note what they cannot read.
  let problems: MemoryProblems
}

/// Everything that changes in a run.
struct RunState: Codable, Sendable {
  var model: Vector
  var time: Double
  var record: RunRecord
  var memories: Simulation.Memories
  var queue: EventQueue<Simulation.Answer>
  var batches: BatchLog
}

extension Scenario {
  /// Goes on from a checkpoint, or starts if there is none, and runs the scenario to its end.
  ///
  /// The result has the same bits as that of a run without interruption, on the same type of CPU.
  /// Observers that keep something outside of their memory start afresh there.
  ///
  /// - Parameters:
  ///   - checkpoint: What an earlier run of the same scenario left.
  ///   - workers: Threads that train clients side by side; not necessarily as many as before.
  ///   - onRound: Called after each round on the calling thread, with what a run can go on from;
  ///     throw to stop.
  /// - Throws: `CheckpointError` if the checkpoint is another scenario's or does not hold what the
  ///   scenario needs: then run without it. `FederationError`, or whatever a component throws.
  public func run(
    from checkpoint: Checkpoint?, workers: Int = 1,
    onRound: (RoundRecord, Checkpoint) throws -> Void = { _, _ in }
  ) throws -> RunRecord {
    let fingerprint = try self.fingerprint
    var simulation = try Simulation(self, workers: workers)
    if let checkpoint {
      guard checkpoint.fingerprint == fingerprint else { throw CheckpointError.otherScenario }
      try simulation.restore(checkpoint)
    }
    return try simulation.run { round, simulation in
      try onRound(round, simulation.checkpoint(fingerprint: fingerprint))
    }
  }
}

extension Simulation {
  /// The run as it is now.
  func checkpoint(fingerprint: String) -> Checkpoint {
    var record = record
    record.model = model
    return Checkpoint(
      fingerprint: fingerprint,
      state: RunState(
        model: model, time: time, record: record, memories: memories, queue: queue,
        batches: batches),
      problems: problems)
  }

  /// Makes this run the one that `checkpoint` was taken of.
  mutating func restore(_ checkpoint: Checkpoint) throws(CheckpointError) {
    let state = checkpoint.state
    try check(state)
    (model, time, record) = (state.model, state.time, state.record)
    (memories, queue, batches) = (state.memories, state.queue, state.batches)
    underWay = Set(queue.waiting.map(\.client))
    problems = checkpoint.problems
  }

  /// Throws unless everything in `state` has the size that this scenario gives it. Bytes with the
  /// right sum can still be anybody's.
  private func check(_ state: RunState) throws(CheckpointError) {
    func require(_ condition: Bool, _ what: String) throws(CheckpointError) {
      if !condition { throw .damaged("\(what) of another size") }
    }
    let population = scenario.shares.count
    let dimension = model.count
    let done = state.record.rounds
    try require(
      state.model.count == dimension && state.record.model.count == dimension, "a model")
    try require(
      done.count <= scenario.training.rounds && done.map(\.round) == Array(done.indices), "a record"
    )
    try require(state.record.colluders == record.colluders && state.time.isFinite, "a record")
    let (server, fresh) = (state.memories.server, memories.server)
    try require(
      server.admissions.count == fresh.admissions.count
        && server.preAggregators.count == fresh.preAggregators.count
        && state.memories.observers.count == memories.observers.count
        && state.memories.clients.count == memories.clients.count, "memories")
    let kept = clients.personal.ranges.reduce(0) { $0 + $1.count }
    for (client, fresh) in zip(state.memories.clients, memories.clients) {
      try require(client.transforms.count == fresh.transforms.count, "a client's memories")
      try require((client.kept?.count ?? kept) == kept, "a client's own values")
    }
    let answers = state.queue.waiting
    try require(
      Set(answers.map(\.client)).count == answers.count
        && answers.allSatisfy { (0..<population).contains($0.client) }, "clients under way")
    for answer in answers {
      guard case .update(let update) = answer.content else { continue }
      try require(
        update.client == answer.client && (0..<max(done.count, 1)).contains(update.startedRound)
          && update.delta.count == dimension && update.support.fits(dimension), "an update")
    }
  }
}

extension Update.Support {
  /// Whether these are coordinates of a model of `dimension` parameters.
  func fits(_ dimension: Int) -> Bool {
    switch self {
    case .all: return true
    case .ranges(let ranges):
      return ranges.allSatisfy { 0 <= $0.lowerBound && $0.upperBound <= dimension }
        && zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
    case .coordinates(let places):
      return places.allSatisfy { 0 <= $0 && $0 < dimension }
        && zip(places, places.dropFirst()).allSatisfy { $0 < $1 }
    }
  }
}
