import CryptoCore
import Randomness
import SecureAggregation
import TestSupport
import Testing

/// A small session with inputs whose every sum can be told from every other.
struct MaskingCase {
  let session: MaskingSession
  let inputs: [RingVector]
  let identities: LocalAggregation.Identities

  init(
    clients: Int, threshold: Int, security: MaskingSession.Security, dimension: Int = 3,
    bits: Int = 24, graph: HararyGraph? = nil, corrupt: Int = 0
  ) throws {
    session = try MaskingSession(
      id: SystemRandomness.bytes(32), round: 7, security: security, clients: clients,
      threshold: threshold, corrupt: corrupt, dimension: dimension, ring: MaskRing(bits: bits),
      graph: graph)
    let ring = session.ring
    inputs = (0..<clients).map { client in
      RingVector((0..<dimension).map { UInt64(client + 1) << UInt64($0) | 1 << 20 }, in: ring)
    }
    identities = try .init(clients: clients)
  }

  func run(_ dropouts: [Int: MessageKind] = [:], workers: Int = 1) throws -> LocalAggregation.Run {
    try LocalAggregation(
      in: session, inputs: inputs, dropouts: dropouts, identities: identities, workers: workers
    ).run()
  }

  func plainSum(_ clients: some Sequence<Int>) throws -> RingVector {
    var sum = RingVector(zeros: session.dimension, in: session.ring)
    for client in clients { try sum.add(inputs[client]) }
    return sum
  }

  /// What must come of a pattern of dropouts, by counting alone.
  func expected(_ dropouts: [Int: MessageKind]) -> (contributors: [Int], isLost: Bool) {
    func sends(_ client: Int, _ kind: MessageKind) -> Bool {
      dropouts[client].map { kind.rawValue < $0.rawValue } ?? true
    }
    let all = Array(0..<session.clients)
    let contributors = all.filter { sends($0, .maskedInput) }
    let needed = max(2, session.threshold, session.quorum)
    var kinds: [MessageKind] = [.keyAdvertisement, .shareDistribution, .maskedInput]
    if session.security == .active { kinds.append(.consistencySignature) }
    let isEnough =
      kinds.allSatisfy { kind in all.filter { sends($0, kind) }.count >= needed }
      && all.filter { sends($0, .unmaskingShares) }.count >= session.threshold
    return (contributors, !isEnough)
  }
}

@Suite("Double masking")
struct DoubleMaskingTests {
  static let stages: [MessageKind?] = [
    nil, .keyAdvertisement, .shareDistribution, .maskedInput, .consistencySignature,
    .unmaskingShares,
  ]

  @Test(
    "Every pattern of dropouts gives the exact sum of the survivors, or a reason",
    arguments: MaskingSession.Security.allCases)
  func everyPattern(security: MaskingSession.Security) throws {
    let stages = Self.stages.filter { security == .active || $0 != .consistencySignature }
    for clients in 2...(isOptimizedBuild ? 4 : 3) {
      for threshold in (security == .active ? clients / 2 + 1 : 1)...clients {
        let example = try MaskingCase(clients: clients, threshold: threshold, security: security)
        var pattern = [Int](repeating: 0, count: clients)
        repeat {
          var dropouts: [Int: MessageKind] = [:]
          for (client, stage) in pattern.enumerated() { dropouts[client] = stages[stage] }
          try Self.check(example, dropouts)
        } while Self.advance(&pattern, below: stages.count)
      }
    }
  }

  static func advance(_ pattern: inout [Int], below limit: Int) -> Bool {
    for place in pattern.indices {
      pattern[place] += 1
      if pattern[place] < limit { return true }
      pattern[place] = 0
    }
    return false
  }

  static func check(_ example: MaskingCase, _ dropouts: [Int: MessageKind]) throws {
    let run = try example.run(dropouts)
    let expected = example.expected(dropouts)
    if expected.isLost {
      #expect(run.outcome == nil && run.abort != nil, "\(dropouts)")
    } else {
      let outcome = try #require(run.outcome, "\(dropouts): \(String(describing: run.abort))")
      #expect(outcome.contributors == expected.contributors, "\(dropouts)")
      #expect(try outcome.sum == example.plainSum(expected.contributors), "\(dropouts)")
      #expect(outcome.suspects.isEmpty)
    }
    #expect(run.refusals.isEmpty && run.clientAborts.isEmpty, "\(dropouts)")
  }
}
