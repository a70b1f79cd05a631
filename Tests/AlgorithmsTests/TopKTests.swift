import Algorithms
import Components
import Federation
import Foundation
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("TopK")
struct TopKTests {
  private func update(_ values: [Float]) -> Update {
    Update(client: 0, startedRound: 0, delta: Vector(values), weight: 1, steps: 1, loss: 0)
  }

  /// What a transform sends of `values`, and where.
  private func send(
    _ values: [Float], _ transform: TopK, memory: inout Memory
  ) -> (values: [Float], support: Update.Support) {
    var update = update(values)
    var generator = testGenerator()
    transform.transform(&update, using: &generator, memory: &memory)
    return (update.delta.array, update.support)
  }

  @Test("sends the largest coordinates, among equals the first, and says which")
  func byHand() throws {
    var memory = Memory()
    let transform = try TopK(fraction: 0.4, errorFeedback: false)
    let sent = send([1, -3, 0.5, 3, -1], transform, memory: &memory)
    #expect(sent.values == [0, -3, 0, 3, 0] && sent.support == .coordinates([1, 3]))
    let tied = send([-2, 2, 2, -2, 2], transform, memory: &memory)
    #expect(tied.values == [-2, 2, 0, 0, 0] && tied.support == .coordinates([0, 1]))
    // 0.4 of 3 is 1.2: two coordinates.
    #expect(send([0, 0, 0], transform, memory: &memory).support == .coordinates([0, 1]))
  }

  @Test("agrees with sorting, on values close together and far apart")
  func againstSorting() throws {
    var generator = testGenerator(7)
    for (count, spread) in [(1, 1.0), (10, 1e-6), (1000, 1e-6), (1000, 30), (5000, 0)] {
      let values = (0..<count).map { _ in
        Float(exp2(spread * generator.normal()) * (generator.uniform() < 0.5 ? -1 : 1))
      }
      for fraction in [0.001, 0.1, 0.5, 1] {
        var memory = Memory()
        let sent = send(values, try TopK(fraction: fraction), memory: &memory)
        let kept = max(1, Int((fraction * Double(count)).rounded(.up)))
        let order = values.indices.sorted {
          (values[$0].magnitude, $1) > (values[$1].magnitude, $0)
        }
        let expected = order.prefix(kept).sorted()
        #expect(sent.support == .coordinates(expected.map(Int32.init)))
        for index in values.indices {
          #expect(sent.values[index] == (expected.contains(index) ? values[index] : 0))
        }
        if count == 5000 { break }
      }
    }
  }

  @Test("nothing is lost: what was sent and what is left add up to all updates")
  func errorFeedback() throws {
    var generator = testGenerator(8)
    var memory = Memory()
    let transform = try TopK(fraction: 0.05)
    var total = [Double](repeating: 0, count: 200)
    var arrived = total
    for _ in 0..<60 {
      let values = (0..<200).map { _ in Float(generator.normal()) }
      let sent = send(values, transform, memory: &memory)
      for j in 0..<200 {
        total[j] += Double(values[j])
        arrived[j] += Double(sent.values[j])
      }
    }
    // A round that sends everything sends the rest.
    var all = update([Float](repeating: 0, count: 200))
    let flush = try TopK(fraction: 1)
    flush.transform(&all, using: &generator, memory: &memory)
    for j in 0..<200 { #expect(abs(arrived[j] + Double(all.delta[j]) - total[j]) < 1e-4) }
    #expect(largestDifference(arrived, total) > 0.5)
  }

  @Test("an update that is not finite is sent whole")
  func nonFinite() throws {
    var memory = Memory()
    let sent = send([1, .nan, 2], try TopK(fraction: 0.3), memory: &memory)
    #expect(sent.support == .all && sent.values[1].isNaN && sent.values[2] == 2)
  }

  @Test("bytes on the wire by hand: values, a count, and positions or a bitmap")
  func bytes() {
    #expect(Update.Support.all.bytes(dimension: 1000) == 4000)
    // 10 values, a count, 10 positions of 10 bits.
    let few = Update.Support.coordinates((0..<10).map { $0 })
    #expect(few.bytes(dimension: 1000) == 40 + 4 + 13)
    #expect(few.bytes(dimension: 1024) == 40 + 4 + 13)
    #expect(few.bytes(dimension: 1025) == 40 + 4 + 14)
    // 500 values: one bit for each of the 1000 is shorter.
    #expect(
      Update.Support.coordinates((0..<500).map { $0 }).bytes(dimension: 1000) == 2000 + 4 + 125)
  }

  @Test("a run counts the bytes of the sparse messages, and learns")
  func run() throws {
    let dense = try SmallFederation(algorithm: [FedAvg()]).scenario().run()
    var federation = SmallFederation(algorithm: [FedAvg(), try TopK(fraction: 0.2)])
    federation.training.rounds = 12
    let sparse = try federation.scenario().run()
    // 5 clients, 15 parameters: 3 values, a count and 12 bits of position.
    #expect(dense.bytesUp == 4 * 5 * 60)
    #expect(sparse.bytesUp == 12 * 5 * (12 + 4 + 2))
    #expect(sparse.finalLoss < 0.7 * (sparse.rounds.first?.loss ?? 0))
  }

  @Test("a fraction out of range is refused by name", arguments: [0, -1, 1.1, .nan])
  func refused(_ fraction: Double) {
    let error = #expect(throws: ParameterError.self) { try TopK(fraction: fraction) }
    #expect(error?.problems.map(\.key) == ["fraction"])
  }
}
