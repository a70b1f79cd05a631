public import Components

/// A server alone that announces another sum with a proof of it (W2).
///
///     L_j / L_k = g^(δ (σ_k - σ_j) / d)   so  g^(δ/d),  and  σ + Δ  passes with
///     A g^(δ Δ),  L g^(-δ Δ / d)          and the same in G2
///
/// That needs masks that are the same for all coordinates, as in the public code. Against VeriFL as
/// published the server opens one commitment to another hash; against VerSA it guesses; where it
/// has nothing it announces the sum and hopes.
///
/// Source: found here, by algebra on the reconstruction of VerifyNet.
public struct ServerForgery: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "server-forgery",
    summary: "The server alone adds to a coordinate of the sum and proves it.",
    formula: "A g^(δ Δ), L g^(-δ Δ / d)",
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
    let forged = try round.forged(adding: ProtocolAttackSetting.forgedStep, at: 0)
    return ForgeryCell(
      attack: Self.card.name, mode: Mode.name, adversary: "server without any client's secrets",
      expected: Mode.theory.verdict([.checksSums, .resistsServer]),
      changed: forged.sum.difference(from: round.claim.sum), refusal: round.refusal(of: forged)
    ).finding
  }
}
