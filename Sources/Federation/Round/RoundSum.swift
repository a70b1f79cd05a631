internal import Tensors

extension RoundPipeline {
  /// Whether nobody needs to see an update by itself: then a round adds them up as they are made and
  /// keeps a few at a time.
  package var addsUp: Bool {
    aggregator.isWeightedMean && transport.deliversUnchanged && arrival.waitsForEverybody
      && privacy == nil && admissions.isEmpty && preAggregators.isEmpty && attack.observers.isEmpty
      && !(attack.corruption?.corrupts ?? false)
  }
}

/// The updates of a round, added up as they are made.
///
/// What comes of it has the same bits as what the rule would have made of all of them.
struct RoundSum {
  /// Updates that arrived.
  private(set) var received = 0
  /// Those of them that colluders sent.
  private(set) var colludersReceived = 0
  /// Updates that were left out, by reason.
  private(set) var reasons: Set<String> = []
  /// How many honest updates were left out.
  private(set) var honestExcluded = 0
  /// How many of the colluders'.
  private(set) var colludersExcluded = 0
  /// Bytes from the clients.
  private(set) var bytesUp = 0
  private var sum: WeightedSum
  private let colluders: Collusion

  /// Of updates to a model of `dimension` parameters, none yet.
  init(dimension: Int, colluders: Collusion) {
    sum = WeightedSum(zeros: dimension)
    self.colluders = colluders
  }

  /// Updates with a part in the sum.
  var usable: Int { received - honestExcluded - colludersExcluded }

  /// The weighted mean.
  var mean: Vector { sum.mean }

  /// Adds updates, leaving out those that no rule may see.
  mutating func add(_ updates: [Update], workers: Int) {
    var good: [Update] = []
    for update in updates {
      let isHostile = colluders.made(update)
      received += 1
      if isHostile { colludersReceived += 1 }
      bytesUp += update.support.bytes(dimension: sum.count)
      if let reason = ServerStage.refusal(
        isFinite: update.delta.isFinite, weight: update.weight)
      {
        reasons.insert(reason)
        if isHostile { colludersExcluded += 1 } else { honestExcluded += 1 }
      } else {
        good.append(update)
      }
    }
    sum.add(good.map(\.delta), weights: good.map(\.weight), workers: workers)
  }
}
