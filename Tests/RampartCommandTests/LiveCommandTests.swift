import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// What a running matrix says, and how it is stopped.
@Suite("A running matrix")
struct LiveCommandTests {
  /// Long enough that it cannot end before it is stopped.
  private let long = smallExperiment.replacing("rounds: 10", with: "rounds: 20000")
    .replacing("evaluate-every: 5", with: "evaluate-every: 1000")

  /// Waits until a process says in the folder `live` that a unit is under way; a minute at most.
  private static func awaitWork(_ live: String) {
    let start = ContinuousClock.now
    while start.duration(to: .now) < .seconds(60) {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: live)) ?? []
      let texts = files.map { try? String(contentsOfFile: "\(live)/\($0)", encoding: .utf8) }
      if texts.contains(where: { $0?.contains("accuracies") == true }) { return }
      usleep(20_000)
    }
  }

  @Test("Ctrl-C ends the rounds under way, keeps them, and says how to go on", arguments: [2, 15])
  func interrupted(signal: Int32) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(long, to: "long.yaml")
    let (process, output, errors) = try rampart.process(["matrix", "long.yaml", "--out", "run it"])
    try process.run()
    let live = rampart.path("run it/live")
    Self.awaitWork(live)
    let watched = try rampart("watch", "run it")
    #expect(watched.status == 0)
    #expect(watched.output.contains("process \(process.processIdentifier) on"))
    #expect(watched.output.contains("small  0/12 runs  0%"))
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let said = try String(contentsOf: errors, encoding: .utf8)
    #expect(said.contains("stopping once the rounds under way are over"))
    #expect(said.contains("stopped: 0 of 12 runs are done; "))
    #expect(said.hasSuffix("go on with: rampart matrix long.yaml --out 'run it'\n"))
    #expect(try String(contentsOf: output, encoding: .utf8).isEmpty)
    let kept = try FileManager.default.contentsOfDirectory(
      atPath: rampart.path("run it/checkpoints"))
    #expect((1...16).contains(kept.count))
    #expect(!FileManager.default.fileExists(atPath: live))
    let later = try rampart("watch", "run it")
    #expect(later.output.hasSuffix("small  0/12 runs  0%\nnobody is at work on it\n"))
  }

  @Test("a second Ctrl-C stops at once")
  func twice() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    // One round takes longer than the test.
    try rampart.write(
      smallExperiment.replacing("rounds: 10", with: "rounds: 2, epochs: 1000000")
        .replacing("evaluate-every: 5", with: "evaluate-every: 1"), to: "slow.yaml")
    let (process, _, errors) = try rampart.process(["matrix", "slow.yaml", "--out", "slow"])
    try process.run()
    Self.awaitWork(rampart.path("slow/live"))
    let start = ContinuousClock.now
    kill(process.processIdentifier, SIGINT)
    while try !String(contentsOf: errors, encoding: .utf8).contains("stopping"),
      start.duration(to: .now) < .seconds(60)
    {
      usleep(20_000)
    }
    #expect(process.isRunning)
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 130)
    #expect(try !String(contentsOf: errors, encoding: .utf8).contains("stopped:"))
  }

  @Test("without a terminal there is a line for each complete cell")
  func lines() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(smallExperiment, to: "small.yaml")
    let result = try rampart("matrix", "small.yaml", "--out", "small", "--jobs", "1")
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[0].hasPrefix("1/4 cells  none / mean  "))
    #expect(lines[3].hasPrefix("4/4 cells  ipm(epsilon=5) / median  "))
    #expect(lines.dropLast().allSatisfy { $0.contains("% (mean of 3 seeds)") })
    #expect(lines[4].hasPrefix("12/12 runs in "))
    let again = try rampart("matrix", "small.yaml", "--out", "small")
    #expect(again.errors.hasPrefix("12/12 runs (12 of them before) in "))
  }

  @Test("with --json-lines every line is an object, and together they tell the whole run")
  func json() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(smallExperiment, to: "small.yaml")
    let result = try rampart("matrix", "small.yaml", "--out", "small", "--json-lines")
    #expect(result.status == 0)
    let objects = try result.output.split(separator: "\n").map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let events = objects.compactMap { $0["event"] as? String }
    #expect(events.count == objects.count)
    #expect(events.first == "started")
    #expect(objects.first?["pending"] as? Int == 12)
    #expect(events.last == "ended")
    #expect(events.count { $0 == "began" } == 12)
    #expect(events.count { $0 == "round" } == 120)
    #expect(events.count { $0 == "finished" } == 12)
    let finals = objects.filter { $0["event"] as? String == "finished" }
    let csv = try rampart.timelessCSV("small")
    let columns = try ["cell", "seed", "finalAccuracy"].map { name in
      try #require(csv[0].firstIndex(of: name))
    }
    for final in finals {
      let unit = ["cell", "seed"].map { "\(final[$0] as? Int ?? -1)" }
      let row = try #require(csv.first { [$0[columns[0]], $0[columns[1]]] == unit })
      let stored = try #require(Double(row[columns[2]]))
      let told = try #require(final["accuracy"] as? Double)
      #expect(abs(stored - told) < 1e-9)
    }
    #expect(result.errors.hasPrefix("Report: small/report.html"))
  }

  @Test("watching what is no run is an error with the folder's name")
  func nothing() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let result = try rampart("watch", "nowhere")
    #expect(result.status == 2)
    #expect(result.errors.contains("nowhere"))
  }
}
