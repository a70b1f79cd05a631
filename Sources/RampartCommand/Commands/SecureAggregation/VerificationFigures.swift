internal import CommandLineTools
internal import Components
internal import Federation
internal import Foundation
internal import SecureAggregation
internal import VerifiableAggregation

/// What it took to check a sum, beyond the masks.
struct VerificationFigures {
  /// How many clients checked, and how many of them took the sum.
  let verifiers: Int
  let accepted: Int
  /// Processor seconds of one client to prove or commit, and of one to check.
  let proverSeconds: Double
  let verifierSeconds: Double
  /// Processor seconds of the server.
  let serverSeconds: Double
  /// Bytes that one client sends, and that it is told.
  let bytesUp: Int
  let bytesDown: Int
  /// What a prover does.
  let verb: String

  /// The figures of rounds beyond the masks.
  ///
  /// - Parameters:
  ///   - proving: The rounds whose time is that of the provers.
  ///   - checking: The round in which the time of clients is that of the verifiers.
  ///   - extraBytes: What a client sends more in the rounds of the masks.
  init(
    of costs: [RoundCost], proving: [String], checking: String, verifiers: Int, accepted: Int,
    extraBytes: Int = 0, verb: String
  ) {
    let clients = costs.filter { $0.role == .client }
    let server = costs.filter { $0.role == .server }
    func bytes(_ costs: [RoundCost]) -> Int {
      costs.reduce(0) { $0 + ($1.messages == 0 ? 0 : $1.bytes / $1.messages) }
    }
    self.verifiers = verifiers
    self.accepted = accepted
    self.verb = verb
    proverSeconds = clients.filter { proving.contains($0.round) }.reduce(0) {
      $0 + $1.cpuSeconds / Double(max(1, $1.messages))
    }
    verifierSeconds =
      clients.filter { $0.round == checking }.reduce(0) { $0 + $1.cpuSeconds }
      / Double(max(1, verifiers))
    serverSeconds = server.reduce(0) { $0 + $1.cpuSeconds }
    bytesUp = bytes(clients) + extraBytes
    bytesDown = bytes(server)
  }

  /// Of a committed sum.
  init(of run: LocalCommittedAggregation.Run, in session: CommittedSession) {
    let ring = session.masking.ring
    self.init(
      of: run.costs.filter { cost in
        !run.masking.costs.contains { $0.round == cost.round && $0.role == cost.role }
      },
      proving: [LocalCommittedAggregation.commitment],
      checking: LocalCommittedAggregation.verification, verifiers: run.verifiers.count,
      accepted: run.verifiers.count - run.rejections.count,
      extraBytes: ring.packedCount(session.masking.dimension) - ring.packedCount(session.length),
      verb: "commit")
  }

  /// Of a sum with VerifyNet's proofs.
  init(of run: LocalVerifyNetAggregation.Run) {
    self.init(
      of: Array(run.costs.dropFirst(run.masking.costs.count)), proving: [LocalVerifyNet.proving],
      checking: LocalVerifyNet.checking, verifiers: run.verifiers,
      accepted: run.verifiers - run.rejections.count, verb: "prove")
  }

  /// Of one epoch of VeriFL.
  init(of run: LocalVeriFL.Run) {
    let accepted = run.verdicts.values.filter { if case .success = $0 { true } else { false } }
    let check = LocalVeriFL.Stage.check
    self.init(
      of: run.costs, proving: LocalVeriFL.Stage.allCases.filter { $0 != check }.map(\.rawValue),
      checking: check.rawValue, verifiers: run.verdicts.count, accepted: accepted.count,
      verb: "commit and open")
  }

  var line: String {
    String(
      format: "%@ of %@ clients that checked accept the sum. Beyond the masks: %.3g s a client to "
        + "%@, %.3g s to check, %.3g s the server; a client sends %@ bytes and is told %@.",
      Words.grouped(accepted), Words.grouped(verifiers), proverSeconds, verb, verifierSeconds,
      serverSeconds, Words.grouped(bytesUp), Words.grouped(bytesDown))
  }

  /// As JSON.
  var entries: [(String, ConfigurationNode.Value)] {
    [
      ("verifiers", .integer(verifiers)), ("accepted", .integer(accepted)),
      ("proverSeconds", .number(proverSeconds)), ("verifierSeconds", .number(verifierSeconds)),
      ("serverSeconds", .number(serverSeconds)), ("bytesUp", .integer(bytesUp)),
      ("bytesDown", .integer(bytesDown)),
    ]
  }
}
