public import Components

/// A server and one client that announce another sum with a proof of it (W5).
///
/// Where all users share the secrets of verification, one of them is enough: keys of VerifyNet
/// prove everything, and so do the vectors a and b of VerSA. Commitments that bind do not depend on
/// a secret of users: the client can only open its own, and only as it was.
///
/// Source: Xu et al. 2020 assume that the server colludes with no user; this is what happens if it
/// does.
public struct InsiderForgery: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "insider-forgery",
    summary: "The server and one colluding client prove another sum.",
    formula: "A = g^HF_N(σ + Δ), L = g^((φ - HF_N(σ + Δ)) / d)",
    citation: "The assumption of Xu et al. 2020, taken away")

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
    let forged = try round.forgedWithInsider(adding: ProtocolAttackSetting.forgedStep, at: 0)
    return ForgeryCell(
      attack: Self.card.name, mode: Mode.name, adversary: "server with client 0's secrets",
      expected: Mode.theory.verdict([.checksSums, .resistsInsider]),
      changed: forged.sum.difference(from: round.claim.sum), refusal: round.refusal(of: forged)
    ).finding
  }
}
