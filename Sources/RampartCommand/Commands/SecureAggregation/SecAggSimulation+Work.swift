internal import CommandLineTools
internal import CryptoCore
internal import Federation
internal import SecureAggregation
internal import VerifiableAggregation

extension SecAggSimulation {
  /// The parties' work under each protocol. What comes out is the sum and whose it is, unless there
  /// is none or somebody who checked it does not take it.
  struct Work {
    let session: MaskingSession
    let committed: CommittedSession?
    let inputs: [RingVector]
    let dropouts: [Int: MessageKind]
    let verifiers: Int
    let jobs: Int

    /// A sum, and whose vectors are in it.
    typealias Sum = (vector: RingVector, survivors: [Int])

    private func measured<Value>(_ seconds: inout Double, _ work: () throws -> Value) rethrows
      -> Value
    {
      let clock = ContinuousClock()
      let began = clock.now
      defer { seconds += (clock.now - began) / .seconds(1) }
      return try work()
    }

    /// Masks alone.
    func masked(_ result: inout SecAggSimulationResult) throws -> Sum? {
      let run = try measured(&result.seconds) {
        try LocalAggregation(in: session, inputs: inputs, dropouts: dropouts, workers: jobs).run()
      }
      (result.outcome, result.abort, result.costs) = (run.outcome, run.abort, run.costs)
      return run.outcome.map { ($0.sum, $0.contributors) }
    }

    /// With commitments.
    func committed(_ result: inout SecAggSimulationResult) throws -> Sum? {
      guard let committed else { return nil }
      _ = try measured(&result.setupSeconds) {
        try CommitmentGenerators(for: committed, workers: jobs)
      }
      var local = try LocalCommittedAggregation(
        in: committed, inputs: inputs, dropouts: dropouts, workers: jobs)
      local.verifiers = verifiers
      let run = try measured(&result.seconds) { try local.run() }
      result.verification = VerificationFigures(of: run, in: committed)
      (result.outcome, result.abort, result.costs) = (
        run.masking.outcome, run.masking.abort, run.costs
      )
      return run.sum.map { ($0.vector, $0.survivors) }
    }

    /// With proofs under an authority's keys.
    func verifyNet(_ mode: VerifyNetMode, _ result: inout SecAggSimulationResult) throws -> Sum? {
      var source = SystemRandomness()
      var local = try LocalVerifyNetAggregation(
        in: session, inputs: inputs, keys: VerifyNetAuthority.issue(mode, using: &source),
        dropouts: dropouts, workers: jobs)
      local.verifiers = verifiers
      let run = try measured(&result.seconds) { try local.run() }
      result.verification = VerificationFigures(of: run)
      (result.outcome, result.abort, result.costs) = (
        run.masking.outcome, run.masking.abort, run.costs
      )
      return run.sum.map { ($0.vector, $0.survivors) }
    }

    /// With committed hashes, one sum a check.
    func veriFL(_ result: inout SecAggSimulationResult) throws -> Sum? {
      var source = SystemRandomness()
      let hash = try measured(&result.setupSeconds) {
        try VectorHash(dimension: session.dimension)
      }
      let identities = try LocalAggregation.Identities(clients: session.clients)
      var channels: [X25519.PrivateKey] = []
      for _ in 0..<session.clients { channels.append(try X25519.PrivateKey(using: &source)) }
      let masking = try measured(&result.seconds) {
        try LocalAggregation(
          in: session, inputs: inputs, dropouts: dropouts, identities: identities, workers: jobs
        ).run()
      }
      (result.outcome, result.abort, result.costs) = (
        masking.outcome, masking.abort, masking.costs
      )
      guard let outcome = masking.outcome else { return nil }
      var local = LocalVeriFL(
        .mended, identities: identities, channels: channels, hash: hash)
      local.verifiers = verifiers
      let run = try measured(&result.seconds) {
        try local.run(
          [.init(session: session, inputs: inputs, outcome: outcome)], using: &source)
      }
      result.costs += run.costs
      result.verification = VerificationFigures(of: run)
      let sums = run.verdicts.values.compactMap { try? $0.get().first }
      guard sums.count == run.verdicts.count else { return nil }
      return sums.first.map { ($0.vector, $0.survivors) }
    }
  }
}
