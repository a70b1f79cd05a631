import CryptoCore
import Foundation
import Randomness
import SecureAggregation
import Tensors
import TestSupport
import Testing

/// Clients that drop out: before which message each does, in all ways for a few clients and in
/// random ways for many. `RAMPART_DROPOUTS=all` tries all that `./run full` does, for many minutes.
@Suite("Dropouts")
struct DropoutTests {
  /// Before which message a client may drop out; nil for never.
  static func stages(_ security: MaskingSession.Security) -> [MessageKind?] {
    let sent: [MessageKind?] = [
      nil, .keyAdvertisement, .shareDistribution, .maskedInput, .unmaskingShares,
    ]
    return security == .active ? sent + [.consistencySignature] : sent
  }

  static let isComplete = ProcessInfo.processInfo.environment["RAMPART_DROPOUTS"] == "all"

  /// The thresholds at which a number of clients is tried: for up to 5 all that a session may have.
  static func thresholds(_ clients: Int, _ security: MaskingSession.Security) -> [Int] {
    let least = security == .active ? clients / 2 + 1 : 1
    return clients <= 5 ? Array(least...clients) : [clients / 2 + 1]
  }

  /// Pattern `number` of all there are, read as digits in the base of the stages.
  static func pattern(
    _ number: Int, clients: Int, _ stages: [MessageKind?]
  ) -> [Int: MessageKind] {
    var rest = number
    var dropouts: [Int: MessageKind] = [:]
    for client in 0..<clients {
      dropouts[client] = stages[rest % stages.count]
      rest /= stages.count
    }
    return dropouts
  }

  static func power(_ base: Int, _ exponent: Int) -> Int {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  @Test("the patterns are all there, each once")
  func patterns() {
    for security in MaskingSession.Security.allCases {
      let stages = Self.stages(security)
      let count = Self.power(stages.count, 3)
      #expect(count == (security == .active ? 216 : 125))
      let all = (0..<count).map { Self.pattern($0, clients: 3, stages) }
      #expect(Set(all).count == count)
    }
  }

  @Test(
    "every pattern of dropouts gives the exact sum of the survivors, or the reason there is none",
    arguments: MaskingSession.Security.allCases)
  func everyPattern(security: MaskingSession.Security) throws {
    let stages = Self.stages(security)
    for clients in 2...(Self.isComplete ? 6 : isOptimizedBuild ? 4 : 3) {
      let count = Self.power(stages.count, clients)
      for threshold in Self.thresholds(clients, security) {
        let example = try MaskingCase(clients: clients, threshold: threshold, security: security)
        let faults = try WorkerPool.map(count, workers: 2) { number, _ in
          try example.fault(of: Self.pattern(number, clients: clients, stages))
        }
        #expect(faults.compactMap(\.self) == [])
      }
    }
  }

  @Test(
    "so does a sample of the patterns of more clients", arguments: MaskingSession.Security.allCases)
  func sampledPatterns(security: MaskingSession.Security) throws {
    let stages = Self.stages(security)
    var generator = testGenerator(security == .active ? 1 : 0)
    for clients in 4...6 {
      let thresholds = Self.thresholds(clients, security)
      let examples = try thresholds.map {
        try MaskingCase(clients: clients, threshold: $0, security: security)
      }
      let count = isOptimizedBuild ? 400 : 25
      // A number of dropouts first: drawn at random one by one they mostly end the session.
      let numbers = (0..<count).map { _ in
        let leaving = Set(
          generator.choice(generator.uniform(below: clients + 1), of: clients))
        return (0..<clients).reversed().reduce(0) { number, client in
          number * stages.count
            + (leaving.contains(client) ? 1 + generator.uniform(below: stages.count - 1) : 0)
        }
      }
      let faults = try WorkerPool.map(count, workers: 2) { index, _ in
        try examples[index % examples.count].fault(
          of: Self.pattern(numbers[index], clients: clients, stages))
      }
      #expect(faults.compactMap(\.self) == [])
    }
  }

  @Test(
    "random patterns of 100 clients, up to more dropouts than are allowed",
    arguments: MaskingSession.Security.allCases)
  func manyClients(security: MaskingSession.Security) throws {
    guard isOptimizedBuild else { return }
    let stages = Self.stages(security)
    var generator = testGenerator(security == .active ? 1 : 0)
    let encoding = try FixedPointEncoding(clip: 4, bits: 16, clients: 100, maxWeight: 9)
    let codes = try (0..<100).map { _ in
      try encoding.encode(
        Vector((0..<4).map { _ in Float(generator.normal()) }),
        weight: 1 + generator.uniform(below: 9), using: &generator)
    }
    let example = try MaskingCase(codes, threshold: 67, security: security)
    let patterns = (0..<(Self.isComplete ? 500 : 4)).map { _ in
      let leaving = generator.choice(generator.uniform(below: 41), of: 100)
      return Dictionary(
        uniqueKeysWithValues: leaving.map { client in
          (client, stages[1 + generator.uniform(below: stages.count - 1)] ?? .unmaskingShares)
        })
    }
    let faults = try WorkerPool.map(patterns.count, workers: 2) { index, _ in
      try example.fault(of: patterns[index])
    }
    #expect(faults.compactMap(\.self) == [])
    let ends = patterns.filter { if case .ends = example.expected($0) { true } else { false } }
    #expect(!Self.isComplete || (50..<450).contains(ends.count), "\(ends.count) of 500 end early")
  }
}
