public import Components

/// A client's commitment, opened to another vector when the sum is known (A12, first part).
///
///     SHA256(H XOR r) = SHA256(H' XOR r')   with r' = r XOR H XOR H'
///
/// In the reference code of VeriFL this is the commitment. A digest of a commitment that binds
/// under discrete logarithms opens to what it was made of. Ways to verify that do not commit have
/// no cell.
///
/// Source: the public code of Guo et al., *VeriFL* (IEEE TIFS 2021).
public struct CommitmentEquivocation: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "commitment-equivocation",
    summary: "A commitment is opened to another vector after the sum is known.",
    formula: "r' = r XOR H XOR H'",
    citation: "Reference code of Guo et al. 2021")

  /// The attack.
  public init() {}

  /// One cell for each way to verify whose clients commit.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    try verifiedModes.compactMap { try cell($0, setting) }
  }

  private func cell<Mode: VerifiedMode>(
    _ mode: Mode.Type, _ setting: ProtocolAttackSetting
  ) throws -> ProtocolFinding? {
    guard mode.Round.self is any CommittingRound.Type,
      let round = try setting.standardRound(mode) as? any CommittingRound
    else { return nil }
    return try finding(round, Mode.name, Mode.theory, setting)
  }

  private func finding<Round: CommittingRound>(
    _ round: Round, _ mode: String, _ theory: VerificationTheory, _ setting: ProtocolAttackSetting
  ) throws -> ProtocolFinding {
    var opened = 0
    var reason = "every commitment opens to another vector, and honest clients accept the sum"
    let clients = (0..<setting.clients).filter { $0 != setting.checkingClient }
    for client in clients {
      let claim = try round.reopened(client, adding: ProtocolAttackSetting.forgedStep, at: 0)
      if let refusal = round.refusal(of: claim) { reason = refusal } else { opened += 1 }
    }
    return ProtocolFinding(
      attack: Self.card.name, variant: mode, adversary: Round.reopener,
      metric: "opened otherwise, of \(clients.count)", value: Double(opened), control: 0,
      succeeded: opened == clients.count, expected: theory.verdict(.resistsInsider),
      evidence: reason)
  }
}
