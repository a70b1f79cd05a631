public import Components
internal import SecureAggregation

/// A server that announces the last round's sum again, and says that the round has the last one's
/// label (W4).
///
/// Where the server names the round, a label τ that it uses twice gives the same masks twice: the
/// old proof is a proof of the new round. Where users derive the label from a session they agreed
/// on, or secrets or commitments are new, what the server calls the round does not matter.
///
/// Source: found here, by algebra on the reconstruction of VerifyNet.
public struct AggregateReplay: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "aggregate-replay",
    summary: "The server announces an old sum with its old proof under the old label.",
    formula: "τ' = τ gives φ' = φ",
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
    let old = try setting.standardRound(mode)
    let new = try mode.round(2, label: 1, inputs: setting.updates("next updates"), setting)
    return ForgeryCell(
      attack: Self.card.name, mode: Mode.name, adversary: "server that labels rounds as it likes",
      expected: Mode.theory.verdict([.checksSums, .bindsRound]),
      changed: old.claim.sum.difference(from: new.claim.sum),
      refusal: new.refusal(of: old.claim)
    ).finding
  }
}
