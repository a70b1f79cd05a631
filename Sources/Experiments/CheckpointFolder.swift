internal import Federation
internal import FileFormats
internal import Foundation
internal import Tensors

/// The checkpoints of the units under way, in files beside the store.
///
/// Files and not a table of the store: a checkpoint may have hundreds of megabytes and is replaced all
/// the time, which in SQLite would pass through the write-ahead log, keep other processes waiting and
/// leave a store that never shrinks. One file a unit, written beside its place and renamed: a process
/// killed at any moment leaves the old one or the new one, and what a machine that stops leaves is
/// known by its checksum.
struct CheckpointFolder: Sendable {
  private let folder: String
  /// The program's version: another may remember other things.
  private let version: String

  init(in run: String, version: String) {
    folder = run + "/checkpoints"
    self.version = version
  }

  /// Where a unit stands.
  struct Saved {
    var checkpoint: Checkpoint
    /// How long the rounds until there took.
    var seconds: Double
  }

  /// What an interrupted run left of the unit `key`; nil if nothing.
  ///
  /// - Throws: An error that says in one line why the unit must start afresh.
  func load(_ key: String) throws -> Saved? {
    let path = path(key)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let checkpoint = try Checkpoint(decoding: try WholeFile.read(path))
    for (name, expected) in notes(key) where checkpoint.notes[name] != expected {
      throw Mismatch(name: name, got: checkpoint.notes[name] ?? "nothing", expected: expected)
    }
    return Saved(
      checkpoint: checkpoint, seconds: checkpoint.notes["seconds"].flatMap(Double.init) ?? 0)
  }

  /// Replaces the checkpoint of the unit `key`.
  func save(_ checkpoint: Checkpoint, of key: String, seconds: Double) throws {
    var checkpoint = checkpoint
    checkpoint.notes = notes(key)
    checkpoint.notes["seconds"] = "\(seconds)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    try WholeFile.replace(path(key), with: try checkpoint.encoded())
  }

  /// Removes everything about these units.
  func remove(_ keys: Set<String>) {
    for name in names where keys.contains(String(name.prefix { $0 != "." })) {
      try? FileManager.default.removeItem(atPath: folder + "/" + name)
    }
  }

  /// Removes the folder if nothing is in it.
  func close() { rmdir(folder) }

  private var names: [String] { WholeFile.list(folder)?.filter { !$0.hasPrefix(".") } ?? [] }

  private func path(_ key: String) -> String { "\(folder)/\(key).checkpoint" }

  private func notes(_ key: String) -> [String: String] {
    ["unit": key, "rampart": version, "BLAS kernel": BLAS.coreName]
  }

  /// A checkpoint that cannot go on here.
  struct Mismatch: Error, CustomStringConvertible {
    var name: String
    var got: String
    var expected: String

    var description: String { "the checkpoint has \(name) \(got), this run \(expected)" }
  }
}
