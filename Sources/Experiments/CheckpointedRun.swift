internal import Federation

/// One unit that goes on where an interrupted run stopped, and leaves checkpoints on its way.
struct CheckpointedRun {
  /// What the unit's result is stored under.
  let key: String
  let checkpoints: CheckpointFolder
  /// The least time between two checkpoints.
  let interval: Duration
  /// Who may ask it to stop after a round.
  let stop: StopRequest
  /// Told of each round.
  let onRound: (RoundRecord) -> Void
  /// Told how many rounds are done already.
  let onResume: (Int) -> Void
  /// Told what is wrong with a checkpoint.
  let onNote: (String) -> Void

  /// The unit was asked to stop and can go on from its checkpoint.
  struct Stopped: Error {
    /// Rounds that are over.
    var rounds: Int
    /// Rounds in all.
    var total: Int
  }

  /// Runs `scenario` to its end, or until it is asked to stop. What is wrong with a checkpoint never fails the unit.
  ///
  /// - Throws: ``Stopped``, or what ends the run itself.
  /// - Returns: The record, and how long the rounds took that were done before.
  func callAsFunction(_ scenario: Scenario) throws -> (record: RunRecord, earlierSeconds: Double) {
    var saved: CheckpointFolder.Saved?
    do {
      saved = try checkpoints.load(key)
    } catch {
      onNote("\(error); starts afresh")
    }
    if let saved {
      onResume(saved.checkpoint.rounds)
      do {
        return (try run(scenario, from: saved), saved.seconds)
      } catch let error as CheckpointError {
        onNote("\(error); starts afresh")
      }
    }
    return (try run(scenario, from: nil), 0)
  }

  private func run(_ scenario: Scenario, from saved: CheckpointFolder.Saved?) throws -> RunRecord {
    let clock = ContinuousClock()
    let start = clock.now
    let rounds = scenario.training.rounds
    var last = start
    // Writing must not take more than a twentieth of the time.
    var interval = interval
    var hasFailed = false
    return try scenario.run(from: saved?.checkpoint) { round, checkpoint in
      onRound(round)
      let began = clock.now
      let isLeft = stop.isAsked
      guard round.round + 1 < rounds, isLeft || last.duration(to: began) >= interval else {
        return
      }
      defer { last = clock.now }
      do {
        let seconds = (saved?.seconds ?? 0) + start.duration(to: began) / .seconds(1)
        try checkpoints.save(checkpoint, of: key, seconds: seconds)
      } catch {
        if !hasFailed { onNote("no checkpoint can be written: \(error)") }
        hasFailed = true
      }
      if isLeft { throw Stopped(rounds: round.round + 1, total: rounds) }
      interval = max(interval, began.duration(to: clock.now) * 20)
    }
  }
}
