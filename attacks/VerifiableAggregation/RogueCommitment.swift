public import Components
internal import SecureAggregation

/// A client in league with the server that makes its commitment from all others'.
///
///     C_0 = h^a g^z / Π C_n   so that   Π C_n = h^a g^z   for any z
///
/// Nothing has to be opened otherwise and no logarithm found: the commitment is signed, and the
/// product of all opens any sum that the two of them choose. So signatures and the equation alone
/// do not make a sum verifiable. What does is that all commitments are fixed, by digests, before
/// any of them is shown; the control is a client that does not ask for digests.
///
/// Source: as attacks with rogue keys on multisignatures, such as Micali, Ohta, Reyzin 2001 (CCS
/// 2001).
public struct RogueCommitment: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "rogue-commitment",
    summary: "A colluding client makes its commitment from all others', to open any sum.",
    formula: "C_0 = h^a g^z / Π C_n",
    citation: "After Micali, Ohta, Reyzin 2001")

  /// The attack.
  public init() {}

  /// The control, and one cell for each way to verify whose clients commit.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    try [withoutDigests(setting)] + verifiedModes.compactMap { try cell($0, setting) }
  }

  private static let adversary = "server, with client 0, which waits for all others"

  /// The sum that the two of them would like: half of the largest in every coordinate.
  private func wish(_ sum: RingVector) -> RingVector {
    RingVector([UInt64](repeating: sum.ring.modulus / 2, count: sum.count), in: sum.ring)
  }

  private func withoutDigests(_ setting: ProtocolAttackSetting) throws -> ProtocolFinding {
    let round = try setting.standardRound(VeriFLMendedMode.self)
    let claim = try round.rogue(announcing: wish(round.claim.sum))
    let isAccepted = try round.isAcceptedWithoutDigests(claim)
    return ForgeryCell(
      attack: Self.card.name, mode: "signed commitments without digests",
      adversary: Self.adversary, expected: .succeeds,
      changed: claim.sum.difference(from: round.claim.sum),
      refusal: isAccepted ? nil : "signatures or equation do not hold"
    ).finding
  }

  private func cell<Mode: VerifiedMode>(
    _ mode: Mode.Type, _ setting: ProtocolAttackSetting
  ) throws -> ProtocolFinding? {
    guard mode.Round.self is any CommittingRound.Type,
      let round = try setting.standardRound(mode) as? any CommittingRound
    else { return nil }
    return try finding(round, Mode.name, Mode.theory)
  }

  private func finding<Round: CommittingRound>(
    _ round: Round, _ mode: String, _ theory: VerificationTheory
  ) throws -> ProtocolFinding {
    let claim = try round.rogue(announcing: wish(round.claim.sum))
    return ForgeryCell(
      attack: Self.card.name, mode: mode, adversary: Self.adversary,
      expected: theory.verdict([.checksSums, .resistsInsider]),
      changed: claim.sum.difference(from: round.claim.sum), refusal: round.refusal(of: claim)
    ).finding
  }
}
