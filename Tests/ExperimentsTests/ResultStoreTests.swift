import Components
import Experiments
import Foundation
import Testing

@Suite("The store of a run directory")
struct ResultStoreTests {
  private static let small = Selection(
    only: [.attack: ["none"], .defense: ["mean"]], seeds: [1, 2])

  private static func makeRun(
    in folder: String, selection: Selection = small, of experiment: Experiment? = nil
  ) throws {
    _ = try Tiny.runner(selection, of: experiment, in: folder).run { _ in }
  }

  private static func database(_ folder: String) throws -> Database {
    try Database(path: folder + "/results.sqlite", access: .write)
  }

  /// The folder's files with their contents; SQLite's scratch files beside the store do not count.
  private static func bytes(_ folder: String) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { name in
      !name.hasSuffix("-shm") && !name.hasSuffix("-wal")
    }
    return names.reduce(into: [:]) { files, name in
      files[name] = FileManager.default.contents(atPath: folder + "/" + name)
    }
  }

  /// What opening `folder` for writing says; it must not change a byte of it.
  private static func refusal(
    _ folder: String, sourceLocation: SourceLocation = #_sourceLocation,
    open: (String) throws -> Void = { _ = try Tiny.runner(small, in: $0) }
  ) throws -> String {
    let before = try bytes(folder)
    let message = try mistake { try open(folder) }
    #expect(try bytes(folder) == before, sourceLocation: sourceLocation)
    #expect(!message.contains("\n"), sourceLocation: sourceLocation)
    return message
  }

  @Test("of a later version is refused and not touched")
  func newer() throws {
    let scratch = try Scratch()
    let folder = scratch.path
    try Self.makeRun(in: folder)
    try Self.database(folder).withConnection { try $0.setUserVersion(4) }
    let message =
      "'\(folder)' was written by a newer rampart (store version 4, this one knows 3); use that "
      + "one, or choose another folder with --out"
    #expect(try Self.refusal(folder) == message)
    #expect(try Self.refusal(folder) { _ = try MatrixResults(folder: $0) } == message)
    let other = try Scratch()
    #expect(
      try Self.refusal(folder) { _ = try MatrixMerge.merge([$0], into: other.file("all")) }
        == message)
    #expect(!FileManager.default.fileExists(atPath: other.file("all")))
  }

  @Test("of a later version is not touched either when it has no log to protect it")
  func newerWithoutLog() throws {
    let scratch = try Scratch()
    try Self.makeRun(in: scratch.path)
    let database = try Self.database(scratch.path)
    try database.withConnection { try $0.setUserVersion(9) }
    _ = try database.query("PRAGMA journal_mode = DELETE") { $0[0] }
    #expect(try Self.refusal(scratch.path).contains("newer rampart"))
  }

  @Test("of another experiment is refused and not touched")
  func otherExperiment() throws {
    let scratch = try Scratch()
    try Self.makeRun(in: scratch.path)
    let experiment = try Tiny.experiment(["defense": "defense: [mean, median]"])
    let message = try Self.refusal(scratch.path) {
      _ = try Tiny.runner(Self.small, of: experiment, in: $0)
    }
    #expect(
      message
        == "'\(scratch.path)' holds the results of another experiment ('tiny', or an earlier "
        + "version of this one); choose another folder with --out")
  }

  @Test("may be opened again by the same experiment without a change to its results")
  func sameAgain() throws {
    let scratch = try Scratch()
    try Self.makeRun(in: scratch.path)
    let before = try MatrixResults(folder: scratch.path).rows.map(\.seconds)
    try Self.makeRun(in: scratch.path)
    #expect(try MatrixResults(folder: scratch.path).rows.map(\.seconds) == before)
  }

  @Test("that is no database, or another program's, is refused and not touched")
  func foreign() throws {
    let scratch = try Scratch()
    let file = scratch.file("results.sqlite")
    try Data("this is a diary, not a database, and should stay as it is".utf8)
      .write(to: URL(filePath: file))
    #expect(
      try Self.refusal(scratch.path)
        == "'\(file)' is not a database (it was not changed); choose another folder with --out")
    #expect(
      try Self.refusal(scratch.path) { _ = try MatrixResults(folder: $0) }.contains(
        "not a database"))

    let other = try Scratch()
    do {
      let database = try Database(path: other.file("results.sqlite"))
      try database.execute("CREATE TABLE diary (day TEXT)")
    }
    #expect(
      try Self.refusal(other.path)
        == "'\(other.file("results.sqlite"))' was not made by rampart (it was not changed); "
        + "choose another folder with --out")
  }

  @Test("starts in an empty file as in none")
  func emptyFile() throws {
    let scratch = try Scratch()
    try Data().write(to: URL(filePath: scratch.file("results.sqlite")))
    try Self.makeRun(in: scratch.path)
    #expect(try MatrixResults(folder: scratch.path).rows.count == 2)
  }

  @Test("cannot be where no folder can be")
  func noFolder() throws {
    let scratch = try Scratch()
    try Data("x".utf8).write(to: URL(filePath: scratch.file("file")))
    for folder in [scratch.file("file"), scratch.file("file/run"), "/proc/rampart"] {
      let message = try mistake { _ = try Tiny.runner(Self.small, in: folder) }
      #expect(message.contains("'\(folder)'"))
      #expect(message.hasSuffix("choose another with --out"), "\(message)")
      #expect(!message.contains("\n"))
    }
    let message = try mistake { _ = try MatrixResults(folder: scratch.file("absent")) }
    #expect(
      message
        == "'\(scratch.file("absent"))' holds no results (no results.sqlite); give a folder that "
        + "'rampart matrix --out' wrote")
  }

  @Test("is not joined with one of another experiment, and nothing is written")
  func mergeOfDifferent() throws {
    let scratch = try Scratch()
    let (one, two) = (scratch.file("one"), scratch.file("two"))
    try Self.makeRun(in: one)
    try Self.makeRun(
      in: two, of: try Tiny.experiment(["training": "training: {rounds: 1, batch-size: 40}"]))
    let before = try Self.bytes(scratch.path)
    #expect(
      try mistake { _ = try MatrixMerge.merge([one, two], into: scratch.file("all")) }
        == "'\(two)' and '\(one)' hold different experiments; merge only shards of one")
    #expect(
      try mistake { _ = try MatrixMerge.merge([one], into: two) }.contains("another experiment"))
    #expect(try mistake { _ = try MatrixMerge.merge([], into: one) }.contains("nothing to merge"))
    #expect(try Self.bytes(scratch.path) == before)
  }

  @Test("lets a finished result replace a failed one and never the reverse")
  func finishedWins() throws {
    let scratch = try Scratch()
    let (good, bad) = (scratch.file("good"), scratch.file("bad"))
    try Self.makeRun(in: good)
    try Self.makeRun(in: bad)
    try Self.database(bad).execute(
      "UPDATE results SET metrics = NULL, error = 'out of memory'")
    #expect(try MatrixResults(folder: bad).rows.map(\.status) == [.failed, .failed])
    for (name, order) in [("first", [good, bad]), ("last", [bad, good])] {
      #expect(try MatrixMerge.merge(order, into: scratch.file(name)) == 2)
      let merged = try MatrixResults(folder: scratch.file(name))
      #expect(merged.rows.map(\.status) == [.done, .done], "good one \(name)")
      #expect(merged.rows.map(\.metrics) == (try MatrixResults(folder: good).rows.map(\.metrics)))
      #expect(merged.rows.allSatisfy { $0.reason == nil })
    }
    // Running again repairs what failed, and its error is gone.
    try Self.makeRun(in: bad)
    let repaired = try MatrixResults(folder: bad)
    #expect(repaired.rows.map(\.status) == [.done, .done])
    #expect(repaired.rows.allSatisfy { $0.reason == nil })
  }
}
