import Components
import Federation
import Randomness
import SecureAggregation
import Tensors
import TestSupport
import Testing
import VerifiableAggregation

@Suite("The transport committed")
struct CommittedTransportTests {
  private func committed(
    _ change: (inout Committed.Parameters) -> Void = { _ in }
  ) throws -> Committed {
    var parameters = Committed.defaults
    change(&parameters)
    return try Committed(parameters)
  }

  private func deliver(
    _ transport: any Transport, _ uploads: Uploads, seed: UInt64 = 1
  ) throws -> Delivery {
    var generator = testGenerator(seed)
    return try transport.deliver(uploads, using: &generator)
  }

  private func uploads(_ n: Int, _ d: Int, seed: UInt64 = 1) throws -> Uploads {
    var generator = testGenerator(seed)
    return Uploads(
      updates: try UpdateMatrix(
        (0..<n).map { _ in (0..<d).map { _ in Float(generator.normal()) } }),
      clients: (0..<n).map { 2 * $0 + 1 },
      weights: (0..<n).map { _ in Double(1 + generator.uniform(below: 40)) })
  }

  @Test("the sum is the one of double masking, bit for bit, weights and all", arguments: 1...3)
  func besideMasks(_ seed: Int) throws {
    let uploads = try uploads(5, 23, seed: UInt64(seed))
    var parameters = DoubleMasking.defaults
    parameters.active = true
    let masked = try deliver(DoubleMasking(parameters), uploads)
    let checked = try deliver(committed(), uploads)
    #expect(masked.updates == checked.updates && masked.items == checked.items)
    #expect(checked.notes.isEmpty && checked.refusal == nil)
  }

  @Test("whose update is not finite drops out, and the rest is accepted")
  func silent() throws {
    let uploads = Uploads(
      updates: try UpdateMatrix([[.nan, 1], [2, 1], [4, 1], [6, 1]]), clients: [5, 6, 7, 8],
      weights: [1, 1, 1, 1])
    let delivery = try deliver(committed(), uploads)
    #expect(delivery.items == [.init(clients: [6, 7, 8], count: 3, weight: 3)])
    #expect(delivery.notes == ["committed: an update was not sent: coordinate 0 is not finite"])
    let alone = Uploads(updates: try UpdateMatrix([[1]]), clients: [3], weights: [1])
    #expect(
      try deliver(committed(), alone).notes == ["committed: 1 client is too few for a sum"])
  }

  @Test("every lie is refused by all that check, and says so", arguments: Tamper.allCases)
  func tampering(_ tamper: Tamper) throws {
    let uploads = try uploads(4, 6)
    let delivery = try deliver(committed { $0.tamper = tamper }, uploads)
    guard tamper != .none else {
      #expect(delivery.refusal == nil && delivery.items.count == 1)
      return
    }
    // The server knows the sum all the same.
    let honest = try deliver(committed(), uploads)
    #expect(delivery.updates == honest.updates && delivery.items == honest.items)
    let refusal = try #require(delivery.refusal)
    #expect(refusal.hasPrefix("committed: 4 of 4 clients that checked refuse the sum: "))
    // One client that checks is enough.
    let one = try deliver(
      committed { ($0.tamper, $0.verifiers) = (tamper, 1) }, uploads)
    #expect(one.refusal?.hasPrefix("committed: 1 of 1 clients") == true)
    // In another round the server tells the truth.
    let later = try deliver(committed { ($0.tamper, $0.tamperRound) = (tamper, 2) }, uploads)
    #expect(later.refusal == nil && later.items.count == 1)
  }

  @Test("the books: the rounds of masking, and three more, with the time of provers and verifiers")
  func books() throws {
    let uploads = try uploads(6, 40)
    let delivery = try deliver(committed(), uploads)
    let rounds = delivery.costs.filter { $0.role == .client }.map(\.round)
    #expect(
      rounds == [
        "commitment digest", "commitment", "key advertisement", "share distribution",
        "masked input", "consistency signature", "unmasking shares", "announcement",
      ])
    for role in RoundCost.Role.allCases {
      let bytes = delivery.costs.filter { $0.role == role }.reduce(0) { $0 + $1.bytes }
      #expect(bytes == (role == .client ? delivery.bytesUp : delivery.bytesDown))
    }
    #expect(delivery.costs.filter { $0.role == .client }.allSatisfy { $0.cpuSeconds > 0 })
    func books(_ delivery: Delivery) -> [String] {
      delivery.costs.map { "\($0.round) \($0.role) \($0.messages) \($0.bytes)" }
    }
    #expect(try books(delivery) == books(deliver(committed(), uploads)))
  }

  @Test("parameters out of range are refused by name")
  func ranges() throws {
    let changes: [(String, (inout Committed.Parameters) -> Void)] = [
      ("clip", { $0.clip = 0 }), ("bits", { $0.bits = 33 }), ("max-weight", { $0.maxWeight = 0 }),
      ("verifiers", { $0.verifiers = -1 }), ("tamper-round", { $0.tamperRound = -1 }),
    ]
    for (key, change) in changes {
      do {
        _ = try committed(change)
        Issue.record("\(key) was taken")
      } catch {
        #expect("\(error)".contains(key), "\(error)")
      }
    }
  }
}
