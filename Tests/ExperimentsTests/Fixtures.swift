import Components
import Experiments
import Foundation
import Testing

/// A folder of its own for one test.
struct Scratch: ~Copyable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.appending(path: "rampart " + UUID().uuidString)
      .path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}

/// Experiments small enough to run often.
enum Tiny {
  /// One cell for each of three attacks and three defenses, two seeds.
  static let text = """
    name: tiny
    partition: {iid: {clients: 4}}
    training: {rounds: 2, batch-size: 20, evaluate-every: 1}
    threat: {attackers: 1}
    attack:
      - none
      - ipm: {epsilon: 8}
      - label-flip
    defense: [mean, median, trimmed-mean]
    seeds: [1, 2]
    """

  /// The same with single lines replaced or added.
  static func experiment(_ changes: [String: String] = [:]) throws -> Experiment {
    var lines = text.split(separator: "\n").map(String.init)
    for (key, line) in changes {
      guard let start = lines.firstIndex(where: { $0.hasPrefix(key + ":") }) else {
        lines.append(line)
        continue
      }
      let rest = lines[(start + 1)...].prefix { $0.hasPrefix(" ") }.count
      lines.replaceSubrange(start...(start + rest), with: [line])
    }
    return try Experiment.parse(lines.joined(separator: "\n"), file: "tiny.yaml")
  }

  static func runner(
    _ selection: Selection = Selection(), of experiment: Experiment? = nil, in folder: String,
    jobs: Int = 1
  ) throws -> MatrixRunner {
    let plan = try MatrixPlan(try experiment ?? Tiny.experiment(), selection: selection)
    return try MatrixRunner(plan, folder: folder, jobs: jobs, version: "test")
  }
}

extension Selection {
  init(
    only: [Axis: [String]] = [:], seeds: [UInt64]? = nil, shard: (index: Int, count: Int) = (0, 1)
  ) {
    self.init()
    self.only = only
    self.seeds = seeds
    self.shard = shard
  }
}

/// The lines a user sees for what is wrong with this file, reading and planning.
func problems(_ text: String, file: String = "e.yaml") throws -> [String] {
  do {
    _ = try MatrixPlan(try Experiment.parse(text, file: file))
    return []
  } catch let error as ConfigurationError {
    return error.issues.map(\.description)
  }
}

/// The error of a body that must be the user's to correct.
func mistake(_ body: () throws -> Void) throws -> String {
  let error = #expect(throws: ConfigurationError.self) { try body() }
  return try #require(error).description
}
