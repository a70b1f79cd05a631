import CryptoCore
import Randomness
import SecretSharing
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

  /// Encoded vectors, one a client, everybody with everybody.
  init(
    _ inputs: [RingVector], threshold: Int, security: MaskingSession.Security
  ) throws {
    session = try MaskingSession(
      id: SystemRandomness.bytes(32), round: 7, security: security, clients: inputs.count,
      threshold: threshold, dimension: inputs[0].count, ring: inputs[0].ring)
    self.inputs = inputs
    identities = try .init(clients: inputs.count)
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
  func expected(_ dropouts: [Int: MessageKind]) -> Expectation {
    let all = Array(0..<session.clients)
    func senders(_ kind: MessageKind) -> [Int] {
      all.filter { dropouts[$0].map { kind.rawValue < $0.rawValue } ?? true }
    }
    let contributors = senders(.maskedInput)
    let needed = max(2, session.threshold, session.quorum)
    var kinds: [MessageKind] = [.keyAdvertisement, .shareDistribution, .maskedInput]
    if session.security == .active { kinds.append(.consistencySignature) }
    for kind in kinds where senders(kind).count < needed {
      return .ends(.tooFew(have: senders(kind).count, needed: needed, at: kind))
    }
    let openers = senders(.unmaskingShares).count
    if openers < session.threshold {
      return .ends(
        .lostSecret(
          client: contributors[0], .tooFewShares(count: openers, threshold: session.threshold)))
    }
    return .sum(
      of: contributors, without: senders(.shareDistribution).filter { !contributors.contains($0) })
  }

  /// What is wrong with the run of a pattern; nil if it is what counting says.
  func fault(of dropouts: [Int: MessageKind]) throws -> String? {
    let run = try run(dropouts)
    var found: [String] = []
    switch expected(dropouts) {
    case .ends(let reason):
      if run.outcome != nil || run.abort != reason {
        found.append("\(String(describing: run.abort)) instead of \(reason)")
      }
    case .sum(let contributors, let dropped):
      guard let outcome = run.outcome else {
        found.append("no sum: \(String(describing: run.abort))")
        break
      }
      if outcome.contributors != contributors || outcome.dropped != dropped {
        found.append("a sum of \(outcome.contributors) without \(outcome.dropped)")
      }
      if try outcome.sum != plainSum(contributors) { found.append("a wrong sum") }
      if outcome.masksRemoved != contributors.count * (1 + dropped.count) {
        found.append("\(outcome.masksRemoved) masks removed")
      }
      if !outcome.suspects.isEmpty { found.append("suspects \(outcome.suspects)") }
    }
    if !run.refusals.isEmpty { found.append("refusals \(run.refusals)") }
    if !run.clientAborts.isEmpty { found.append("client aborts \(run.clientAborts)") }
    return found.isEmpty
      ? nil
      : "\(session.security), threshold \(session.threshold), \(dropouts): "
        + found.joined(separator: ", ")
  }

  /// What a run comes to.
  enum Expectation {
    /// The sum of the first; the others shared secrets and sent no input.
    case sum(of: [Int], without: [Int])
    case ends(AggregationAbort)
  }
}
