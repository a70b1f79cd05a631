import Foundation
import Harness
import Rampart

/// A whole aggregation with all its parties beside the same by Flower's functions, in CPU time.
struct WholeAggregation {
  private let session: Session
  private let clients: Int
  private let dimension: Int
  private let dropped: Int
  private let threshold: Int

  init(_ session: Session) {
    self.session = session
    clients = session.isSmoke ? 10 : 100
    dimension = session.isSmoke ? 1_000 : 100_000
    dropped = clients / 10
    threshold = 2 * clients / 3 + 1
  }

  /// CPU seconds by what they are for.
  private struct Spent {
    var shares = 0.0
    var masks = 0.0
    var unmasking = 0.0
    var total: Double { shares + masks + unmasking }
  }

  func run() throws {
    let hasPeer = session.peers.absence == nil && session.peers.meet("flower")
    if session.peers.absence == nil, !hasPeer { session.remark("Flower (flwr) is absent") }
    session.remark(
      "\(clients) clients, \(dropped) of them gone before the masked input, \(dimension) "
        + "coordinates of 22 bits, threshold \(threshold), everybody with everybody; CPU seconds of "
        + "all parties"
    )
    session.remark(
      "masks: Rampart AES-256-CTR from 256 bits; Flower NumPy's Mersenne Twister from 32 bits")
    var isExact = true
    var ours: [Spent] = []
    var other: [Spent] = []
    let rounds = session.isSmoke ? 1 : min(2, session.effort.rounds)
    var flower: [Double] = []
    for _ in 0..<rounds {
      let (spent, exact) = try rampart()
      ours.append(spent)
      isExact = isExact && exact
      guard hasPeer else { continue }
      let unit = try session.peers.unit(.oneThread, task)
      _ = try unit.milliseconds(for: 0)
      flower = try unit.values()
      try unit.drop()
      guard flower.count == 5 else { throw BenchError.peer("Flower's part has no five values") }
      other.append(Spent(shares: flower[0] + flower[1], masks: flower[2], unmasking: flower[3]))
    }
    add("keys and shares", ours.map(\.shares), other.map(\.shares))
    add("codes and masks", ours.map(\.masks), other.map(\.masks))
    add("unmasking", ours.map(\.unmasking), other.map(\.unmasking))
    add(
      "all parties", ours.map(\.total), other.map(\.total), target: .atLeast(20),
      remark: hasPeer
        ? "Flower's sharing is one client's times \(clients), its rebuilding \(task.sample) of "
          + "each kind of secret scaled to all; its keys and masks are everybody's; messages are "
          + "counted on our side only"
        : nil)
    session.check(
      "Rampart's sum", outcome: isExact ? .passed : .failed,
      "is the plain sum of the survivors' codes")
    session.check(
      "Flower's sum", outcome: hasPeer ? (flower.last == 1 ? .passed : .failed) : .absent,
      hasPeer ? "is the plain sum of its survivors' codes" : "Flower is not here")
  }

  /// One run of ours; whether the sum is exact.
  private func rampart() throws -> (Spent, Bool) {
    let encoding = try FixedPointEncoding(clip: 8, bits: 22, clients: clients)
    let generator = Generator(seed: 1)
    var inputs: [RingVector] = []
    var spent = Spent()
    for client in 0..<clients {
      var own = generator.fork("vector", UInt64(client))
      let vector = Vector((0..<dimension).map { _ in Float(own.normal()) })
      let start = CPUTime.thread()
      inputs.append(try encoding.encode(vector, using: &own))
      spent.masks += CPUTime.thread() - start
    }
    let parameters = try MaskingSession(
      id: SystemRandomness.bytes(32), clients: clients, threshold: threshold,
      dimension: dimension + 1, ring: encoding.ring)
    let local = try LocalAggregation(
      in: parameters, inputs: inputs,
      dropouts: Dictionary(uniqueKeysWithValues: (0..<dropped).map { ($0, .maskedInput) }))
    let run = try local.run()
    for cost in run.costs {
      switch (cost.round, cost.role) {
      case ("key advertisement", _), ("share distribution", _): spent.shares += cost.cpuSeconds
      case ("masked input", .client): spent.masks += cost.cpuSeconds
      default: spent.unmasking += cost.cpuSeconds
      }
    }
    let survivors = Array(inputs[dropped...])
    return (spent, try run.outcome?.sum == encoding.sum(survivors))
  }

  private func add(
    _ label: String, _ ours: [Double], _ other: [Double], target: Target? = nil,
    remark: String? = nil
  ) {
    var record = Record(
      benchmark: session.name, label: label, unit: "CPU seconds", measure: .time,
      ours: Series(ours),
      others: other.isEmpty ? [] : [.init(name: "Flower", series: Series(other))])
    record.titles = .init(other: "Flower SecAgg+")
    record.target = target
    record.remark = remark
    session.add(record)
  }

  private var task: Task {
    Task(
      clients: clients, dropped: dropped, threshold: threshold, dimension: dimension,
      sample: session.isSmoke ? 1 : 2)
  }

  private struct Task: Encodable {
    let `do` = "prepare"
    let task = "secagg"
    var clients: Int
    var dropped: Int
    var threshold: Int
    var dimension: Int
    var sample: Int
  }
}
