import Components
import Federation
import Randomness
import SecureAggregation
import Tensors
import TestSupport
import Testing

@Suite("Transports that add under Paillier's encryption")
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

  /// The same with a key that two of three parties open.
  static func threshold(
    _ change: (inout ThresholdPaillier.Parameters) -> Void = { _ in }
  ) throws -> ThresholdPaillier {
    var parameters = ThresholdPaillier.defaults
    (parameters.keyBits, parameters.insecure) = (512, true)
    (parameters.parties, parameters.threshold) = (3, 2)
    change(&parameters)
    return try ThresholdPaillier(parameters)
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
    for transport in [try Self.transport(), try Self.threshold()] as [any Transport] {
      let encrypted = try deliver(transport, uploads, seed: seed)
      #expect(masked.items == encrypted.items)
      // All are the exact sum of the codes, divided and scaled in Double and then rounded to Float.
      for (a, b) in zip(masked.updates.row(0).array, encrypted.updates.row(0).array) {
        #expect(abs(a - b) <= a.ulp)
      }
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

  @Test("the books of a shared key: the sum goes to every party, two of three answer with proofs")
  func thresholdBooks() throws {
    let transport = try Self.threshold { ($0.bits, $0.maxWeight) = (16, 1) }
    let uploads = Uploads(
      updates: try TransportTests.uploads(8, 100).updates, clients: Array(0..<8),
      weights: [Double](repeating: 1, count: 8))
    let first = try deliver(transport, uploads)
    func messages(_ delivery: Delivery) -> [String] {
      delivery.costs.map { "\($0.round) \($0.role) \($0.messages)" }
    }
    let round = [
      "encrypted update client 8", "encrypted sum server 3", "partial decryptions client 2",
      "partial decryptions server 0",
    ]
    #expect(messages(first) == round)
    #expect(messages(try deliver(transport, uploads)) == round)
    #expect(first.costs.allSatisfy { $0.cpuSeconds > 0 && ($0.bytes > 0) == ($0.messages > 0) })
    let sum = try #require(first.costs.first { $0.round == "encrypted sum" })
    #expect(sum.bytes == 3 * 5 * 128)
  }

  @Test("threads change nothing: the same mean, the same messages and bytes, all time counted")
  func threads() throws {
    let given = try TransportTests.uploads(6, 90)
    for transport in [try Self.transport(), try Self.threshold()] as [any Transport] {
      let deliveries = try [1, 3].map { workers in
        try deliver(
          transport,
          Uploads(
            updates: given.updates, clients: given.clients, weights: given.weights,
            workers: workers))
      }
      let (one, three) = (deliveries[0], deliveries[1])
      #expect(one.updates.row(0).array == three.updates.row(0).array)
      #expect(one.items == three.items)
      func books(_ delivery: Delivery) -> [String] {
        delivery.costs.map { "\($0.round) \($0.role) \($0.messages) \($0.bytes)" }
      }
      #expect(books(one) == books(three))
      #expect(three.costs.allSatisfy { $0.cpuSeconds > 0 })
    }
  }

  @Test("parties and threshold out of range are refused by name")
  func parties() throws {
    for (parties, threshold) in [(0, 0), (129, 3), (3, 4), (3, 0)] {
      let made = try? Self.threshold { ($0.parties, $0.threshold) = (parties, threshold) }
      #expect(made == nil)
    }
    // The modulus of a shared key is whole words.
    let odd = try? Self.threshold { $0.keyBits = 514 }
    #expect(odd == nil)
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
