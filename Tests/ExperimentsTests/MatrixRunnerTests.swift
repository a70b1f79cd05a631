import Components
import Experiments
import Foundation
import Synchronization
import Testing

@Suite("Running a matrix")
struct MatrixRunnerTests {
  /// Everything of a run directory but times: what must not depend on how it was made.
  struct Contents: Equatable {
    struct Row: Equatable {
      var cell: Int
      var seed: UInt64
      var description: CellDescription
      var status: MatrixResults.Status
      var metrics: RunMetrics?
      var clean: Double?
      var loss: Double?
      var reason: String?
    }
    var rows: [Row]
    var verdicts: [MatrixResults.Verdict]

    init(_ folder: String) throws {
      let results = try MatrixResults(folder: folder)
      rows = results.rows.map {
        Row(
          cell: $0.cell, seed: $0.seed, description: $0.description, status: $0.status,
          metrics: $0.metrics, clean: $0.cleanAccuracy, loss: $0.accuracyLoss, reason: $0.reason)
      }
      verdicts = results.cells.map(\.verdict)
    }
  }

  private static func run(
    _ selection: Selection = Selection(), of experiment: Experiment? = nil, in folder: String,
    jobs: Int = 1
  ) throws -> MatrixOutcome {
    try Tiny.runner(selection, of: experiment, in: folder, jobs: jobs).run { _ in }
  }

  /// The whole tiny matrix, run once without interruption.
  private static let whole = Result { () throws -> Contents in
    let scratch = try Scratch()
    _ = try run(in: scratch.path)
    return try Contents(scratch.path)
  }

  @Test("gives figures that make sense, and every row its clean twin of the same seed")
  func figures() throws {
    let rows = try Self.whole.get().rows
    #expect(rows.count == 18)
    #expect(rows.map(\.cell) == (0..<9).flatMap { [$0, $0] })
    #expect(rows.map(\.seed) == (0..<9).flatMap { _ in [1, 2] as [UInt64] })
    for row in rows {
      let metrics = try #require(row.metrics)
      #expect(row.status == .done)
      #expect(metrics.curve.map(\.round) == [1, 2])
      #expect(metrics.finalAccuracy == metrics.curve.last?.accuracy)
      #expect((0...1).contains(metrics.finalAccuracy))
      #expect(metrics.bytesUp > 0 && metrics.bytesDown > 0)
      let twin = try #require(
        rows.first { $0.cell == row.description.twin && $0.seed == row.seed }?.metrics)
      #expect(row.clean == twin.finalAccuracy)
      #expect(row.loss == twin.finalAccuracy - metrics.finalAccuracy)
      if row.description.labels["attack"] == "none" { #expect(row.loss == 0) }
    }
    // Two rounds are enough to learn something, and for the attack to undo it.
    let clean = try #require(rows.first?.metrics)
    #expect(clean.finalAccuracy > 0.5)
    let attacked = try #require(rows.first { $0.description.labels["attack"] == "ipm(epsilon=8)" })
    #expect(try #require(attacked.loss) > 0.1)
    // Seeds differ.
    #expect(rows[0].metrics != rows[1].metrics)
  }

  @Test("gives the same for any number of jobs", arguments: [2, 3])
  func jobs(_ jobs: Int) throws {
    let scratch = try Scratch()
    let outcome = try Self.run(in: scratch.path, jobs: jobs)
    #expect(outcome.ran == 18)
    #expect(outcome.failures.isEmpty)
    #expect(try Contents(scratch.path) == Self.whole.get())
  }

  @Test("gives the same in shards that are merged", arguments: [2, 3])
  func shards(_ count: Int) throws {
    let scratch = try Scratch()
    let folders = (0..<count).map { scratch.file("shard \($0)") }
    for (index, folder) in folders.enumerated() {
      let outcome = try Self.run(Selection(shard: (index, count)), in: folder)
      #expect(outcome.ran == 18 / count)
      let rows = try Contents(folder).rows
      #expect(rows.count == 18)
      #expect(rows.count { $0.status == .pending } == 18 - 18 / count)
    }
    #expect(try MatrixMerge.merge(folders, into: scratch.file("all")) == 18)
    #expect(try Contents(scratch.file("all")) == Self.whole.get())
    #expect(try MatrixMerge.merge(folders, into: scratch.file("all")) == 0, "again adds nothing")
    // The whole may also grow inside one of the shards.
    #expect(try MatrixMerge.merge(folders, into: folders[0]) == 18 - 18 / count)
    #expect(try Contents(folders[0]) == Self.whole.get())
  }

  @Test("goes on where a killed process stopped, and ends up the same")
  func resumes() async throws {
    let scratch = try Scratch()
    let folder = scratch.path
    var finished = 0
    for stop in [1, 5, 11] {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [folder = folder as String, stop = stop as Int] in
        let runner = try Tiny.runner(in: folder, jobs: 2)
        let done = try runner.finishedCount()
        let seen = Mutex(done)
        _ = try runner.run { event in
          guard case .finished = event else { return }
          if seen.withLock({
            $0 += 1; return $0
          }) >= stop {
            kill(getpid(), SIGKILL)
          }
        }
      }
      let count = try Tiny.runner(in: folder).finishedCount()
      #expect(count >= stop, "an event comes once the unit is stored")
      #expect(count > finished)
      finished = count
    }
    let outcome = try Self.run(in: folder)
    #expect(outcome.reused == finished)
    #expect(outcome.ran == 18 - finished)
    #expect(try Contents(folder) == Self.whole.get())
    #expect(try Self.run(in: folder).ran == 0)
  }

  @Test("tells what it does, unit by unit")
  func events() throws {
    let scratch = try Scratch()
    let events = Mutex<[String]>([])
    let selection = Selection(only: [.attack: ["none"], .defense: ["mean"]], seeds: [1])
    let runner = try Tiny.runner(selection, in: scratch.path)
    let title: @Sendable (Experiments.Unit) -> String = { runner.plan.title($0) }
    _ = try runner.run { event in
      let word =
        switch event {
        case .started(let pending, let total): "started \(pending) of \(total)"
        case .began(let unit): "began \(title(unit))"
        case .resumed(let unit, let round, let rounds): "resumed \(title(unit)) \(round) \(rounds)"
        case .measured(let unit, let round, let rounds, let accuracy):
          "round \(round) of \(rounds) of \(title(unit)) \(accuracy != nil)"
        case .noted(let unit, let note): "noted \(title(unit)) \(note)"
        case .finished(let unit, let accuracy, _): "finished \(title(unit)) \(accuracy > 0.5)"
        case .failed(let unit, let error): "failed \(title(unit)) \(error)"
        case .left(let unit, let round, let rounds): "left \(title(unit)) \(round) \(rounds)"
        }
      events.withLock { $0.append(word) }
    }
    #expect(
      events.withLock { $0 } == [
        "started 1 of 1", "began none / mean / seed 1",
        "round 1 of 2 of none / mean / seed 1 true", "round 2 of 2 of none / mean / seed 1 true",
        "finished none / mean / seed 1 true",
      ])
  }

  @Test("records a failure with its error and place, goes on with the others, and tries it again")
  func failures() throws {
    let scratch = try Scratch()
    let experiment = try Experiment.parse(
      """
      partition: {iid: {clients: 4}}
      training:
        - {rounds: 2, batch-size: 40}
        - {rounds: 2, learning-rate: 1.0e+38}
      threat: {attackers: 1}
      defense: [mean, median]
      """, file: "e.yaml")
    let outcome = try Self.run(of: experiment, in: scratch.path, jobs: 2)
    #expect(outcome.ran == 4)
    #expect(outcome.failures.count == 2)
    #expect(outcome.failures.allSatisfy { $0.isInputError })
    #expect(
      outcome.failures.allSatisfy {
        $0.error.hasPrefix("e.yaml:4:32: training diverged: client ") && !$0.error.contains("\n")
          && $0.error.contains("a learning-rate below")
      }, "\(outcome.failures)")
    let results = try MatrixResults(folder: scratch.path)
    #expect(results.rows.map(\.status) == [.done, .done, .failed, .failed])
    #expect(results.cells.map(\.verdict) == [.clean, .clean, .failed, .failed])
    #expect(results.rows[2].reason?.contains("training diverged") == true)
    #expect(results.rows[2].metrics == nil)
    #expect(results.rows[2].accuracyLoss == nil)

    let again = try Self.run(of: experiment, in: scratch.path)
    #expect(again.reused == 2)
    #expect(again.ran == 2)
    #expect(again.failures.count == 2)
    #expect(
      try MatrixResults(folder: scratch.path).rows.map(\.status) == results.rows.map(\.status))
  }

  @Test("keeps cells that came along, and makes them asked for once they are")
  func companionsAskedFor() throws {
    let scratch = try Scratch()
    func companions() throws -> [Bool] {
      try MatrixResults(folder: scratch.path).cells.map(\.description.isCompanion)
    }
    let narrow = Selection(only: [.attack: ["ipm"], .defense: ["median"]], seeds: [1])
    #expect(try Self.run(narrow, in: scratch.path).ran == 4)
    #expect(try companions() == [true, true, true, false])
    let wider = Selection(only: [.attack: ["ipm"]], seeds: [1])
    let outcome = try Self.run(wider, in: scratch.path)
    #expect(outcome.reused == 4)
    #expect(outcome.ran == 2)
    #expect(try companions() == [true, true, true, false, false, false])
    _ = try Self.run(narrow, in: scratch.path)
    #expect(try companions() == [true, true, true, false, false, false], "once asked, always")
    _ = try Self.run(in: scratch.path)
    #expect(try companions() == Array(repeating: false, count: 9))
    #expect(try Contents(scratch.path) == Self.whole.get())
  }

  @Test("stores nothing for what cannot exist, and shows it with its reason")
  func notApplicable() throws {
    let scratch = try Scratch()
    let experiment = try Tiny.experiment([
      "transport": "transport: sum-only", "attack": "attack: [none, label-flip]",
      "seeds": "seeds: 1",
    ])
    let outcome = try Self.run(of: experiment, in: scratch.path)
    #expect(outcome.ran == 2)
    let results = try MatrixResults(folder: scratch.path)
    #expect(
      results.rows.map(\.status) == [
        .done, .notApplicable, .notApplicable, .done, .notApplicable, .notApplicable,
      ])
    #expect(results.cells[1].verdict == .notApplicable)
    #expect(
      results.rows[1].reason == "median needs individual updates; sum-only reveals only the sum")
    #expect(results.rows[1].description.suggestion?.contains("such as plain") == true)
  }
}
