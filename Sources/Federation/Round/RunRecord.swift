public import Accounting
public import Tensors

/// What one round did.
public struct RoundRecord: Codable, Sendable, Hashable {
  /// The round, from 0.
  public var round: Int
  /// The virtual time at its end.
  public var time: Double
  /// How many clients' updates arrived.
  public var received: Int
  /// Bytes from clients to server since the start of the run.
  public var bytesUp = 0
  /// Bytes from server to clients since the start of the run.
  public var bytesDown = 0
  /// Test accuracy after it, in [0, 1], where it was measured: of the global model, or where clients
  /// have models or worlds of their own, the mean over honest clients, each in its own.
  public var accuracy: Double?
  /// Mean test cross-entropy after it, where it was measured.
  public var loss: Double?
  /// The mean accuracy of the tenth of the clients that do worst, where clients are tested.
  public var worstTenth: Double?
  /// Honest updates that had no part in the aggregate, among those received; nil when the rule
  /// keeps no set.
  public var honestExcluded: Int?
  /// Colluders' updates that had no part in it, likewise.
  public var colludersExcluded: Int?
  /// Colluders' updates received.
  public var colludersReceived: Int
  /// How far the aggregate was from the mean of the honest updates, squared, in units of their mean
  /// squared distance from it: what (f, κ)-robustness bounds by κ. Nil where the server does not see
  /// who sent what or held the model, and for the weighted mean, which nothing bounds.
  public var deviation: Double?
  /// The κ that theory promises for the rule at the round's numbers; nil where none is known or there
  /// are more colluders than the rule assumes.
  public var robustnessBound: Double?
  /// How far crafted updates moved the weighted mean of the round, in place of the clean ones that
  /// the colluders would have sent: squared, in units of what exchanging the colluders for other
  /// honest clients would do in expectation. Whatever the rule is, this tells of the attack alone.
  /// Nil without crafted updates, below two honest ones, and where the attack strikes before the
  /// clients' transforms.
  public var displacement: Double?
  /// How often the attack tried out the rule; nil for attacks that do not.
  public var queries: Int?
  /// Why the model was held or an update left out; empty on an ordinary round.
  public var notes: [String]
}

/// What a run did: its rounds, its final figures, what it cost and what it revealed.
public struct RunRecord: Codable, Sendable {
  /// One record a round.
  public var rounds: [RoundRecord]
  /// The clients that colluded.
  public var colluders: [Int]
  /// The global model at the end.
  public var model: Vector
  /// Bytes from clients to server over the run.
  public var bytesUp: Int
  /// Bytes from server to clients over the run.
  public var bytesDown: Int
  /// What the transport cost, where it is a protocol; its times are measured.
  public var transport: TransportLedger?
  /// What the releases did to privacy.
  public var privacy: PrivacyLedger
  /// What clients' own training promises for their records; nil where it promises nothing.
  public var recordPrivacy: RecordPrivacy?
  /// What the run promises, accounted from above and audited from below; nil where nobody promises
  /// anything.
  public var evidence: PrivacyEvidence?
  /// Test accuracy, at the end, of the honest client that does worst: classes weigh as they do among
  /// its own examples. Nil if nobody could be tested.
  public var worstClient: Double?
  /// For each class, the share of its test examples that the model recognises at the end; nil for a
  /// class without any. Nil where clients have models or worlds of their own.
  public var classRecalls: [Double?]?
  /// What observers concluded, by the observer's name; of two of one name the second has ` 2` behind
  /// it.
  public var conclusions: [String: Conclusion]

  private var accuracies: [Double] { rounds.compactMap(\.accuracy) }

  /// Test accuracy after the last round.
  public var finalAccuracy: Double { accuracies.last ?? 0 }
  /// Test cross-entropy after the last round.
  public var finalLoss: Double { rounds.last { $0.loss != nil }?.loss ?? .infinity }
  /// The best test accuracy that was measured: optimistic, since it picks by the test set.
  public var peakAccuracy: Double { accuracies.max() ?? 0 }
  /// The mean of the last `count` measured test accuracies.
  public func lastAccuracyMean(_ count: Int = 5) -> Double {
    let last = accuracies.suffix(count)
    return last.isEmpty ? 0 : last.reduce(0, +) / Double(last.count)
  }

  /// Rounds in which the model was held.
  public var heldRounds: Int { rounds.count { $0.notes.contains { $0.hasPrefix("held: ") } } }

  /// The share of honest updates left out over the run; nil when the rule keeps no set.
  public var honestExclusionRate: Double? {
    rate(\.honestExcluded) { $0.received - $0.colludersReceived }
  }

  /// The share of colluders' updates left out over the run; nil when the rule keeps no set.
  public var colluderExclusionRate: Double? {
    rate(\.colludersExcluded) { $0.colludersReceived }
  }

  /// Of all updates left out over the run, the share that was the colluders'; nil when nothing was left
  /// out or the rule keeps no set. Its recall is ``colluderExclusionRate``.
  public var exclusionPrecision: Double? {
    let honest = rounds.compactMap(\.honestExcluded).reduce(0, +)
    let bad = rounds.compactMap(\.colludersExcluded).reduce(0, +)
    return honest + bad == 0 ? nil : Double(bad) / Double(honest + bad)
  }

  private func rate(
    _ excluded: (RoundRecord) -> Int?, of total: (RoundRecord) -> Int
  ) -> Double? {
    var left = 0
    var all = 0
    for round in rounds {
      guard let count = excluded(round) else { continue }
      left += count
      all += total(round)
    }
    return all == 0 ? nil : Double(left) / Double(all)
  }

  /// Every distinct note with the number of rounds that carry it, in order of first appearance.
  public var notes: [(text: String, rounds: Int)] {
    var order: [String] = []
    var counts: [String: Int] = [:]
    for note in rounds.flatMap({ Set($0.notes).sorted() }) {
      if counts[note] == nil { order.append(note) }
      counts[note, default: 0] += 1
    }
    return order.map { ($0, counts[$0] ?? 0) }
  }
}
