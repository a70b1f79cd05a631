public import Components
internal import SecureAggregation

/// A server that announces a false sum and leaves proofs as they are (A11): what verification must
/// notice at the least.
///
///     tampered sum   one more in the first coordinate
///     swapped        the sums of two coordinates exchanged
///     omitted user   a user's vector left out, the list of contributors left as it is
///     replayed       the last round's sum and proof, under this round's fresh label
///
/// A server that drops a user from sum, proofs and list has not lied: it has lost a message.
///
/// Source: the guarantee that Xu et al. 2020 and all after them claim.
public struct TamperedAggregate: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "tampered-aggregate",
    summary: "The server announces a false sum and leaves the proofs as they are.",
    formula: "σ' ≠ Σ x_n",
    citation: "Xu et al. 2020")

  /// The attack.
  public init() {}

  /// Four cells for each way to verify.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    try verifiedModes.flatMap { try cells($0, setting) }
  }

  private func cells<Mode: VerifiedMode>(
    _ mode: Mode.Type, _ setting: ProtocolAttackSetting
  ) throws -> [ProtocolFinding] {
    let inputs = try setting.updates()
    let round = try setting.standardRound(mode)
    let old = try mode.round(0, label: 0, inputs: setting.updates("last updates"), setting)
    let sum = round.claim.sum
    let other = (1..<sum.count).first { sum[$0] != sum[0] } ?? 1
    var omitted = sum
    try omitted.subtract(inputs[setting.clients - 1])
    let lies: [(String, SumClaim<Mode.Round.Proof>)] = [
      ("tampered sum", round.claim(of: round.sum(adding: 1, at: 0))),
      ("swapped", round.claim(of: round.permutedSum(0, other))),
      ("omitted user", round.claim(of: omitted)),
      ("replayed", old.claim),
    ]
    return lies.map { name, lie in
      ForgeryCell(
        attack: Self.card.name, mode: Mode.name, detail: name,
        adversary: "server that leaves proofs alone", expected: Mode.theory.verdict(.checksSums),
        changed: lie.sum.difference(from: sum), refusal: round.refusal(of: lie)
      ).finding
    }
  }
}
