public import Components
internal import Randomness
internal import SecureAggregation

/// A server that tries all vectors that a client may have (A12, second part).
///
///     vectors of signs: 2^m candidates,   kept if H(candidate) is what the client showed
///
/// A deterministic hash hides a vector only if it cannot be guessed. Here every client's
/// coordinates are -clip or clip, eight of them at most, so there are at most 256 vectors. Where no
/// candidate fits the proof the masked vector is compared.
///
/// Source: ePrint 2022/1073, on VeriFL's hash.
public struct VectorGuessing: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "vector-guessing",
    summary: "The server tells which of few possible vectors a client has.",
    formula: "H(candidate) = H(x_n)",
    citation: "ePrint 2022/1073 on VeriFL")

  /// The attack.
  public init() {}

  /// One cell for each way to verify.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    var small = setting
    small.dimension = min(setting.dimension, 8)
    return try verifiedModes.map { try cell($0, small) }
  }

  private func cell<Mode: VerifiedMode>(
    _ mode: Mode.Type, _ setting: ProtocolAttackSetting
  ) throws -> ProtocolFinding {
    let encoding = try setting.encoding()
    let candidates = (0..<1 << setting.dimension).map { signs in
      RingVector(
        (0..<setting.dimension).map { signs >> $0 & 1 == 1 ? encoding.largestCode : 0 } + [1],
        in: encoding.ring)
    }
    var generator = setting.generator("signs")
    let truth = (0..<setting.clients).map { _ in
      Int(generator.next() % UInt64(candidates.count))
    }
    let inputs = truth.map { candidates[$0] }
    let round = try mode.round(1, label: 1, inputs: inputs, setting)
    let masked = try setting.readFromMasks(inputs)
    let victims = Array(0..<min(3, setting.clients))
    var (found, fitting) = (0, 0)
    for victim in victims {
      var kept = try round.fitting(candidates, client: victim)
      if kept.isEmpty { kept = candidates.indices.filter { candidates[$0] == masked[victim] } }
      fitting += kept.count
      if kept == [truth[victim]] { found += 1 }
    }
    return ProtocolFinding(
      attack: Self.card.name, variant: Mode.name, adversary: "server that follows the protocol",
      metric: "vectors found, of \(victims.count)", value: Double(found),
      control: Double(victims.count) / Double(candidates.count), succeeded: found == victims.count,
      expected: Mode.theory.verdict(.hidesVectors),
      evidence: "of \(candidates.count) candidates for each victim \(fitting) fit its proof or its "
        + "masked vector, of all victims together")
  }
}
