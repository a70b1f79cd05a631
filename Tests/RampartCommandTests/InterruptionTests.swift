import Foundation
import Randomness
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Whatever happens on the way, the same experiment gives the same results.
@Suite("Interruption and division")
struct InterruptionTests {
  @Test("killed at twenty random moments and resumed, all columns but times are equal")
  func kills() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    // Forty-eight runs, long enough for every kill to fall into the work of some.
    try rampart.write(
      smallExperiment.replacing("seeds: [1, 2, 3]", with: "seeds: [1, 2, 3, 4, 5, 6]")
        .replacing("defense: [mean, median]", with: "defense: [mean, median, krum, trimmed-mean]")
        .replacing("rounds: 10", with: "rounds: 40"), to: "small.yaml")
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try rampart("matrix", "small.yaml", "--out", "whole", "--quiet").status == 0)
    let seconds = (clock.now - start) / .seconds(1)
    var generator = Generator(seed: 20)
    // The latest moment of a kill. What else the machine does may have made the whole run slow: who is
    // done before its kill begins anew, and is killed earlier.
    var latest = seconds * 0.25
    var killed = 0
    for _ in 0..<20 {
      let (process, _, _) = try rampart.process(
        ["matrix", "small.yaml", "--out", "killed", "--quiet"])
      try process.run()
      usleep(UInt32(1e6 * latest * generator.uniform()))
      if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        killed += 1
        process.waitUntilExit()
      } else {
        latest /= 4
        try FileManager.default.removeItem(atPath: rampart.path("killed"))
      }
    }
    #expect(killed >= 10)
    #expect(try rampart("matrix", "small.yaml", "--out", "killed", "--quiet").status == 0)
    let whole = try rampart.timelessCSV("whole")
    #expect(whole.count == 49)
    #expect(try rampart.timelessCSV("killed") == whole)
  }

  @Test("one job, two jobs, and two shards merged give equal columns but for times")
  func division() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(smallExperiment, to: "small.yaml")
    func run(_ out: String, _ extra: String...) throws {
      let (process, _, errors) = try rampart.process(
        ["matrix", "small.yaml", "--out", out, "--quiet"] + extra)
      try process.run()
      process.waitUntilExit()
      let said = try String(contentsOf: errors, encoding: .utf8)
      #expect(process.terminationStatus == 0, "\(said)")
    }
    try run("one", "--jobs", "1")
    try run("two", "--jobs", "2")
    try run("first", "--shard", "1/2")
    try run("second", "--shard", "2/2")
    #expect(try rampart("merge", "first", "second", "--out", "merged").status == 0)
    let one = try rampart.timelessCSV("one")
    #expect(one.count == 13)
    #expect(try rampart.timelessCSV("two") == one)
    #expect(try rampart.timelessCSV("merged") == one)
    #expect(try rampart.timelessCSV("first") != one)
  }
}
