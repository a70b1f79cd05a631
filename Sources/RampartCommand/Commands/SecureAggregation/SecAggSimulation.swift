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
  /// The session of a sum that is checked, and by how many.
  private let committed: (session: CommittedSession, verifiers: Int)?

  init(
    _ answer: SecAggParametersAnswer, isActive: Bool, verifiers: Int?
  ) throws(UserError) {
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
      if let verifiers {
        let own = try CommittedSession(
          id: id, security: security, clients: clients, threshold: parameters.usualThreshold,
          corrupt: parameters.policy.corruptClients, length: length, ring: encoding.ring,
          graph: graph)
        committed = (own, verifiers)
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
    let dropouts = Dictionary(uniqueKeysWithValues: chosen.map { ($0, MessageKind.maskedInput) })
    var result = SecAggSimulationResult(
      parameters: parameters, session: session, encoding: encoding, length: length,
      dropouts: chosen.count, jobs: jobs)
    let clock = ContinuousClock()
    if let committed {
      let began = clock.now
      _ = try CommitmentGenerators(for: committed.session, workers: jobs)
      result.setupSeconds = (clock.now - began) / .seconds(1)
    }
    let began = clock.now
    if let committed {
      var local = try LocalCommittedAggregation(
        in: committed.session, inputs: encoded, dropouts: dropouts, workers: jobs)
      local.verifiers = committed.verifiers
      let run = try local.run()
      result.verification = VerificationFigures(of: run, in: committed.session)
      (result.outcome, result.abort, result.costs) = (
        run.masking.outcome, run.masking.abort, run.costs
      )
      if let sum = run.sum {
        result.isExact = try sum.vector == encoding.sum(sum.survivors.map { encoded[$0] })
      }
    } else {
      let run = try LocalAggregation(
        in: session, inputs: encoded, dropouts: dropouts, workers: jobs
      ).run()
      (result.outcome, result.abort, result.costs) = (run.outcome, run.abort, run.costs)
      if let outcome = run.outcome {
        result.isExact =
          try outcome.sum == encoding.sum(outcome.contributors.map { encoded[$0] })
      }
    }
    result.seconds = (clock.now - began) / .seconds(1)
    return result
  }
}
