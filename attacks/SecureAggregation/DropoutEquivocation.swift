public import Components
package import SecureAggregation

/// A server that tells some clients that a victim is alive and others that it dropped out.
///
///     opened of the victim:  b_v by 1 + |A| + c,  s_v by |B| + c,   |A| + |B| = n - 1 - c
///     both reach t  exactly if  2t ≤ n + c
///
/// The victim has sent its masked input. Clients that believe it alive (A, and the victim itself)
/// open shares of the secret behind its self mask, those that believe it dropped (B) shares of its
/// mask key, and c colluders give both. With t of each every mask comes off.
///
/// An `active` session demands t > n/2 and, before anything is opened, that each client see the
/// same list signed by a quorum of more than (n + c)/2: colluders sign both lists, honest clients
/// one.
///
/// Source: Bonawitz et al. 2017, figure 4 (rounds 3 and 4) and section 6.2 (thresholds).
public struct DropoutEquivocation: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "dropout-equivocation",
    summary: "The server tells half of the clients that a victim is alive, half that it dropped.",
    formula: "both secrets open exactly if 2t ≤ n + c",
    citation: "Bonawitz et al. 2017, figure 4 and section 6.2")

  /// The attack.
  public init() {}

  /// The bound from both sides without colluders and with two, and what signed lists make of it.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    let n = setting.clients
    let half = n / 2
    // Without colluders: the largest threshold at which the lie works, and the next.
    var findings = [
      try cell(setting, .semiHonest, threshold: half),
      try cell(setting, .semiHonest, threshold: half + 1),
    ]
    // Two colluders move the bound by one.
    let moved = (n + 2) / 2
    for threshold in [moved, moved + 1] {
      findings.append(try cell(setting, .semiHonest, threshold: threshold, colluders: 2))
    }
    findings.append(try cell(setting, .active, threshold: moved, colluders: 2, declared: 2))
    // A quorum that was chosen for nobody: the promise ends where its assumption does. An odd
    // number of clients needs one colluder more, since half of it is rounded up.
    let extra = n.isMultiple(of: 2) ? 2 : 1
    findings.append(
      try cell(setting, .active, threshold: half + 1, colluders: extra, declared: 0))
    return findings
  }

  /// One threshold.
  ///
  /// - Parameter declared: How many colluders the session was set up for.
  package func cell(
    _ setting: ProtocolAttackSetting, _ security: MaskingSession.Security, threshold: Int,
    colluders: Int = 0, declared: Int = 0
  ) throws -> ProtocolFinding {
    let n = setting.clients
    let inputs = try setting.updates()
    let session = try setting.session(security, threshold: threshold, corrupt: declared)
    let parties = try ProtocolParties(
      in: session, inputs: inputs, identities: setting.identities(),
      secrets: setting.secrets("equivocation"))
    let victim = 0
    let insiders = try ((n - colluders)..<n).map { try parties.surrender($0) }
    let server = parties.dishonestServer()
    try server.collectKeys()
    server.showKeys()
    server.deliverShares()
    // Half of the honest clients, the victim among them, are told that it is alive.
    let honest = n - colluders
    let believers = (honest + 1) / 2
    let all = Array(0..<n)
    let lists = [all, all.filter { $0 != victim }]
    func list(_ reader: Int) -> [Int]? {
      reader >= honest ? nil : reader < believers ? lists[0] : lists[1]
    }
    server.showSurvivors(list)
    server.showSignatures { reader in
      let mine = list(reader) ?? []
      let genuine = server.signatures.filter { list($0.key) == mine }
      let bought = insiders.map { ($0.id, $0.sign(mine)) }
      return (Array(genuine.map { ($0.key, $0.value) }) + bought).sorted { $0.0 < $1.0 }
        .map { ConsistencyProof.Entry(client: $0.0, signature: $0.1) }
    }
    let shares = server.gathered(of: victim, colluders: insiders)
    let guess = server.guess(victim, from: shares)
    let agreement = guess.agreement(with: inputs[victim])
    // Theory, whatever the session made of it. With signed lists both must besides have as many
    // signers as a session set up for `declared` colluders demands.
    let opens = 2 * threshold <= n + colluders
    let signers = max(threshold, (n + declared) / 2 + 1)
    let signs = security == .semiHonest || 2 * signers <= n + colluders
    return ProtocolFinding(
      attack: Self.card.name,
      variant: "\(security.rawValue), n \(n), t \(threshold)"
        + (colluders > 0 ? ", c \(colluders)" : "")
        + (security == .active ? " (set up for \(declared))" : ""),
      adversary: "server that lies about dropouts, with \(colluders) colluding clients",
      metric: "fraction of x_v", value: agreement, control: guess.guessedAgreement,
      succeeded: agreement == 1, expected: opens && signs ? .succeeds : .fails,
      evidence: server.refusals.isEmpty
        ? "shares of b_v: \(shares.selfMask.count), of s_v: \(shares.maskKey.count), t = "
          + "\(threshold)"
        : server.reasons)
  }
}
