import Components
import Federation
import Randomness
import SecureAggregation
import Tensors
import TestSupport
import Testing

@Suite("Transports that mask")
struct MaskedTransportTests {
  private func deliver(
    _ transport: any Transport, _ uploads: Uploads, seed: UInt64 = 1
  ) throws -> Delivery {
    var generator = testGenerator(seed)
    return try transport.deliver(uploads, using: &generator)
  }

  private func masking(_ change: (inout DoubleMasking.Parameters) -> Void) throws -> DoubleMasking {
    var parameters = DoubleMasking.defaults
    change(&parameters)
    return try DoubleMasking(parameters)
  }

  @Test("codes that are whole numbers come through exactly, weights and all")
  func exact() throws {
    // With 5 bits and clip 15 the step is 1.
    let transport = try masking { ($0.clip, $0.bits, $0.maxWeight) = (15, 5, 3) }
    let uploads = Uploads(
      updates: try UpdateMatrix([[1, 2], [3, -4], [15, 0]]), clients: [0, 1, 2],
      weights: [1, 1, 2])
    let delivery = try deliver(transport, uploads)
    #expect(delivery.updates.row(0).array == [8.5, -0.5])
    #expect(delivery.items == [.init(clients: [0, 1, 2], count: 3, weight: 4)])
    #expect(delivery.notes.isEmpty)
    // (4 bits + 3 clients of weight 3: 5 + 4 bits) in bytes, without envelopes and keys.
    #expect(delivery.bytesUp > 3 * 3 * 9 / 8 && delivery.bytesDown > 0)
  }

  @Test("coordinates beyond the range are clipped, so that no client moves the mean further")
  func clipping() throws {
    let transport = try masking { $0.clip = 2 }
    let uploads = Uploads(
      updates: try UpdateMatrix([[1e30, 1], [0, 1], [0, 1], [-2, 1]]), clients: [0, 1, 2, 3],
      weights: [1, 1, 1, 1])
    let mean = try deliver(transport, uploads).updates.row(0).array
    #expect(abs(mean[0]) <= Float(transport.resolution) && abs(mean[1] - 1) < 1e-6)
  }

  @Test("whose update is not finite or weighs nothing drops out, and the run says so")
  func silent() throws {
    let uploads = Uploads(
      updates: try UpdateMatrix([[.nan, 1], [2, 1], [4, 1], [6, 1]]), clients: [5, 6, 7, 8],
      weights: [1, 1, 1, 1])
    let delivery = try deliver(try masking { _ in }, uploads)
    #expect(delivery.items == [.init(clients: [6, 7, 8], count: 3, weight: 3)])
    #expect(abs(delivery.updates.row(0)[0] - 4) < 1e-5)
    #expect(
      delivery.notes == ["double-masking: an update was not sent: coordinate 0 is not finite"])
    let weightless = Uploads(
      updates: try UpdateMatrix([[8], [2], [4], [6]]), clients: [5, 6, 7, 8],
      weights: [0, 1, 1, 1])
    let other = try deliver(try masking { _ in }, weightless)
    #expect(other.items.map(\.count) == [3] && abs(other.updates.row(0)[0] - 4) < 1e-5)
    #expect(
      other.notes == ["double-masking: an update was not sent: its weight is not positive"])
  }

  @Test("below the threshold there is no sum, which is said and no error")
  func lost() throws {
    let uploads = Uploads(
      updates: try UpdateMatrix([[.nan], [.infinity], [1], [2]]), clients: [0, 1, 2, 3],
      weights: [1, 1, 1, 1])
    let delivery = try deliver(try masking { _ in }, uploads)
    #expect(delivery.items.isEmpty && delivery.updates.rows == 0)
    #expect(delivery.notes.last?.hasPrefix("double-masking: no sum: ") == true)
    let alone = Uploads(updates: try UpdateMatrix([[1]]), clients: [3], weights: [1])
    #expect(
      try deliver(try SecAggPlus(SecAggPlus.defaults), alone).notes
        == ["secagg-plus: 1 client is too few for a sum"])
  }

  @Test("weights are whole numbers up to the largest; the run says what became of others")
  func weights() throws {
    let uploads = Uploads(
      updates: try UpdateMatrix([[1], [2], [4]]), clients: [0, 1, 2], weights: [1, 2.4, 1e12])
    let delivery = try deliver(try masking { $0.maxWeight = 10 }, uploads)
    #expect(delivery.items.map(\.weight) == [13])
    #expect(abs(delivery.updates.row(0)[0] - 45.0 / 13) < 1e-5)
    #expect(
      delivery.notes == [
        "double-masking: a weight above 10 counts as that; raise max-weight",
        "double-masking: weights are rounded to whole numbers",
      ])
  }

  @Test("groups are as even as can be, differ from round to round, and each is its members' mean")
  func groups() throws {
    let transport = try masking { $0.groups = 3 }
    let uploads = try TransportTests.uploads(11, 4)
    var seen: Set<[[Int]]> = []
    for seed in 1...5 as ClosedRange<UInt64> {
      let delivery = try deliver(transport, uploads, seed: seed)
      let groups = delivery.items.compactMap(\.clients)
      #expect(groups.map(\.count).sorted() == [3, 4, 4])
      #expect(groups.flatMap { $0 }.sorted() == uploads.clients)
      for (row, group) in groups.enumerated() {
        let members = group.compactMap { uploads.clients.firstIndex(of: $0) }
        let weights = members.map { uploads.weights[$0] }
        let mean = TransportTests.weightedMean(
          try UpdateMatrix(rows: members.map { uploads.updates.row($0) }), weights)
        #expect(
          largestDifference(delivery.updates.row(row).array.map(Double.init), mean)
            < 1e-6 + transport.resolution)
        #expect(delivery.items[row].weight == weights.reduce(0, +))
      }
      seen.insert(groups)
    }
    // The chance that two of five divisions agree is below 0.001.
    #expect(seen.count == 5)
  }

  @Test("the books hold what was sent: every round of the protocol, both sides, all bytes")
  func books() throws {
    let uploads = try TransportTests.uploads(6, 100)
    for isActive in [false, true] {
      let delivery = try deliver(try masking { $0.active = isActive }, uploads)
      let steps = delivery.costs.filter { $0.role == .client }.map(\.round)
      #expect(steps.count == (isActive ? 5 : 4) && Set(steps).count == steps.count)
      for role in RoundCost.Role.allCases {
        let bytes = delivery.costs.filter { $0.role == role }.reduce(0) { $0 + $1.bytes }
        #expect(bytes == (role == .client ? delivery.bytesUp : delivery.bytesDown))
      }
      #expect(
        delivery.costs.filter { $0.role == .client }.allSatisfy {
          $0.messages == 6 && $0.cpuSeconds > 0
        })
    }
  }

  @Test("the sparse graph is used where one is safe, and costs fewer bytes of keys and shares")
  func sparse() throws {
    let uploads = try TransportTests.uploads(120, 2)
    let full = try deliver(try masking { _ in }, uploads)
    let sparse = try deliver(try SecAggPlus(SecAggPlus.defaults), uploads)
    // The same sum, rounded by the same streams.
    #expect(full.updates == sparse.updates && full.items == sparse.items)
    #expect(2 * sparse.bytesUp < full.bytesUp)
  }

  @Test("parameters out of range are refused by name")
  func ranges() throws {
    let changes: [(String, (inout DoubleMasking.Parameters) -> Void)] = [
      ("clip", { $0.clip = 0 }), ("clip", { $0.clip = .infinity }), ("bits", { $0.bits = 1 }),
      ("bits", { $0.bits = 33 }), ("max-weight", { $0.maxWeight = 0 }),
      ("groups", { $0.groups = 0 }),
    ]
    for (key, change) in changes {
      do {
        _ = try masking(change)
        Issue.record("\(key) was taken")
      } catch {
        #expect("\(error)".contains(key), "\(error)")
      }
    }
    for change in [
      { $0.corrupt = 0.6 }, { ($0.corrupt, $0.dropout, $0.active) = (0.4, 0.4, true) },
    ] as [(inout SecAggPlus.Parameters) -> Void] {
      var parameters = SecAggPlus.defaults
      change(&parameters)
      let made = try? SecAggPlus(parameters)
      #expect(made == nil)
    }
  }
}
