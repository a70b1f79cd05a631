public import Components
internal import SecureAggregation

/// A server that exchanges two coordinates of the sum together with their proofs (W3).
///
/// Every proof is a true one, of the other coordinate: only what names the coordinate can tell.
///
/// Source: found here, by algebra on the reconstruction of VerifyNet.
public struct CoordinatePermutation: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "coordinate-permutation",
    summary: "The server exchanges coordinates of the sum together with their proofs.",
    formula: "(σ_j, A_j, B_j, L_j, Q_j) <-> (σ_k, A_k, B_k, L_k, Q_k)",
    citation: "Algebra of this library on the reconstruction of VerifyNet")

  /// The attack.
  public init() {}

  /// One cell for each way to verify.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    try verifiedModes.map { try cell($0, setting) }
  }

  private func cell<Mode: VerifiedMode>(
    _ mode: Mode.Type, _ setting: ProtocolAttackSetting
  ) throws -> ProtocolFinding {
    let round = try setting.standardRound(mode)
    let sum = round.claim.sum
    let other = (1..<sum.count).first { sum[$0] != sum[0] } ?? 1
    let permuted = round.permuted(0, other)
    return ForgeryCell(
      attack: Self.card.name, mode: Mode.name, adversary: "server without any client's secrets",
      expected: Mode.theory.verdict([.checksSums, .bindsCoordinates]),
      changed: permuted.sum.difference(from: sum), refusal: round.refusal(of: permuted)
    ).finding
  }
}
