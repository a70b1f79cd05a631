import Experiments
import Foundation
import Synchronization
import Testing

@Suite("A matrix while it runs")
struct LiveTests {
  @Test("asked to stop, it keeps what is under way, begins nothing else, and later ends the same")
  func stops() throws {
    let scratch = try Scratch()
    let stop = StopRequest()
    let left = Mutex<[String]>([])
    let runner = try Tiny.runner(in: scratch.path)
    let outcome = try runner.run(stop: stop) { event in
      switch event {
      // In the first round of the third unit: its second round must not run.
      case .measured(let unit, let round, _, _):
        if unit == runner.plan.units[2], round == 1 { stop.ask() }
      case .left(let unit, let round, let rounds):
        left.withLock { $0.append("\(unit == runner.plan.units[2]) \(round) \(rounds)") }
      default: break
      }
    }
    #expect(outcome.isStopped)
    #expect(outcome.ran == 2)
    #expect(outcome.left == 1)
    #expect(left.withLock { $0 } == ["true 1 2"])
    let resumed = Mutex<[Int]>([])
    let rest = try Tiny.runner(in: scratch.path).run { event in
      if case .resumed(_, let round, _) = event { resumed.withLock { $0.append(round) } }
    }
    #expect(resumed.withLock { $0 } == [2])
    #expect(!rest.isStopped)
    #expect(rest.ran == 16)
    let whole = try Scratch()
    _ = try Tiny.runner(in: whole.path).run { _ in }
    #expect(
      try MatrixRunnerTests.Contents(scratch.path) == MatrixRunnerTests.Contents(whole.path))
  }

  @Test("asked before it begins, nothing runs; asked in its last round, a unit ends")
  func stopsAtEnds() throws {
    let scratch = try Scratch()
    let stop = StopRequest()
    stop.ask()
    let nothing = try Tiny.runner(in: scratch.path).run(stop: stop) { _ in }
    #expect((nothing.ran, nothing.left, nothing.isStopped) == (0, 0, true))
    let late = StopRequest()
    let one = try Tiny.runner(in: scratch.path).run(stop: late) { event in
      if case .measured(_, 2, _, _) = event { late.ask() }
    }
    #expect((one.ran, one.left, one.isStopped) == (1, 0, true))
  }

  @Test("what it is at stands in the run directory while it runs, and not afterwards")
  func beacon() throws {
    let scratch = try Scratch()
    let folder = scratch.path
    let seen = Mutex<[LiveRuns]>([])
    let runner = try Tiny.runner(in: folder)
    _ = try runner.run { event in
      // Once a second at most: what was said at the start may be all that is there.
      if case .finished = event {
        Thread.sleep(forTimeInterval: 0.25)
      } else if case .began = event {
        seen.withLock { $0 += LiveRuns.read(in: folder) }
      }
    }
    let all = seen.withLock { $0 }
    #expect(all.count == 18)
    #expect(all.allSatisfy { $0.process == ProcessInfo.processInfo.processIdentifier })
    #expect(all.allSatisfy { $0.pending == 18 && $0.runs.count <= 1 })
    #expect(all.contains { $0.runs.first?.unit == runner.plan.units[5] })
    #expect(LiveRuns.read(in: folder).isEmpty)
    #expect(!FileManager.default.fileExists(atPath: folder + "/live"))
  }

  @Test("a process that was killed is not at work, nor is a file that is none of ours")
  func dead() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.file("live"), withIntermediateDirectories: true)
    var runs = LiveRuns(pending: 3)
    func write(_ name: String) throws {
      try JSONEncoder().encode(runs).write(to: URL(filePath: scratch.file("live/\(name).json")))
    }
    try write("own")
    #expect(LiveRuns.read(in: scratch.path) == [runs])
    // No process has this number.
    runs.process = Int32.max
    try write("own")
    #expect(LiveRuns.read(in: scratch.path).isEmpty)
    // Elsewhere only silence tells.
    runs.host = "elsewhere"
    try write("own")
    #expect(LiveRuns.read(in: scratch.path) == [runs])
    runs.updated -= 601
    try write("own")
    try "no JSON".write(toFile: scratch.file("live/x.json"), atomically: true, encoding: .utf8)
    #expect(LiveRuns.read(in: scratch.path).isEmpty)
  }

  @Test("takes note of rounds and ends, keeping the latest accuracies")
  func notes() {
    let (first, second) = (Unit(cell: 3, seed: 1), Unit(cell: 4, seed: 2))
    var runs = LiveRuns(pending: 5)
    runs.note(.began(first))
    runs.note(.began(second))
    runs.note(.resumed(second, round: 11, of: 200))
    for round in 1...70 {
      runs.note(
        .measured(
          first, round: round, of: 70, accuracy: round % 2 == 0 ? nil : Double(round) / 100))
    }
    #expect(runs.runs.map(\.round) == [70, 10])
    #expect(runs.runs.map(\.resumedAt) == [0, 10])
    #expect(runs.runs[0].accuracies == stride(from: 1, through: 69, by: 2).map { Double($0) / 100 })
    for round in 11...200 { runs.note(.measured(second, round: round, of: 200, accuracy: 0.5)) }
    #expect(runs.runs[1].accuracies.count == LiveRun.kept)
    runs.note(.finished(first, accuracy: 0.9, seconds: 1))
    runs.note(.left(second, round: 200, of: 200))
    #expect(runs.ran == 1)
    #expect(runs.runs.isEmpty)
  }
}
