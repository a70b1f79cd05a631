public import Components
internal import CryptoCore
internal import SecureAggregation

/// A curious server and a growing number of clients that tell it all they know.
///
///     c < t:  what is left of the victim's masked input is uniform
///     c ≥ t:  the colluders' shares open its mask key, and the input is plain
///
/// Everybody follows the protocol, which runs to its end: the server knows the victim's self mask,
/// as it should, and the masks that the victim agreed with colluders. What is left is x_v and the
/// sum of ±PRG(s_vu) over honest u. Uniformity is tested on the six highest bits of each word, of
/// which an update's own are far from uniform (Pearson's χ² of 63 degrees; the least p-value of all
/// c counts as uneven below 10^-6 divided by their number: that is the rate of false alarms).
///
/// Source: Bonawitz et al. 2017, section 6.1: privacy against a curious server with t - 1 clients.
public struct CollusionSweep: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "collusion-sweep",
    summary: "A curious server pools what 0, 1, 2, ... colluding clients know.",
    formula: "the victim's input is uniform to c < t colluders and plain to c ≥ t",
    citation: "Bonawitz et al. 2017, section 6.1")

  /// The rate of false alarms of the test of uniformity.
  static let falseAlarms = 1e-6

  /// The attack.
  public init() {}

  /// Below the threshold, and from it on.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    var setting = setting
    setting.dimension = max(setting.dimension, 4096)
    let n = setting.clients
    let t = n / 2 + 1
    let victim = 0
    let inputs = try setting.updates()
    let session = try setting.session(.semiHonest, threshold: t)
    let parties = try ProtocolParties(
      in: session, inputs: inputs, identities: setting.identities(),
      secrets: setting.secrets("collusion"))
    let server = parties.dishonestServer()
    try server.followProtocol()
    let insiders = try (1..<n).reversed().map { try parties.surrender($0) }

    var agreements: [Double] = []
    var pValues: [Double] = []
    for count in 0..<n {
      let colluders = Array(insiders.prefix(count))
      let shares = server.gathered(of: victim, colluders: colluders)
      let secret = server.rebuilt(shares.selfMask)
      let opened = server.guess(victim, from: shares)
      var left = server.withoutSelfMask(victim, secret: secret) ?? opened
      left.addMasks(colluders.compactMap { server.pairMask(victim, with: $0) })
      agreements.append(
        max(opened.agreement(with: inputs[victim]), left.agreement(with: inputs[victim])))
      pValues.append(Uniformity.pValue(left.elements, bits: session.ring.bits))
    }
    let curve =
      "elements right by c = 0...\(n - 1): "
      + agreements.map { String(Int($0)) }.joined(separator: " ")
    let below = agreements.prefix(t)
    let above = agreements.dropFirst(t)
    let adversary = "curious server with c colluding clients"
    let guessed = inputs[victim].guessedAgreement
    let least = pValues.prefix(t).min() ?? 0
    let own = Uniformity.pValue(inputs[victim].elements, bits: session.ring.bits)
    return [
      ProtocolFinding(
        attack: Self.card.name, variant: "c = 0...\(t - 1), t \(t)", adversary: adversary,
        metric: "fraction of x_v, at most", value: below.max() ?? 0, control: guessed,
        succeeded: below.contains(1), expected: .fails, evidence: curve),
      ProtocolFinding(
        attack: Self.card.name, variant: "c = 0...\(t - 1), t \(t), uniformity",
        adversary: adversary, metric: "χ², least p-value", value: least,
        control: 1 / Double(t + 1),
        succeeded: least < Self.falseAlarms / Double(t), expected: .fails,
        evidence: own < 1e-300
          ? "the input itself has p < 1e-300" : "the input itself has p = \(own)"),
      ProtocolFinding(
        attack: Self.card.name, variant: "c = \(t)...\(n - 1), t \(t)", adversary: adversary,
        metric: "fraction of x_v, at least", value: above.min() ?? 0, control: guessed,
        succeeded: above.allSatisfy { $0 == 1 }, expected: .succeeds, evidence: curve),
    ]
  }
}
