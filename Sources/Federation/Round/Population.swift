internal import Datasets
internal import Learning
internal import Randomness

/// The clients' devices of a run: what their models make of each round.
struct Population: Sendable {
  private let models: [any DeviceModel]
  private let devices: [Device]
  private let streams: Streams

  init(_ scenario: Scenario, streams: Streams) {
    models = scenario.pipeline.devices
    let shares = scenario.shares.indices
    let labels = scenario.data.train.labels
    let sizes = shares.map(\.count)
    let (largest, smallest) = (sizes.max() ?? 0, sizes.min() ?? 0)
    devices = shares.enumerated().map { client, rows in
      var counts = [Int](repeating: 0, count: scenario.data.train.classes)
      for row in rows { counts[Int(labels[row])] += 1 }
      return Device(
        client: client, population: shares.count, labelCounts: counts,
        largestCount: largest, smallestCount: smallest,
        traits: streams.stream(.devices, index: client))
    }
    self.streams = streams
  }

  /// The clients among `candidates` that can be reached at `time`, with the probability of that.
  func reachable(
    _ candidates: [Int], at time: Double, round: Int, occasion: Int
  ) -> (clients: [Int], probabilities: [Double]) {
    var clients: [Int] = []
    var probabilities: [Double] = []
    for client in candidates {
      let probability = models.reduce(1) {
        $0 * $1.availability(of: devices[client], at: time)
      }
      if probability < 1 {
        var generator = streams.stream(.availability, round: round, index: client)
          .fork("occasion", UInt64(occasion))
        guard generator.uniform() < probability else { continue }
      }
      clients.append(client)
      probabilities.append(probability)
    }
    return (clients, probabilities)
  }

  /// When to ask again who can be reached, after nobody was: as soon as anybody may be, which is after
  /// one unit of time where chance alone kept everybody away, or nobody will ever be back.
  func nextContact(after time: Double) -> Double {
    var earliest = Double.infinity
    for device in devices {
      let at = firstContact(device, from: time)
      if at <= time { return time + 1 }
      earliest = min(earliest, at)
    }
    return earliest.isFinite ? earliest : time + 1
  }

  /// The first time from `time` on at which all models let `device` be reached; infinite for never.
  private func firstContact(_ device: Device, from time: Double) -> Double {
    var at = time
    // Models that take turns at keeping a device away may do so for ever: then it counts as away.
    for _ in 0..<1000 {
      let start = at
      for model in models {
        guard let next = model.firstContact(of: device, from: at) else { return .infinity }
        at = max(at, next)
      }
      if at == start { return at }
    }
    return .infinity
  }

  /// Whether what `client` sends in `round`, to arrive at `due`, gets lost.
  func loses(_ client: Int, round: Int, due: Double) -> Bool {
    if models.contains(where: { !$0.isThere(devices[client], at: due) }) { return true }
    let arrives = models.reduce(1) {
      $0 * (1 - $1.lossProbability(of: devices[client], round: round))
    }
    guard arrives < 1 else { return false }
    var generator = streams.stream(.loss, round: round, index: client)
    return generator.uniform() >= arrives
  }

  /// The steps that `client` completes of `steps`.
  func completedSteps(_ client: Int, round: Int, of steps: Int) -> Int {
    var share = 1.0
    for (index, model) in models.enumerated() {
      var generator = streams.stream(.completeness, round: round, index: client)
        .fork("model", UInt64(index))
      share = min(
        share, model.completeness(of: devices[client], round: round, using: &generator))
    }
    return share >= 1 ? steps : max(1, Int((share * Double(steps)).rounded()))
  }

  /// How long `client` takes: the sum of what the models say, else 1.
  func delay(_ client: Int, work: DeviceWork) -> Double {
    var sum: Double?
    for (index, model) in models.enumerated() {
      var generator = streams.stream(.delay, round: work.round, index: client)
        .fork("model", UInt64(index))
      if let part = model.delay(of: devices[client], work: work, using: &generator) {
        sum = (sum ?? 0) + part
      }
    }
    return sum ?? 1
  }
}
