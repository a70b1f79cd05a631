internal import CommandLineTools
internal import CryptoCore
internal import Randomness
internal import SecureAggregation
internal import Tensors
internal import VerifiableAggregation

/// One run of all parties.
struct SecAggSimulation {
  private let parameters: AggregationParameters
  private let session: MaskingSession
  private let encoding: FixedPointEncoding
  private let length: Int
  private let name: SecAggProtocol
  /// The session of a sum that clients commit to.
  private let committed: CommittedSession?
  /// How many clients check, where they can.
  private let verifiers: Int

  init(
    _ answer: SecAggParametersAnswer, _ name: SecAggProtocol, isActive: Bool, verifiers: Int = 0
  ) throws(UserError) {
    self.name = name
    self.verifiers = verifiers
    parameters = answer.parameters
    length = (answer.dimension ?? 1) + 1
    let clients = parameters.policy.clients
    let security = isActive ? MaskingSession.Security.active : .semiHonest
    let id: [UInt8]
    do {
      id = try SystemRandomness.bytes(32)
      encoding = try FixedPointEncoding(
        clip: 4, bits: answer.bits, clients: clients, maxWeight: answer.maxWeight)
      var graph: HararyGraph?
      if parameters.topology == .regular {
        var generator = Generator(seed: UInt64.random(in: .min ... .max))
        graph = try HararyGraph(clients: clients, degree: parameters.degree, using: &generator)
      }
      if name == .committed {
        let own = try CommittedSession(
          id: id, security: security, clients: clients, threshold: parameters.usualThreshold,
          corrupt: parameters.policy.corruptClients, length: length, ring: encoding.ring,
          graph: graph)
        committed = own
        session = own.masking
      } else {
        committed = nil
        session = try MaskingSession(
          id: id, security: security, clients: clients, threshold: parameters.usualThreshold,
          corrupt: parameters.policy.corruptClients, dimension: length, ring: encoding.ring,
          graph: graph)
      }
    } catch {
      throw UserError("\(error)")
    }
  }

  func run(seed: UInt64, jobs: Int) throws -> SecAggSimulationResult {
    let generator = Generator(seed: seed)
    var encoded: [RingVector] = []
    for client in 0..<session.clients {
      var own = generator.fork("secure aggregation", UInt64(client))
      let vector = Vector((1..<length).map { _ in Float(own.normal()) })
      encoded.append(
        try encoding.encode(vector, weight: 1 + own.uniform(below: encoding.maxWeight), using: &own)
      )
    }
    var draw = generator.fork("dropouts")
    let chosen = draw.choice(parameters.policy.dropouts, of: session.clients)
    var result = SecAggSimulationResult(
      name: name, parameters: parameters, session: session, encoding: encoding, length: length,
      dropouts: chosen.count, jobs: jobs)
    let run = Work(
      session: session, committed: committed, inputs: encoded,
      dropouts: Dictionary(uniqueKeysWithValues: chosen.map { ($0, .maskedInput) }),
      verifiers: verifiers, jobs: jobs)
    let sum: (vector: RingVector, survivors: [Int])?
    switch name {
    case .secagg, .secaggPlus: sum = try run.masked(&result)
    case .committed: sum = try run.committed(&result)
    case .verifyNet: sum = try run.verifyNet(.labelled, &result)
    case .verifyNetPerVector: sum = try run.verifyNet(.perVector, &result)
    case .veriFL: sum = try run.veriFL(&result)
    }
    if let sum {
      result.isExact = try sum.vector == encoding.sum(sum.survivors.map { encoded[$0] })
    }
    return result
  }
}
