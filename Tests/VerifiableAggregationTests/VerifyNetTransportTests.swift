import Components
import Federation
import Randomness
import SecureAggregation
import Tensors
import TestSupport
import Testing
import VerifiableAggregation

@Suite("The transport verifynet")
struct VerifyNetTransportTests {
  private func verifynet(
    _ mode: VerifyNet.Mode = .perVector, _ change: (inout VerifyNet.Parameters) -> Void = { _ in }
  ) throws -> VerifyNet {
    var parameters = VerifyNet.defaults
    parameters.mode = mode
    change(&parameters)
    return try VerifyNet(parameters)
  }

  private func deliver(_ transport: any Transport, _ uploads: Uploads) throws -> Delivery {
    var generator = testGenerator()
    return try transport.deliver(uploads, using: &generator)
  }

  private func uploads(_ n: Int, _ d: Int, workers: Int = 1) throws -> Uploads {
    var generator = testGenerator()
    return Uploads(
      updates: try UpdateMatrix(
        (0..<n).map { _ in (0..<d).map { _ in Float(generator.normal()) } }),
      clients: (0..<n).map { 2 * $0 + 1 },
      weights: (0..<n).map { _ in Double(1 + generator.uniform(below: 40)) }, workers: workers)
  }

  /// What double masking makes of the same uploads.
  private func masked(_ uploads: Uploads) throws -> Delivery {
    var parameters = DoubleMasking.defaults
    parameters.active = true
    return try deliver(DoubleMasking(parameters), uploads)
  }

  @Test(
    "the sum is the one of double masking, bit for bit, weights and all",
    arguments: VerifyNet.Mode.allCases, [1, 2])
  func besideMasks(_ mode: VerifyNet.Mode, workers: Int) throws {
    let uploads = try uploads(4, 3, workers: workers)
    let masked = try masked(uploads)
    for verifiers in [0, 1] {
      let checked = try deliver(verifynet(mode) { $0.verifiers = verifiers }, uploads)
      #expect(masked.updates == checked.updates && masked.items == checked.items)
      #expect(checked.notes.isEmpty && checked.refusal == nil)
    }
  }

  @Test("whose update is not finite drops out, and the rest is accepted")
  func silent() throws {
    let uploads = Uploads(
      updates: try UpdateMatrix([[.nan, 1], [2, 1], [4, 1], [6, 1]]), clients: [5, 6, 7, 8],
      weights: [1, 1, 1, 1])
    let delivery = try deliver(verifynet(), uploads)
    #expect(delivery.items == [.init(clients: [6, 7, 8], count: 3, weight: 3)])
    #expect(delivery.notes == ["verifynet: an update was not sent: coordinate 0 is not finite"])
    let below = Uploads(
      updates: try UpdateMatrix([[.nan, 1], [.nan, 1], [4, 1], [6, 1]]), clients: [5, 6, 7, 8],
      weights: [1, 1, 1, 1])
    let none = try deliver(verifynet(), below)
    #expect(none.items.isEmpty && none.refusal == nil)
    #expect(none.notes.contains { $0.hasPrefix("verifynet: no sum: ") }, "\(none.notes)")
  }

  @Test(
    "every lie is refused by all that check, and says so", arguments: Tamper.allCases,
    [VerifyNet.Mode.labelled, .perVector])
  func tampering(_ tamper: Tamper, mode: VerifyNet.Mode) throws {
    let uploads = try uploads(4, 3)
    let masked = try masked(uploads)
    let delivery = try deliver(verifynet(mode) { $0.tamper = tamper }, uploads)
    // The server knows the sum all the same.
    #expect(delivery.updates == masked.updates && delivery.items == masked.items)
    guard tamper != .none else {
      #expect(delivery.refusal == nil)
      return
    }
    let refusal = try #require(delivery.refusal)
    #expect(
      refusal.hasPrefix("verifynet: 4 of 4 clients that checked refuse the sum: "), "\(refusal)")
    let told = [
      tamper == .droppedUser
        ? "the others cannot tell who did" : "the server or a client lied, and cannot tell which",
      tamper == .droppedUser ? "leaves out client 3, which has sent its vector" : "(",
    ]
    for words in told { #expect(refusal.contains(words), "\(refusal)") }
    // In another round the server tells the truth, and one client that checks is enough.
    let later = try deliver(
      verifynet(mode) { ($0.tamper, $0.tamperRound) = (tamper, 2) }, uploads)
    #expect(later.refusal == nil && later.items.count == 1)
    let one = try deliver(verifynet(mode) { ($0.tamper, $0.verifiers) = (tamper, 1) }, uploads)
    #expect(one.refusal?.hasPrefix("verifynet: 1 of 1 clients") == true)
  }

  @Test("public code lets coordinates be swapped and old sums repeated, and the round uses them")
  func publicCode() throws {
    let uploads = try uploads(4, 3)
    let truth = try masked(uploads).updates.row(0).array
    func told(_ tamper: Tamper) throws -> Delivery {
      try deliver(verifynet(.publicCode) { $0.tamper = tamper }, uploads)
    }
    let swapped = try told(.swappedCoordinates)
    #expect(swapped.refusal == nil)
    #expect(swapped.updates.row(0).array == [truth[1], truth[0], truth[2]])
    let repeated = try told(.replayedAggregate)
    #expect(repeated.refusal == nil && repeated.updates.row(0).array == truth.reversed())
    #expect(try told(.wrongSum).refusal != nil)
    #expect(try told(.droppedUser).refusal != nil)
  }

  @Test("the books: the rounds of masking and three more, in bytes that are those of the formats")
  func books() throws {
    let (n, d) = (6, 40)
    let uploads = try uploads(n, d)
    let delivery = try deliver(verifynet(), uploads)
    let rounds = delivery.costs.filter { $0.role == .client }.map(\.round)
    #expect(
      rounds == [
        "key advertisement", "share distribution", "masked input", "consistency signature",
        "unmasking shares", "VerifyNet proof", "VerifyNet check",
      ])
    for role in RoundCost.Role.allCases {
      let bytes = delivery.costs.filter { $0.role == role }.reduce(0) { $0 + $1.bytes }
      #expect(bytes == (role == .client ? delivery.bytesUp : delivery.bytesDown))
    }
    #expect(delivery.costs.filter { $0.role == .client }.allSatisfy { $0.cpuSeconds > 0 })
    // 149 bytes of envelope, 288 of proof; sums of 24 + 12 + 3 bits, the weight among them.
    let proof = try #require(delivery.costs.first { $0.round == "VerifyNet proof" })
    #expect(proof.messages == n && proof.bytes == n * (149 + 288))
    let told = try #require(delivery.costs.first { $0.round == "VerifyNet announcement" })
    let ring = try FixedPointEncoding(clip: 8, bits: 24, clients: n, maxWeight: 4096).ring
    #expect(told.role == .server && told.messages == n && told.cpuSeconds > 0)
    #expect(told.bytes == n * (149 + 4 + 4 * n + ring.packedCount(d + 1) + 288))
    func books(_ delivery: Delivery) -> [String] {
      delivery.costs.map { "\($0.round) \($0.role) \($0.messages) \($0.bytes)" }
    }
    #expect(try books(delivery) == books(deliver(verifynet(), uploads)))
  }

  @Test("parameters out of range are refused by name")
  func ranges() throws {
    let changes: [(String, (inout VerifyNet.Parameters) -> Void)] = [
      ("clip", { $0.clip = 0 }), ("bits", { $0.bits = 33 }), ("max-weight", { $0.maxWeight = 0 }),
      ("verifiers", { $0.verifiers = -1 }), ("tamper-round", { $0.tamperRound = -1 }),
    ]
    for (key, change) in changes {
      do {
        _ = try verifynet(.labelled, change)
        Issue.record("\(key) was taken")
      } catch {
        #expect("\(error)".contains(key), "\(error)")
      }
    }
  }
}

@Suite("VerifyNet from end to end")
struct VerifyNetRunTests {
  private func local(
    _ parties: VerifyNetCase, dropouts: [Int: MessageKind] = [:]
  ) throws -> LocalVerifyNetAggregation {
    try LocalVerifyNetAggregation(
      in: parties.session, inputs: parties.inputs, keys: parties.keys, dropouts: dropouts,
      identities: parties.identities)
  }

  @Test("clients may drop out at every message down to the threshold, and no further")
  func dropouts() throws {
    // The threshold of the case is two.
    let parties = try VerifyNetCase(.labelled, clients: 5, dimension: 2)
    let kinds: [MessageKind] = [
      .keyAdvertisement, .shareDistribution, .maskedInput, .unmaskingShares,
    ]
    for kind in kinds {
      let run = try local(parties, dropouts: [0: kind, 2: kind, 4: kind]).run()
      let survivors = kind == .unmaskingShares ? [0, 1, 2, 3, 4] : [1, 3]
      let sum = try #require(run.sum, "\(kind): \(run.rejections)")
      #expect(try sum.survivors == survivors && sum.vector == parties.sum(survivors), "\(kind)")
      #expect(run.verifiers == 2 && run.rejections.isEmpty && run.abort == nil)
      let short = try local(parties, dropouts: [0: kind, 1: kind, 2: kind, 4: kind]).run()
      #expect(short.sum == nil && short.masking.abort != nil && short.verifiers == 0, "\(kind)")
    }
  }

  @Test("so many check as are asked to, of those that are there, with the same verdict and bytes")
  func verifiers() throws {
    let parties = try VerifyNetCase(.perVector, clients: 5, dimension: 4)
    func messages(_ run: LocalVerifyNetAggregation.Run) -> [String] {
      run.costs.map { "\($0.round) \($0.role) \($0.messages) \($0.bytes)" }
    }
    let all = try local(parties, dropouts: [1: .unmaskingShares]).run()
    #expect(all.verifiers == 4 && all.sum?.survivors == [0, 1, 2, 3, 4])
    for (verifiers, workers) in [(1, 1), (2, 2), (1, 3), (9, 2)] {
      var local = try local(parties, dropouts: [1: .unmaskingShares])
      (local.verifiers, local.workers) = (verifiers, workers)
      let run = try local.run()
      #expect(run.verifiers == min(verifiers, 4) && run.sum == all.sum)
      #expect(messages(run) == messages(all))
    }
  }

  @Test("one client that refuses is enough: only who is left out can see a lie that changes no sum")
  func oneRefusal() throws {
    let parties = try VerifyNetCase(.labelled, dimension: 2)
    var inputs = parties.inputs
    inputs[3] = RingVector(zeros: 2, in: parties.session.ring)
    var local = try LocalVerifyNetAggregation(
      in: parties.session, inputs: inputs, keys: parties.keys, identities: parties.identities)
    local.tamper = .droppedUser
    let run = try local.run()
    #expect(run.verifiers == 4 && Array(run.rejections.keys) == [3] && run.sum == nil)
    local.verifiers = 3
    #expect(try local.run().sum?.survivors == [0, 1, 2])
  }

  @Test("what the server announces is repeated under its own keys alone")
  func replays() throws {
    for mode in VerifyNetMode.allCases {
      let earlier = try VerifyNetCase(mode, seed: 1, round: 6)
      var later = try local(VerifyNetCase(mode, seed: 1, round: 7))
      later.tamper = .replayedAggregate
      later.earlier = try local(earlier).run().claim
      let run = try later.run()
      #expect((run.sum != nil) == (mode == .publicCode), "\(mode)")
      let strange = try VerifyNetCase(mode, seed: 2, round: 6)
      later.earlier = try local(strange).run().claim
      #expect(try later.run().rejections.count == 4, "\(mode)")
    }
  }
}
