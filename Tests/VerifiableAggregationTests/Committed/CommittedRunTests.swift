import CryptoCore
import Federation
import Randomness
import SecureAggregation
import Tensors
import TestSupport
import Testing
import VerifiableAggregation

@Suite("Committed sums from end to end")
struct CommittedRunTests {
  @Test("honest runs are always accepted, and the sum is exact")
  func honest() throws {
    // 10,000 take half a minute of processor time where the build is optimised.
    let runs = isOptimizedBuild ? 10_000 : 40
    let faults = try WorkerPool.map(runs, workers: 2) { number, _ in
      var generator = testGenerator(UInt64(number))
      let count = 2 + generator.uniform(below: 3)
      var example = try CommittedCase(
        clients: count, length: 1 + generator.uniform(below: 6),
        bits: [12, 23, 32, 43, 63][generator.uniform(below: 5)], using: &generator)
      try example.commit()
      // All, or all but one where the threshold allows.
      var survivors = Array(0..<count)
      if count > example.session.leastSurvivors, generator.uniform(below: 2) == 0 {
        survivors.remove(at: generator.uniform(below: count))
      }
      let id = survivors[generator.uniform(below: survivors.count)]
      let verdict = example.verdict(of: id, on: try example.announcement(survivors))
      let expected = VerifiedSum(vector: try example.plain(survivors), survivors: survivors)
      return verdict == .success(expected) ? nil : "run \(number): \(verdict)"
    }
    #expect(faults.compactMap { $0 } == [])
  }

  /// A whole run under masks of three to seven clients.
  static func local(
    _ generator: inout Generator, clients: Int, security: MaskingSession.Security = .active,
    corrupt: Int = 0
  ) throws -> LocalCommittedAggregation {
    let encoding = try FixedPointEncoding(clip: 1, bits: 16, clients: clients, maxWeight: 9)
    let session = try CommittedSession(
      id: SystemRandomness.bytes(32), round: 3, security: security, clients: clients,
      threshold: clients / 2 + 1, corrupt: corrupt, length: 11, ring: encoding.ring)
    let inputs = try (0..<clients).map { _ in
      try encoding.encode(
        Vector((0..<10).map { _ in Float(generator.normal()) / 4 }),
        weight: 1 + generator.uniform(below: 9), using: &generator)
    }
    return try LocalCommittedAggregation(in: session, inputs: inputs)
  }

  static func plain(_ local: LocalCommittedAggregation, _ clients: [Int]) throws -> RingVector {
    var sum = RingVector(zeros: local.session.length, in: local.session.masking.ring)
    for client in clients { try sum.add(local.inputs[client]) }
    return sum
  }

  @Test(
    "clients that drop out before any of their messages are left out, and the rest is accepted",
    arguments: MaskingSession.Security.allCases)
  func dropouts(security: MaskingSession.Security) throws {
    var generator = testGenerator()
    let late: [MessageKind] =
      [.unmaskingShares] + (security == .active ? [.consistencySignature] : [])
    for (silent, dropout) in [
      (CommitmentFrame.Kind.digest, nil), (.commitment, nil), (nil, .keyAdvertisement),
      (nil, .shareDistribution), (nil, .maskedInput),
    ] as [(CommitmentFrame.Kind?, MessageKind?)] + late.map({ (nil, $0) }) {
      var local = try Self.local(&generator, clients: 6, security: security)
      local.silent[4] = silent
      local.dropouts[4] = dropout
      let run = try local.run()
      let isIn = dropout.map { late.contains($0) } ?? false
      let expected = isIn ? Array(0..<6) : [0, 1, 2, 3, 5]
      #expect(
        run.sum?.survivors == expected, "\(String(describing: silent ?? nil)), \(dropout as Any)")
      #expect(try run.sum?.vector == Self.plain(local, expected))
      #expect(run.rejections.isEmpty && run.refusals.isEmpty && run.verifiers == expected)
    }
  }

  @Test("too few commitments end the run before anybody masks anything")
  func tooFew() throws {
    var generator = testGenerator()
    var local = try Self.local(&generator, clients: 5)
    local.silent = [0: .digest, 1: .digest, 2: .digest]
    let run = try local.run()
    #expect(run.sum == nil && run.masking.outcome == nil)
    #expect(
      run.refusals == [
        3: .tooFew(have: 2, needed: 3, in: .digestList),
        4: .tooFew(have: 2, needed: 3, in: .digestList),
      ])
  }

  @Test("every lie of a server about its sum is refused by every client")
  func tampering() throws {
    var generator = testGenerator()
    let earlier = try Self.local(&generator, clients: 5).run()
    let old = try #require(earlier.masking.outcome?.sum)
    for tampering in [
      .wrongSum, .swappedCoordinates, .droppedUser, .replayedAggregate(old),
    ] as [Tampering] {
      var local = try Self.local(&generator, clients: 5)
      local.tampering = tampering
      let run = try local.run()
      #expect(run.sum == nil && run.masking.outcome != nil)
      var expected = [CommitmentRefusal](repeating: .wrongSum, count: 5)
      if tampering == .droppedUser { expected[4] = .ownEntry(in: .announcement) }
      #expect((0..<5).map { run.rejections[$0] } == expected, "\(tampering)")
      local.tampering = nil
      #expect(try local.run().sum?.vector == Self.plain(local, Array(0..<5)))
    }
  }

  @Test("the books: what a user sends beyond the masks, and what it is told")
  func bytes() throws {
    var generator = testGenerator()
    var local = try Self.local(&generator, clients: 7)
    local.verifiers = 2
    let run = try local.run()
    func bytes(_ round: String, _ role: String) -> Int? {
      run.costs.first { $0.round == round && $0.role.rawValue == role }?.bytes
    }
    let ring = local.session.masking.ring
    #expect(bytes("commitment digest", "client") == 7 * 45)
    #expect(bytes("commitment digest", "server") == 7 * (13 + 4 + 7 * 36 + 64))
    #expect(bytes("commitment", "client") == 7 * 125)
    let sum = ring.packedCount(local.session.masking.dimension)
    #expect(bytes("announcement", "server") == 7 * (13 + 4 + 7 * 116 + sum + 64))
    // A digest and a commitment, and pieces behind the vector: 250 bytes.
    let pieces = ring.packedCount(local.session.blinding.count)
    #expect(45 + 125 + pieces <= 250)
    #expect(run.verifiers == [0, 1] && run.sum != nil)
    let provers = run.costs.first { $0.round == LocalCommittedAggregation.commitment }
    #expect((provers?.cpuSeconds ?? 0) > 0)
    #expect(
      run.costs.contains {
        $0.round == LocalCommittedAggregation.verification && $0.role == .client
          && $0.cpuSeconds > 0
      })
  }
}
