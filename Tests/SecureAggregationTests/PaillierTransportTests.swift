import Components
import Federation
import Randomness
import SecureAggregation
import Tensors
import TestSupport
import Testing

@Suite("The transport that adds under Paillier's encryption")
struct PaillierTransportTests {
  /// With a key that tests can afford.
  static func transport(
    _ change: (inout PaillierSum.Parameters) -> Void = { _ in }
  ) throws -> PaillierSum {
    var parameters = PaillierSum.defaults
    (parameters.keyBits, parameters.insecure) = (512, true)
    change(&parameters)
    return try PaillierSum(parameters)
  }

  private func deliver(
    _ transport: any Transport, _ uploads: Uploads, seed: UInt64 = 1
  ) throws -> Delivery {
    var generator = testGenerator(seed)
    return try transport.deliver(uploads, using: &generator)
  }

  @Test("codes that are whole numbers come through exactly, weights and all")
  func exact() throws {
    // With 5 bits and clip 15 the step is 1.
    let transport = try Self.transport { ($0.clip, $0.bits, $0.maxWeight) = (15, 5, 3) }
    let uploads = Uploads(
      updates: try UpdateMatrix([[1, 2, -15], [3, -4, -15], [15, 0, -15]]), clients: [4, 1, 2],
      weights: [1, 1, 2])
    let delivery = try deliver(transport, uploads)
    #expect(delivery.updates.row(0).array == [8.5, -0.5, -15])
    #expect(delivery.items == [.init(clients: [4, 1, 2], count: 3, weight: 4)])
    #expect(delivery.notes.isEmpty)
  }

  @Test("the mean is that of the same codes added under masks", arguments: [1, 2, 3] as [UInt64])
  func besideMasks(_ seed: UInt64) throws {
    let uploads = try TransportTests.uploads(9, 70, seed: seed)
    var parameters = DoubleMasking.defaults
    parameters.bits = 16
    let masked = try deliver(try DoubleMasking(parameters), uploads, seed: seed)
    let encrypted = try deliver(try Self.transport(), uploads, seed: seed)
    #expect(masked.items == encrypted.items)
    // Both are the exact sum of the codes, divided and scaled in Double and then rounded to Float.
    for (a, b) in zip(masked.updates.row(0).array, encrypted.updates.row(0).array) {
      #expect(abs(a - b) <= a.ulp)
    }
  }

  @Test("who has nothing to send is left out, weights are whole and clamped, and the run says so")
  func notes() throws {
    let uploads = Uploads(
      updates: try UpdateMatrix([[.nan], [2], [4], [6]]), clients: [5, 6, 7, 8],
      weights: [1, 1.2, 1e9, 0])
    let delivery = try deliver(try Self.transport { $0.maxWeight = 3 }, uploads)
    #expect(delivery.items == [.init(clients: [6, 7], count: 2, weight: 4)])
    #expect(abs(delivery.updates.row(0)[0] - 3.5) < 1e-3)
    #expect(
      delivery.notes == [
        "paillier: a weight above 3 counts as that; raise max-weight",
        "paillier: weights are rounded to whole numbers",
        "paillier: an update was not sent: coordinate 0 is not finite",
        "paillier: an update was not sent: its weight is not positive",
      ])
    let silent = Uploads(
      updates: try UpdateMatrix([[.nan], [.nan]]), clients: [5, 6], weights: [1, 1])
    #expect(try deliver(try Self.transport(), silent).items.isEmpty)
  }

  @Test("the books: ciphertexts by their number and size, every round the same")
  func books() throws {
    let transport = try Self.transport { ($0.bits, $0.maxWeight) = (16, 1) }
    let uploads = Uploads(
      updates: try TransportTests.uploads(8, 100).updates, clients: Array(0..<8),
      weights: [Double](repeating: 1, count: 8))
    let first = try deliver(transport, uploads)
    // Slots of 16 + 3 + 1 bits, 25 in 510 bits: 4 messages and the weight's, of 128 bytes.
    func bytes(_ delivery: Delivery) -> [String] {
      delivery.costs.map { "\($0.round) \($0.role) \($0.messages) \($0.bytes)" }
    }
    let round = [
      "encrypted update client 8 \(8 * 5 * 128)", "encrypted sum server 1 \(5 * 128)",
      "sum client 1 \(8 * 101)",
    ]
    #expect(bytes(first) == round)
    #expect(first.bytesUp == 8 * 5 * 128 + 8 * 101 && first.bytesDown == 5 * 128)
    #expect(first.costs.allSatisfy { $0.cpuSeconds > 0 })
    #expect(bytes(try deliver(transport, uploads)) == round)
  }

  @Test("sizes that can be factored, and odd ones, are refused unless asked for")
  func sizes() throws {
    for (bits, insecure, isTaken) in [
      (2048, false, true), (2046, false, false), (1024, false, false), (1024, true, true),
      (255, true, false), (254, true, false), (3073, false, false), (9000, false, false),
    ] {
      let made = try? Self.transport { ($0.keyBits, $0.insecure) = (bits, insecure) }
      #expect((made != nil) == isTaken, "\(bits)")
    }
  }
}
