import Foundation
import Harness
import Rampart

/// Verifiable aggregation: the pairing's groups, VerifyNet's check, committed sums; times of groups
/// beside a product of 6-limb numbers in the same rounds.
enum VerificationBenchmark: Benchmark {
  static let name = "verification"
  static let summary = "pairings, VerifyNet's check batched and not, committed sums of a model"

  static func run(in session: Session) throws {
    try PairingTimes(session).run()
    try VerifyNetTimes(session).run()
    try CommittedTimes(session).run()
  }
}

/// The yardstick and what is measured by it: one thread.
private struct PairingTimes {
  private let session: Session
  private let point: G1Point
  private let other: G2Point
  private let scalar: PairingScalar
  private let terms: Int

  init(_ session: Session) throws {
    self.session = session
    let domain = Array("RAMPART-BENCH".utf8)
    point = try G1Point(hashing: [1], domain: domain)
    other = try G2Point(hashing: [1], domain: domain)
    scalar = try PairingScalar(reducing: [UInt8](repeating: 0xA5, count: 64))
    terms = session.isSmoke ? 500 : 100_000
  }

  func run() throws {
    let basis = try G1Basis(
      domain: Array("RAMPART-BENCH-BASIS".utf8), count: terms, workers: Core.count)
    var generator = Generator(seed: 9)
    let numbers = (0..<terms).map { _ in UInt64(generator.uniform(below: 1 << 32)) }
    defer { KernelPath.allowAcceleration(true) }
    for isAccelerated in [true, false] {
      KernelPath.allowAcceleration(isAccelerated)
      guard KernelPath.isAccelerated == isAccelerated else {
        session.check("accelerated", outcome: .absent, "this processor has no ADX")
        continue
      }
      session.remark(
        (isAccelerated ? "MULX, ADCX and ADOX" : "portable C")
          + ", one thread; beside it 1,000 products modulo the 381-bit prime; a sum has "
          + "\(terms) terms with scalars of 32 bits")
      let series = try session.effort.measure([
        Side("products") { try milliseconds(of: 100, for: $0) { try products() } },
        Side("pairing") { try milliseconds(of: 1, for: $0) { _ = Pairing.pair(point, other) } },
        Side("G1") { try milliseconds(of: 1, for: $0) { _ = point * scalar } },
        Side("G2") { try milliseconds(of: 1, for: $0) { _ = other * scalar } },
        Side("sum") {
          try milliseconds(of: 1, for: $0) { _ = try basis.sum(timesPublic: numbers, bits: 32) }
        },
      ])
      func add(_ label: String, _ index: Int, _ most: Double?) {
        var record = Record(
          benchmark: session.name, label: label + (isAccelerated ? "" : ", portable"), unit: "ms",
          measure: .cost, ours: series[index],
          others: [.init(name: "1,000 products", series: series[0])])
        record.titles = .init(other: "1,000 products")
        record.target = most.map { .atMost($0) }
        record.isTargetOnRatio = false
        session.add(record)
      }
      add("pairing", 1, isAccelerated ? 1.0 : 1.6)
      add("G1 times a secret", 2, 0.25)
      add("G2 times a secret", 3, nil)
      add("sum in G1", 4, 800)
    }
  }

  /// 100,000 products.
  private func products() throws {
    _ = try KernelPath.products(
      of: [UInt8](repeating: 3, count: 48), by: [UInt8](repeating: 7, count: 48), count: 100_000)
  }
}

/// VerifyNet's check of every coordinate, and of all at once.
private struct VerifyNetTimes {
  private let session: Session

  init(_ session: Session) { self.session = session }

  func run() throws {
    let dimension = session.isSmoke ? 20 : 10_000
    // A coordinate's check takes the same whatever their number, so fewer do for the slow one.
    let each = session.isSmoke ? 5 : 200
    let many = try Case(dimension: dimension)
    let few = try Case(dimension: each)
    let series = try session.effort.measure([
      Side("batched") {
        try milliseconds(of: dimension, for: $0) { try many.check(.batched(bits: 128)) }
      },
      Side("each") { try milliseconds(of: each, for: $0) { try few.check(.each) } },
    ])
    session.remark(
      "VerifyNet's check of \(dimension) coordinates at once with weights of 128 bits, and one by "
        + "one (of \(each)), a coordinate; one thread, proofs of three users, points read and checked"
    )
    var record = Record(
      benchmark: session.name, label: "check of VerifyNet", unit: "ms", measure: .time,
      ours: series[0], others: [.init(name: "one by one", series: series[1])])
    record.titles = .init(ours: "batched", other: "one by one")
    record.target = .atLeast(20)
    session.add(record)
  }

  /// Three users' sum with its proofs.
  private struct Case {
    let announcement: [UInt8]
    let verifier: VerifyNetVerifier

    init(dimension: Int) throws {
      let session = try MaskingSession(
        id: SystemRandomness.bytes(32), clients: 3, threshold: 2, dimension: dimension,
        ring: MaskRing(bits: 24))
      let identities = try LocalAggregation.Identities(clients: 3)
      var generator = Generator(seed: 3)
      let inputs = (0..<3).map { _ in
        RingVector(
          (0..<dimension).map { _ in UInt64(generator.uniform(below: 1 << 16)) }, in: session.ring)
      }
      var source = SystemRandomness()
      let keys = try VerifyNetAuthority.issue(.labelled, using: &source)
      let outcome = try LocalAggregation(
        in: session, inputs: inputs, identities: identities
      ).run().outcome
      guard let outcome else { throw BenchError.failure("three clients have no sum") }
      var server = VerifyNetServer(
        mode: .labelled, in: session, identity: identities.server, registry: identities.registry,
        workers: Core.count)
      for id in 0..<3 {
        let user = VerifyNetUser(
          id: id, keys: keys, in: session, identity: identities.clients[id], workers: Core.count)
        try server.receive(user.proof(of: inputs[id]))
      }
      announcement = try server.announcement(of: outcome)
      verifier = VerifyNetVerifier(
        id: 0, keys: keys, in: session, registry: identities.registry)
    }

    func check(_ check: VerifyNetVerifier.Check) throws {
      _ = try verifier.verify(announcement, check: check)
    }
  }
}

/// A model's update committed to and checked, on all cores.
private struct CommittedTimes {
  private let session: Session
  private let clients: Int
  private let length: Int

  init(_ session: Session) {
    self.session = session
    (clients, length) = session.isSmoke ? (3, 300) : (20, 431_081)
  }

  func run() throws {
    // Codes of 16 bits with weights of up to 1, as the transport has them.
    let ring = try MaskRing(bits: 21)
    let agreed = try CommittedSession(
      id: SystemRandomness.bytes(32), clients: clients, threshold: 2 * clients / 3 + 1,
      length: length, ring: ring)
    let identities = try LocalAggregation.Identities(clients: clients)
    let registry = identities.registry
    var server = CommitmentServer(in: agreed, identity: identities.server, registry: registry)

    let clock = ContinuousClock()
    var generators: CommitmentGenerators?
    let setUp = try clock.measure {
      generators = try CommitmentGenerators(for: agreed, workers: Core.count)
    }
    guard let generators else { return }
    var random = Generator(seed: 4)
    var parties: [CommittingClient] = []
    var (committing, checking) = (Duration.zero, Duration.zero)
    for id in 0..<clients {
      let vector = RingVector(
        (0..<length).map { _ in UInt64(random.uniform(below: 1 << 16)) }, in: ring)
      committing += try clock.measure {
        parties.append(
          try CommittingClient(
            id: id, in: agreed, vector: vector, identity: identities.clients[id],
            registry: registry, generators: generators, workers: Core.count))
      }
    }
    for party in parties { _ = try server.receive(party.digestMessage) }
    let list = server.closeDigests()
    var bytes = parties[0].digestMessage.count + (agreed.blinding.count * ring.bits + 7) / 8
    for id in parties.indices {
      let message = try parties[id].receive(list: list)
      if id == 0 { bytes += message.count }
      _ = try server.receive(message)
    }
    let outcome = try LocalAggregation(
      in: agreed.masking, inputs: parties.map(\.maskedInput), identities: identities,
      workers: Core.count
    ).run().outcome
    guard let outcome else { throw BenchError.failure("the clients have no sum") }
    let announcement = try server.announce(outcome)
    let verifiers = min(clients, 7)
    var sums: Set<RingVector> = []
    for id in 0..<verifiers {
      checking += try clock.measure {
        sums.insert(try parties[id].verify(announcement, workers: Core.count).vector)
      }
    }
    let right = sums.count == 1
    session.remark(
      "committed sum of \(clients) clients, \(length) elements, \(Core.count) cores; beyond its "
        + "masked vector a client sends \(bytes) bytes")
    session.columns(ofFindings: ["s", "at most"])
    func show(_ label: String, _ taken: Duration, _ count: Int, most: Double?) {
      let seconds = taken / .seconds(1) / Double(count)
      let missed = most.map { seconds > $0 } ?? false
      session.check(
        "committed, \(label)", outcome: right ? .passed : .failed,
        Table.finding([Figure.text(seconds), most.map(Figure.text)])
          + (missed && !session.isSmoke ? "  missed" : ""),
        values: ["seconds": seconds, "bytes": Double(bytes)])
    }
    show("generators, once", setUp, 1, most: nil)
    show("a client commits", committing, clients, most: 4)
    show("a client checks", checking, verifiers, most: 4)
  }
}

/// Milliseconds of one of `count` things that `work` does.
private func milliseconds(
  of count: Int, for seconds: Double, _ work: () throws -> Void
) throws -> Double {
  try 1000
    / workRate(for: seconds) {
      try work()
      return count
    }
}
