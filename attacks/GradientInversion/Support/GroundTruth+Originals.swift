internal import Federation
internal import Learning

/// An example that an attacked update was computed on.
struct OriginalExample {
  var client: Int
  var features: [Float]
  var label: Int32
}

extension GroundTruth {
  /// The distinct examples behind an attacked update; of a claim about a class only its.
  func originals(of batch: InvertedBatch) -> [OriginalExample] {
    originals(ofRound: batch.round, clients: batch.clients).filter { original in
      batch.claim.map { $0 == original.label } ?? true
    }
  }

  /// The distinct examples that an update was computed on, in the order in which steps first took
  /// them; all of a client's where its trainer does not tell.
  ///
  /// - Parameter clients: Who is behind the update; nil for everybody.
  func originals(ofRound round: Int, clients: [Int]?) -> [OriginalExample] {
    var originals: [OriginalExample] = []
    for client in clients ?? participants(inRound: round) {
      let examples = examples(of: client)
      let steps = batches(of: client, inRound: round)
      var seen: Set<Int> = []
      for position in steps?.flatMap({ $0 }) ?? Array(0..<examples.count)
      where seen.insert(position).inserted {
        originals.append(
          OriginalExample(
            client: client, features: examples.features(of: position),
            label: examples.labels[position]))
      }
    }
    return originals
  }
}
