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
  /// Processor seconds of one client to commit, and of one to check.
  let proverSeconds: Double
  let verifierSeconds: Double
  /// Processor seconds of the server.
  let serverSeconds: Double
  /// Bytes that one client sends, and that it is told.
  let bytesUp: Int
  let bytesDown: Int

  init(of run: LocalCommittedAggregation.Run, in session: CommittedSession) {
    let own = run.costs.filter { cost in
      !run.masking.costs.contains { $0.round == cost.round && $0.role == cost.role }
    }
    func costs(_ role: RoundCost.Role) -> [RoundCost] { own.filter { $0.role == role } }
    func seconds(_ costs: [RoundCost]) -> Double { costs.reduce(0) { $0 + $1.cpuSeconds } }
    func bytes(_ costs: [RoundCost]) -> Int {
      costs.reduce(0) { $0 + ($1.messages == 0 ? 0 : $1.bytes / $1.messages) }
    }
    let checking = costs(.client).filter { $0.round == LocalCommittedAggregation.verification }
    let provers = costs(.client).first { $0.round == LocalCommittedAggregation.commitment }
    verifiers = run.verifiers.count
    accepted = verifiers - run.rejections.count
    proverSeconds = (provers?.cpuSeconds ?? 0) / Double(max(1, provers?.messages ?? 0))
    verifierSeconds = seconds(checking) / Double(max(1, verifiers))
    serverSeconds = seconds(costs(.server))
    let ring = session.masking.ring
    bytesUp =
      bytes(costs(.client)) + ring.packedCount(session.masking.dimension)
      - ring.packedCount(session.length)
    bytesDown = bytes(costs(.server))
  }

  var line: String {
    String(
      format: "%@ of %@ clients that checked accept the sum. Beyond the masks: %.3g s a client to "
        + "commit, %.3g s to check, %.3g s the server; a client sends %@ bytes and is told %@.",
      Words.grouped(accepted), Words.grouped(verifiers), proverSeconds, verifierSeconds,
      serverSeconds, Words.grouped(bytesUp), Words.grouped(bytesDown))
  }

  var node: ConfigurationNode.Value {
    ReportNode.map([
      ("verifiers", .integer(verifiers)), ("accepted", .integer(accepted)),
      ("proverSeconds", .number(proverSeconds)), ("verifierSeconds", .number(verifierSeconds)),
      ("serverSeconds", .number(serverSeconds)), ("bytesUp", .integer(bytesUp)),
      ("bytesDown", .integer(bytesDown)),
    ])
  }
}
