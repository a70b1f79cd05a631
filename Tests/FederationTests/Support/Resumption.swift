import Federation
import FileFormats
import Tensors

/// Everything a run recorded, with every bit of every number.
struct RecordBits: Equatable {
  var rounds: [[UInt8]]
  var model: [UInt32]
  var rest: [String]

  init(_ record: RunRecord) throws {
    rounds = try record.rounds.map { try BinaryEncoder().encode($0) }
    model = record.model.array.map(\.bitPattern)
    rest =
      ["\(record.colluders) \(record.bytesUp) \(record.bytesDown) \(record.privacy)"]
      + record.figures.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.bitPattern)" }
  }
}

/// What resuming a scenario after every round came to.
struct Resumption {
  /// The run without interruption.
  let whole: RunRecord
  /// The checkpoint after each round, written down.
  private(set) var checkpoints: [[UInt8]] = []
  /// Rounds after which a run went on to another end.
  private(set) var wrong: [Int] = []

  /// Runs `scenario` to its end, then from a checkpoint after every round; and once more stopping in
  /// every round.
  init(_ scenario: Scenario) throws {
    whole = try scenario.run()
    let expected = try RecordBits(whole)
    var bytes: [[UInt8]] = []
    let watched = try scenario.run(from: nil) { _, checkpoint in
      bytes.append(try checkpoint.encoded())
    }
    checkpoints = bytes
    if try RecordBits(watched) != expected { wrong.append(-1) }

    for (index, bytes) in checkpoints.enumerated() {
      let checkpoint = try Checkpoint(decoding: bytes)
      var seen: [Int] = []
      let resumed = try scenario.run(from: checkpoint, workers: 2) { round, _ in
        seen.append(round.round)
      }
      let left = Array(index + 1..<scenario.training.rounds)
      let isRight = try seen == left && RecordBits(resumed) == expected
      if checkpoint.rounds != index + 1 || !isRight { wrong.append(index) }
    }

    struct Stop: Error {}
    var last: [UInt8]?
    var ending: RunRecord?
    for _ in 0...scenario.training.rounds where ending == nil {
      do {
        ending = try scenario.run(from: try last.map { try Checkpoint(decoding: $0) }) {
          last = try $1.encoded()
          throw Stop()
        }
      } catch is Stop {}
    }
    if try ending.map({ try RecordBits($0) }) != expected { wrong.append(-2) }
  }
}
