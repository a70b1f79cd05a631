import Foundation
import Randomness
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A cell that was killed goes on inside, and nobody can tell from the results.
@Suite("Killed within a cell")
struct CheckpointCommandTests {
  static let rounds = 400

  /// One long run: momentum, residuals, late updates.
  static let longExperiment = """
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

  /// Starts the long run, waits until it has written a checkpoint that is not `known`, and kills it
  /// some time later; what it said.
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
    return try String(contentsOf: errors, encoding: .utf8)
  }

  private func checkpoint(_ rampart: Program) throws -> [UInt8]? {
    let folder = rampart.path("killed/checkpoints")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    guard let name = names.first(where: { $0.hasSuffix(".checkpoint") }) else { return nil }
    return [UInt8](try Data(contentsOf: URL(filePath: folder + "/" + name)))
  }

  /// The round that a run said it goes on at.
  private func resumedRound(_ text: String) -> Int? {
    guard let line = text.split(separator: "\n").first(where: { $0.contains("resumes ") }),
      let match = line.firstMatch(of: /at round (\d+) of 400/)
    else { return nil }
    return Int(match.1)
  }

  @Test("again and again, it goes on from its last checkpoint and ends with the same bits")
  func kills() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(Self.longExperiment, to: "long.yaml")
    let whole = try rampart(
      "matrix", "long.yaml", "--out", "whole", "--quiet")
    #expect(whole.status == 0, "\(whole.errors)")
    var generator = Generator(seed: 7)
    var rounds: [Int] = []
    var last: [UInt8]?
    for attempt in 0..<5 {
      let said = try kill(rampart, after: last, using: &generator)
      last = try checkpoint(rampart)
      #expect(last != nil, "\(said)")
      if attempt == 0 {
        #expect(!said.contains("resumes"), "\(said)")
      } else {
        rounds.append(try #require(resumedRound(said), "\(said)"))
      }
    }
    let end = try rampart(
      "matrix", "long.yaml", "--out", "killed")
    #expect(end.status == 0, "\(end.errors)")
    rounds.append(try #require(resumedRound(end.errors), "\(end.errors)"))
    // Every process went on after the one before it: none started from the first round.
    #expect(rounds.first ?? 0 > 1)
    #expect(zip(rounds, rounds.dropFirst()).allSatisfy { $0 < $1 }, "\(rounds)")
    #expect(try rampart.timelessCSV("killed") == rampart.timelessCSV("whole"))
    // Nothing is left.
    #expect(!FileManager.default.fileExists(atPath: rampart.path("killed/checkpoints")))
    let again = try rampart(
      "matrix", "long.yaml", "--out", "killed")
    #expect(!again.errors.contains("resumes"))
  }

  @Test("from a damaged checkpoint it starts afresh, and says so")
  func damage() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(Self.longExperiment, to: "long.yaml")
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
