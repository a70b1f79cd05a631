internal import Federation

/// One unit that goes on where an interrupted run stopped, and leaves checkpoints on its way.
struct CheckpointedRun {
  /// What the unit's result is stored under.
  let key: String
  let checkpoints: CheckpointFolder
  /// The least time between two checkpoints.
  let interval: Duration
  /// Told how many rounds are done already.
  let onResume: (Int) -> Void
  /// Told what is wrong with a checkpoint.
  let onNote: (String) -> Void

  /// Runs `scenario` to its end. What is wrong with a checkpoint never fails the unit.
  ///
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
      let began = clock.now
      guard round.round + 1 < rounds, last.duration(to: began) >= interval else { return }
      do {
        let seconds = (saved?.seconds ?? 0) + start.duration(to: began) / .seconds(1)
        try checkpoints.save(checkpoint, of: key, seconds: seconds)
      } catch {
        if !hasFailed { onNote("no checkpoint can be written: \(error)") }
        hasFailed = true
      }
      last = clock.now
      interval = max(interval, began.duration(to: last) * 20)
    }
  }
}
