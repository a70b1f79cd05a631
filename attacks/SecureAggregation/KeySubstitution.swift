public import Components
internal import CryptoCore
internal import SecureAggregation

/// A server that shows a victim keys of its own in place of the other clients'.
///
///     k keys replaced:  the server decrypts k shares of each secret of the victim; k ≥ t open both
///
/// With all keys replaced the victim masks its input with the server alone. Signatures under keys
/// that were registered beforehand stop it. Where the registry takes the server for all clients but
/// one, the sum minus its own inputs is the victim's, whatever the protocol: sessions that are to
/// withstand so many colluders cannot be set up.
///
/// Source: Bonawitz et al. 2017, section 6.2, why the active variant signs keys; Sybils: Douceur
/// 2002.
public struct KeySubstitution: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "key-substitution",
    summary: "The server puts its own keys in place of those of a victim's neighbours.",
    formula: "both secrets open exactly if k ≥ t keys are replaced",
    citation: "Bonawitz et al. 2017, section 6.2; Douceur 2002")

  /// The attack.
  public init() {}

  /// Numbers of replaced keys around the threshold, signed keys, and a registry full of Sybils.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    let n = setting.clients
    let t = n / 2 + 1
    return [
      try cell(setting, .semiHonest, threshold: t, replaced: n - 1),
      try cell(setting, .semiHonest, threshold: t, replaced: t),
      try cell(setting, .semiHonest, threshold: t, replaced: t - 1),
      try cell(setting, .active, threshold: t, replaced: n - 1),
      try registered(setting, threshold: t, sybils: n - 2, declared: n - 2),
      try registered(setting, threshold: t, sybils: n - 1, declared: n - 1),
      try registered(setting, threshold: t, sybils: n - 1, declared: n - 2),
    ]
  }

  private func cell(
    _ setting: ProtocolAttackSetting, _ security: MaskingSession.Security, threshold: Int,
    replaced: Int
  ) throws -> ProtocolFinding {
    let n = setting.clients
    let inputs = try setting.updates()
    let session = try setting.session(security, threshold: threshold)
    let identities = try setting.identities()
    let parties = try ProtocolParties(
      in: session, inputs: inputs, identities: identities, secrets: setting.secrets("keys"))
    let server = parties.dishonestServer()
    try server.collectKeys()
    // The server plays the last clients towards the victim, with keys of its own and, since it has
    // no others, signatures by its own key.
    let victim = 0
    let forged = Set((n - replaced)..<n)
    let shadow = try ProtocolParties(
      in: session, inputs: inputs, identities: setting.shadowIdentities(),
      secrets: setting.secrets("forged keys"))
    let shadowServer = shadow.dishonestServer()
    try shadowServer.collectKeys()
    let own = shadowServer.advertisements
    server.showKeys { reader in
      server.genuineDirectory.map { entry in
        guard reader == victim, forged.contains(entry.client), let mine = own[entry.client] else {
          return entry
        }
        return .init(
          client: mine.client, keys: mine.keys,
          signature: security == .active ? mine.signature : nil)
      }
    }
    server.deliverShares()
    server.showSurvivors()
    server.showSignatures()
    let insiders = try forged.sorted().map { try shadow.surrender($0) }
    let shares = server.gathered(of: victim, colluders: insiders)
    let guess = server.guess(victim, from: shares)
    let agreement = guess.agreement(with: inputs[victim])
    return ProtocolFinding(
      attack: Self.card.name,
      variant: "\(security.rawValue), t \(threshold), \(replaced) of \(n - 1) keys replaced",
      adversary: "server that lies about keys", metric: "fraction of x_v",
      value: agreement,
      control: guess.guessedAgreement, succeeded: agreement == 1,
      expected: security == .semiHonest && replaced >= threshold ? .succeeds : .fails,
      evidence: server.refusals.isEmpty
        ? "shares of s_v: \(shares.maskKey.count), t = \(threshold)" : server.reasons)
  }

  /// Sybils that are in the registry: the sum less their inputs. No session is to be had that
  /// withstands `declared` colluders if they leave one honest client.
  private func registered(
    _ setting: ProtocolAttackSetting, threshold: Int, sybils: Int, declared: Int
  ) throws -> ProtocolFinding {
    let n = setting.clients
    let inputs = try setting.updates()
    var rest = RingVector(zeros: inputs[0].count, in: inputs[0].ring)
    var evidence =
      "the sum less its own inputs is that of \(n - sybils) honest client"
      + (n - sybils == 1 ? "" : "s")
    do {
      let session = try setting.session(.active, threshold: threshold, corrupt: declared)
      rest = try ProtocolParties(
        in: session, inputs: inputs, identities: setting.identities(),
        secrets: setting.secrets("sybils")
      ).honestSum().sum
      for sybil in (n - sybils)..<n { try rest.subtract(inputs[sybil]) }
    } catch let refusal as SecureAggregation.ParameterError {
      evidence = "no session: \(refusal)"
    }
    let agreement = rest.agreement(with: inputs[0])
    return ProtocolFinding(
      attack: Self.card.name,
      variant: "active, \(sybils) of \(n) the server's (set up for \(declared))",
      adversary: "server that follows the protocol, with \(sybils) clients of its own",
      metric: "fraction of x_v", value: agreement, control: rest.guessedAgreement,
      succeeded: agreement == 1, expected: sybils == n - 1 && declared < n - 1 ? .succeeds : .fails,
      evidence: evidence)
  }
}

extension ProtocolAttackSetting {
  /// Signing keys that nobody registered.
  func shadowIdentities() throws -> LocalAggregation.Identities {
    var source = secrets("keys that nobody registered")
    return try .init(clients: clients, using: &source)
  }
}
