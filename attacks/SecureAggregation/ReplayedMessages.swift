public import Components
internal import CryptoCore
internal import SecureAggregation

/// A server that says things of one round again in the next, or listens to masks that repeat.
///
///     verbatim     recorded messages, sent as they are before the right ones
///     old shares   a victim's shares of a round in which it dropped out, handed out in the next,
///                  in which it is alive: would open its other secret
///     masks        (x_v + masks) - (x_v' + masks) = x_v - x_v' where masks repeat
///     signatures   a second list of survivors, signed by those who signed it in rounds before
///
/// What keeps rounds apart is taken away piece by piece: that all that is signed, encrypted and
/// derived names the round ("named"; otherwise both rounds run as one session), and that keys and
/// secrets are new in every round ("fresh"; otherwise they are kept). A secret that serves two
/// rounds is opened as a dropout's in one and as a survivor's in the other, named or not.
///
/// Source: the signatures and keys of Bonawitz et al. 2017, figure 4, name no round; Ma et al.
/// 2023, *Flamingo* (S&P 2023), on what keys for several rounds take.
public struct ReplayedMessages: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "replay",
    summary: "Messages, shares, masks or signatures of one round serve again in the next.",
    formula: "(x_v + masks) - (x_v' + masks) = x_v - x_v'",
    citation: "Bonawitz et al. 2017, figure 4; Ma et al. 2023")

  /// The attack.
  public init() {}

  /// What two rounds have in common.
  private struct Rounds {
    var isNamed: Bool
    var isFresh: Bool
    var text: String {
      "\(isFresh ? "fresh" : "kept") keys, round \(isNamed ? "named" : "not named")"
    }
  }

  /// Four ways to say things again, with and without what keeps rounds apart.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    [
      try verbatim(setting),
      try oldShares(setting, Rounds(isNamed: true, isFresh: true)),
      try oldShares(setting, Rounds(isNamed: true, isFresh: false)),
      try repeatedMasks(setting, Rounds(isNamed: true, isFresh: false)),
      try repeatedMasks(setting, Rounds(isNamed: false, isFresh: true)),
      try repeatedMasks(setting, Rounds(isNamed: false, isFresh: false)),
      try oldSignatures(setting, Rounds(isNamed: true, isFresh: true)),
      try oldSignatures(setting, Rounds(isNamed: false, isFresh: true)),
    ]
  }

  /// A server of round `number`, whose clients have `inputs`.
  private func server(
    _ setting: ProtocolAttackSetting, _ rounds: Rounds, _ number: UInt64,
    _ inputs: [RingVector], security: MaskingSession.Security = .semiHonest, colluders: Int = 0
  ) throws -> (server: DishonestServer, parties: ProtocolParties) {
    let n = setting.clients
    let threshold = colluders > 0 ? (n + colluders) / 2 : n / 2 + 1
    let session = try setting.session(
      security, threshold: threshold, corrupt: colluders, round: rounds.isNamed ? number : 1)
    let parties = try ProtocolParties(
      in: session, inputs: inputs, identities: setting.identities(),
      secrets: setting.secrets("round \(rounds.isFresh ? number : 1)"))
    return (parties.dishonestServer(), parties)
  }

  private func verbatim(_ setting: ProtocolAttackSetting) throws -> ProtocolFinding {
    let rounds = Rounds(isNamed: true, isFresh: true)
    let inputs = try setting.updates()
    let (first, _) = try server(setting, rounds, 1, inputs, security: .active)
    try first.followProtocol()
    let (second, _) = try server(setting, rounds, 2, inputs, security: .active)
    second.recorded = first.said
    try second.followProtocol()
    let count = first.said.values.reduce(0) { $0 + $1.count }
    return ProtocolFinding(
      attack: Self.card.name, variant: "verbatim, round named",
      adversary: "anybody on the network", metric: "old messages taken, of \(count)",
      value: Double(second.taken), control: nil, succeeded: second.taken > 0, expected: .fails,
      evidence: second.reasons)
  }

  /// Of round 1 the server has the mask key of a victim, whom it called dropped; in round 2 it
  /// hands out the victim's shares of round 1 and calls it alive. Kept keys need no old shares: the
  /// new ones are of the same secrets.
  private func oldShares(
    _ setting: ProtocolAttackSetting, _ rounds: Rounds
  ) throws -> ProtocolFinding {
    let victim = 0
    let inputs = try setting.updates()
    let (first, _) = try server(setting, rounds, 1, inputs)
    try first.collectKeys()
    first.showKeys()
    first.deliverShares()
    let others = Array(1..<setting.clients)
    first.showSurvivors { $0 == victim ? nil : others }
    let (second, _) = try server(setting, rounds, 2, try setting.updates("next updates"))
    try second.collectKeys()
    second.showKeys()
    second.deliverShares { reader in
      second.shares(for: reader).map { entry in
        guard rounds.isFresh, entry.client == victim, let old = first.ciphertexts[victim]?[reader]
        else { return entry }
        return .init(client: victim, ciphertext: old)
      }
    }
    second.showSurvivors()
    var shares = first.gathered(of: victim)
    shares.selfMask = second.gathered(of: victim).selfMask
    // The victim's own share of its self mask is of the new round and would spoil the others.
    if rounds.isFresh { shares.selfMask[victim] = nil }
    let guess = first.guess(victim, from: shares)
    let agreement = guess.agreement(with: inputs[victim])
    return ProtocolFinding(
      attack: Self.card.name,
      variant: "\(rounds.isFresh ? "old shares" : "asked twice"), \(rounds.text)",
      adversary: "server that lies about dropouts and hands out old shares",
      metric: "fraction of x_v", value: agreement, control: guess.guessedAgreement,
      succeeded: agreement == 1, expected: rounds.isFresh ? .fails : .succeeds,
      evidence: "shares of s_v: \(shares.maskKey.count), of b_v: \(shares.selfMask.count), t = "
        + "\(first.session.threshold)"
        + (rounds.isFresh ? "; nobody can decrypt old shares" : ""))
  }

  /// The server follows the protocol in both rounds, takes off the self masks that were opened to
  /// it, and subtracts what is left.
  private func repeatedMasks(
    _ setting: ProtocolAttackSetting, _ rounds: Rounds
  ) throws -> ProtocolFinding {
    let victim = 0
    var left: [RingVector] = []
    var inputs: [RingVector] = []
    for number: UInt64 in [1, 2] {
      let all = try setting.updates(number == 1 ? "updates" : "next updates")
      let (server, _) = try server(setting, rounds, number, all)
      try server.followProtocol()
      let secret = server.rebuilt(server.gathered(of: victim).selfMask)
      guard let masked = server.withoutSelfMask(victim, secret: secret) else {
        preconditionFailure("every client has sent its input")
      }
      left.append(masked)
      inputs.append(all[victim])
    }
    var difference = left[0]
    try difference.subtract(left[1])
    var truth = inputs[0]
    try truth.subtract(inputs[1])
    // The weights are alike; they would count as a hit where nothing else is.
    let agreement = difference.agreement(with: truth)
    return ProtocolFinding(
      attack: Self.card.name, variant: "masks, \(rounds.text)",
      adversary: "curious server, two rounds", metric: "fraction of x_v - x_v'",
      value: agreement, control: difference.guessedAgreement, succeeded: agreement == 1,
      expected: !rounds.isNamed && !rounds.isFresh ? .succeeds : .fails,
      evidence: "self masks were opened as the protocol has it; masks between clients "
        + (agreement == 1 ? "repeat" : "differ"))
  }

  /// Two earlier rounds have everybody's signature under both lists; in the third, clients are told
  /// different ones. Colluders make a threshold of shares of both secrets possible at all.
  private func oldSignatures(
    _ setting: ProtocolAttackSetting, _ rounds: Rounds
  ) throws -> ProtocolFinding {
    let victim = 0
    let colluders = 2
    let n = setting.clients
    let inputs = try setting.updates()
    let all = Array(0..<n)
    let lists = [all, all.filter { $0 != victim }]
    var signed: [[Int: [UInt8]]] = []
    for (index, list) in lists.enumerated() {
      let (server, _) = try server(
        setting, rounds, UInt64(index) + 1, inputs, security: .active, colluders: colluders)
      try server.collectKeys()
      server.showKeys()
      server.deliverShares()
      server.showSurvivors { list.contains($0) ? list : nil }
      signed.append(server.signatures)
    }
    let (server, parties) = try server(
      setting, rounds, 3, inputs, security: .active, colluders: colluders)
    let insiders = try ((n - colluders)..<n).map { try parties.surrender($0) }
    try server.collectKeys()
    server.showKeys()
    server.deliverShares()
    let honest = n - colluders
    func list(_ reader: Int) -> Int? { reader >= honest ? nil : reader < (honest + 1) / 2 ? 0 : 1 }
    server.showSurvivors { list($0).map { lists[$0] } }
    server.showSignatures { reader in
      guard let mine = list(reader) else { return nil }
      let bought = Dictionary(
        uniqueKeysWithValues: insiders.map { ($0.id, $0.sign(lists[mine])) })
      return lists[mine].compactMap { signer in
        let signature =
          list(signer) == mine
          ? server.signatures[signer] : bought[signer] ?? signed[mine][signer]
        return signature.map { ConsistencyProof.Entry(client: signer, signature: $0) }
      }
    }
    let shares = server.gathered(of: victim, colluders: insiders)
    let guess = server.guess(victim, from: shares)
    let agreement = guess.agreement(with: inputs[victim])
    return ProtocolFinding(
      attack: Self.card.name,
      variant: "old signatures, round \(rounds.isNamed ? "named" : "not named")",
      adversary: "server that lies about dropouts, with \(colluders) colluding clients",
      metric: "fraction of x_v", value: agreement, control: guess.guessedAgreement,
      succeeded: agreement == 1, expected: rounds.isNamed ? .fails : .succeeds,
      evidence: server.refusals.isEmpty
        ? "shares of b_v: \(shares.selfMask.count), of s_v: \(shares.maskKey.count), t = "
          + "\(server.session.threshold)" : server.reasons)
  }
}
