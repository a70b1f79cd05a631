import Foundation
import Randomness
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A cell that was killed goes on inside, and nobody can tell from the results.
@Suite("Killed within a cell")
struct CheckpointCommandTests {
  /// One long run: momentum, residuals, late updates.
  private static func longExperiment(rounds: Int) -> String {
    """
    name: long
    partition: {dirichlet: {clients: 8, alpha: 0.5}}
    training: {rounds: \(rounds), evaluate-every: 20}
    population: {latency: {device-spread: 1}}
    algorithm: [[fedavg: {weighting: uniform}, fedbuff: {buffer: 3, concurrency: 6}, top-k: {fraction: 0.1}, server-momentum]]
    threat: {attackers: 0}
    attack: none
    defense: mean
    seeds: [1]
    """
  }

  /// A run that ended before it could be killed: it was too short for this machine at this moment.
  private struct EndedBeforeItsKill: Error {}

  /// Calls `body` with a run of 400 rounds, and with four times as many each time the run ends
  /// before it is killed: where other programs hold the processor, this test may look up late.
  private func withRunLongEnough(_ body: (Program, Int) throws -> Void) throws {
    for rounds in [400, 1600, 6400, 25_600] {
      let rampart = try Program()
      defer { rampart.remove() }
      try rampart.write(Self.longExperiment(rounds: rounds), to: "long.yaml")
      do {
        return try body(rampart, rounds)
      } catch is EndedBeforeItsKill {}
    }
    Issue.record("no run was long enough to be killed")
  }

  /// Starts the long run, waits until it has written a checkpoint that is not `known`, and kills it
  /// some time later; what it said. Throws `EndedBeforeItsKill` if it had ended, or was ending.
  private func kill(
    _ rampart: Program, after known: [UInt8]?, using generator: inout Generator
  ) throws -> String {
    let (process, _, errors) = try rampart.process(
      [
        "matrix", "long.yaml", "--out", "killed", "--checkpoint-every",
        "0",
      ])
    try process.run()
    let limit = ContinuousClock.now + .seconds(60)
    while process.isRunning, ContinuousClock.now < limit {
      if let bytes = try? checkpoint(rampart), bytes != known { break }
      usleep(2000)
    }
    usleep(UInt32(generator.uniform(below: 50_000)))
    if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    let exited = process.terminationReason == .exit && process.terminationStatus == 0
    if try exited || checkpoint(rampart) == nil { throw EndedBeforeItsKill() }
    return try String(contentsOf: errors, encoding: .utf8)
  }

  private func checkpoint(_ rampart: Program) throws -> [UInt8]? {
    let folder = rampart.path("killed/checkpoints")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    guard let name = names.first(where: { $0.hasSuffix(".checkpoint") }) else { return nil }
    return [UInt8](try Data(contentsOf: URL(filePath: folder + "/" + name)))
  }

  /// The round that a run said it goes on at.
  private func resumedRound(_ text: String, of rounds: Int) -> Int? {
    guard let line = text.split(separator: "\n").first(where: { $0.contains("resumes ") }),
      let match = line.firstMatch(of: /at round (\d+) of (\d+)/), Int(match.2) == rounds
    else { return nil }
    return Int(match.1)
  }

  @Test("again and again, it goes on from its last checkpoint and ends with the same bits")
  func kills() throws {
    try withRunLongEnough { rampart, rounds in
      let whole = try rampart(
        "matrix", "long.yaml", "--out", "whole", "--quiet")
      #expect(whole.status == 0, "\(whole.errors)")
      var generator = Generator(seed: 7)
      var resumed: [Int] = []
      var last: [UInt8]?
      for attempt in 0..<5 {
        let said = try kill(rampart, after: last, using: &generator)
        last = try checkpoint(rampart)
        #expect(last != nil, "\(said)")
        if attempt == 0 {
          #expect(!said.contains("resumes"), "\(said)")
        } else {
          resumed.append(try #require(resumedRound(said, of: rounds), "\(said)"))
        }
      }
      let end = try rampart(
        "matrix", "long.yaml", "--out", "killed")
      #expect(end.status == 0, "\(end.errors)")
      resumed.append(try #require(resumedRound(end.errors, of: rounds), "\(end.errors)"))
      // Every process went on after the one before it: none started from the first round.
      #expect(resumed.first ?? 0 > 1)
      #expect(zip(resumed, resumed.dropFirst()).allSatisfy { $0 < $1 }, "\(resumed)")
      #expect(try rampart.timelessCSV("killed") == rampart.timelessCSV("whole"))
      // Nothing is left.
      #expect(!FileManager.default.fileExists(atPath: rampart.path("killed/checkpoints")))
      let again = try rampart(
        "matrix", "long.yaml", "--out", "killed")
      #expect(!again.errors.contains("resumes"))
    }
  }

  @Test("from a damaged checkpoint it starts afresh, and says so")
  func damage() throws {
    try withRunLongEnough { rampart, rounds in
      #expect(
        try rampart("matrix", "long.yaml", "--out", "whole", "--quiet")
          .status == 0)
      var generator = Generator(seed: 8)
      _ = try kill(rampart, after: nil, using: &generator)
      let folder = rampart.path("killed/checkpoints")
      let name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: folder)
          .first { $0.hasSuffix(".checkpoint") })
      var bytes = try #require(try checkpoint(rampart))
      bytes[bytes.count / 2] ^= 1
      try Data(bytes).write(to: URL(filePath: folder + "/" + name))
      let end = try rampart(
        "matrix", "long.yaml", "--out", "killed")
      #expect(end.status == 0, "\(end.errors)")
      #expect(!end.errors.contains("resumes"))
      #expect(
        end.errors.contains(
          "the checkpoint is damaged: its checksum does not fit; starts afresh"), "\(end.errors)")
      #expect(try rampart.timelessCSV("killed") == rampart.timelessCSV("whole"))
    }
  }
}
