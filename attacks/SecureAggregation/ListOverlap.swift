public import Components
internal import CryptoCore
internal import SecureAggregation

/// A server that names a victim both alive and dropped out in one request for shares.
///
///     request: alive = {all}, dead = {v}     answer: a share of b_v and a share of s_v
///
/// Here a request is one bit a client and an answer one entry a client: the lie cannot be written
/// down. What is left is to send both lists one after the other, and a client answers one.
///
/// A replica stands for a client that takes two lists and checks only that enough clients are
/// alive, as Flower's does (`secaggplus_mod`, the unmask stage). It replicates that check and what
/// is answered; keys, shares and masks are this library's.
///
/// Source: Bonawitz et al. 2017, figure 4, round 4 ("never both"); Flower 1.x, `secaggplus_mod.py`.
public struct ListOverlap: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "list-overlap",
    summary: "One request for shares names the victim both alive and dropped out.",
    formula: "alive ∩ dead = {v} gives a share of b_v and one of s_v by each client",
    citation: "Bonawitz et al. 2017, figure 4; Flower, secaggplus_mod")

  /// The attack.
  public init() {}

  /// This library's clients, and the replica with and without the check.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    [
      try bothLists(setting, .semiHonest), try bothLists(setting, .active),
      try replica(setting, refusesOverlap: false), try replica(setting, refusesOverlap: true),
    ]
  }

  /// The parties up to the masked inputs.
  private func stage(
    _ setting: ProtocolAttackSetting, _ security: MaskingSession.Security, _ inputs: [RingVector]
  ) throws -> (parties: ProtocolParties, server: DishonestServer) {
    let session = try setting.session(security, threshold: setting.clients / 2 + 1)
    let parties = try ProtocolParties(
      in: session, inputs: inputs, identities: setting.identities(),
      secrets: setting.secrets("overlap"))
    let server = parties.dishonestServer()
    try server.collectKeys()
    server.showKeys()
    server.deliverShares()
    return (parties, server)
  }

  private func bothLists(
    _ setting: ProtocolAttackSetting, _ security: MaskingSession.Security
  ) throws -> ProtocolFinding {
    let victim = 0
    let inputs = try setting.updates()
    let (_, server) = try stage(setting, security, inputs)
    let all = Array(0..<setting.clients)
    server.showSurvivors()
    server.showSurvivors { $0 == victim ? nil : all.filter { $0 != victim } }
    server.showSignatures()
    let shares = server.gathered(of: victim)
    let guess = server.guess(victim, from: shares)
    return finding(
      "\(security.rawValue), both lists in turn", guess, inputs[victim], .fails, server.reasons)
  }

  private func replica(
    _ setting: ProtocolAttackSetting, refusesOverlap: Bool
  ) throws -> ProtocolFinding {
    let victim = 0
    let inputs = try setting.updates()
    let (parties, server) = try stage(setting, .semiHonest, inputs)
    let all = Array(0..<setting.clients)
    var shares = SecretShares()
    var refused = 0
    for id in all where id != victim {
      let client = TwoListClient(
        inside: try parties.surrender(id), received: server.advertisements.compactMapValues(\.keys),
        ciphertexts: server.ciphertexts.compactMapValues { $0[id] },
        threshold: server.session.threshold, refusesOverlap: refusesOverlap)
      guard let answer = client.answer(alive: all, dead: [victim]) else {
        refused += 1
        continue
      }
      shares.selfMask[id] = answer.selfMasks[victim]
      shares.maskKey[id] = answer.maskKeys[victim]
    }
    let guess = server.guess(victim, from: shares)
    return finding(
      refusesOverlap ? "replica that compares the lists" : "replica that counts the living only",
      guess, inputs[victim], refusesOverlap ? .fails : .succeeds,
      refused > 0
        ? "\(refused) clients refuse lists that overlap"
        : "shares of b_v: \(shares.selfMask.count), of s_v: \(shares.maskKey.count)")
  }

  private func finding(
    _ variant: String, _ guess: RingVector, _ truth: RingVector,
    _ expected: ProtocolFinding.Verdict, _ evidence: String
  ) -> ProtocolFinding {
    let agreement = guess.agreement(with: truth)
    return ProtocolFinding(
      attack: Self.card.name, variant: variant, adversary: "server that names a client twice",
      metric: "fraction of x_v", value: agreement, control: guess.guessedAgreement,
      succeeded: agreement == 1, expected: expected, evidence: evidence)
  }
}

/// A client that is asked with two lists.
private struct TwoListClient {
  /// Its own keys: this is the client's code, not the adversary's knowledge.
  let inside: Insider
  let received: [Int: KeyAdvertisement]
  let ciphertexts: [Int: [UInt8]]
  let threshold: Int
  let refusesOverlap: Bool

  /// Shares of the secret behind the self mask of each client that is alive, and of the mask key of
  /// each that is dead; nil if it refuses.
  func answer(
    alive: [Int], dead: [Int]
  ) -> (selfMasks: [Int: SecretBytes], maskKeys: [Int: SecretBytes])? {
    guard alive.count >= threshold else { return nil }
    if refusesOverlap, !Set(alive).isDisjoint(with: dead) { return nil }
    return (
      Dictionary(
        uniqueKeysWithValues: alive.compactMap { id in pair(id).map { (id, $0.selfMask) } }),
      Dictionary(uniqueKeysWithValues: dead.compactMap { id in pair(id).map { (id, $0.maskKey) } })
    )
  }

  private func pair(_ owner: Int) -> SharePair? {
    guard let keys = received[owner], let ciphertext = ciphertexts[owner] else { return nil }
    return inside.shares(from: owner, keys: keys, ciphertext)
  }
}
