public import Components
internal import Randomness
internal import SecureAggregation
internal import Tensors

/// One client that puts any number of the ring where a clipped code should be.
///
///     Σ codes + e,   e free in 0..<R instead of 0...2^bits - 2
///
/// The server sees a sum that some clients could have had and cannot tell, whether clients sign
/// their messages or not; only a sum that none could have had is refused, such as one of more
/// weight than all may have. Sums over groups, of which the median is taken coordinate by
/// coordinate, hold as long as fewer than half of the groups have such a client, and each update
/// hides among its group only.
///
/// Source: Roy Chowdhury et al. 2022, *EIFFeL* (CCS 2022), and Lycklama et al. 2023, *RoFL* (S&P
/// 2023), on why inputs must be proved; the median of group means: Velicheti, Xia, Koyejo 2021,
/// *Secure Byzantine-Robust Distributed Learning via Clustering*.
public struct OverflowPoisoning: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "overflow-poisoning",
    summary: "One client encodes a huge value, and the mean moves as far as it wants.",
    formula: "Σ codes + e with e free in the ring",
    citation: "Roy Chowdhury et al. 2022; Lycklama et al. 2023")

  /// Where the mean is to go, in units of the clipping bound.
  private static let goal = 0.5
  /// A mean that moves so far counts as moved.
  private static let moved = 0.4

  /// The attack.
  public init() {}

  /// Both variants of the protocol, a weight beyond every sum, and the median of groups.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    let attacker = Poisoner(setting)
    return [
      try single(setting, attacker, .semiHonest, weight: 1),
      try single(setting, attacker, .active, weight: 1),
      try single(setting, attacker, .active, weight: 2),
      try groups(setting, attacker),
    ]
  }

  /// The updates, of which the last client's is the attacker's.
  private struct Poisoner {
    let clip = 4.0
    let updates: [Vector]

    init(_ setting: ProtocolAttackSetting) {
      updates = (0..<setting.clients).map { client in
        var own = setting.generator("poisoning").fork("update", UInt64(client))
        return Vector(own.normals(setting.dimension))
      }
    }

    /// Codes of some clients, the last one's such that the mean moves to `goal` times the clipping
    /// bound if the others' is 0.
    func inputs(
      _ members: [Int], goal: Double?, weight: UInt64, _ encoding: FixedPointEncoding,
      _ generator: Generator
    ) throws -> [RingVector] {
      try members.map { client in
        var own = generator.fork("rounding", UInt64(client))
        let honest = try encoding.encode(updates[client], using: &own)
        guard client == updates.count - 1, let goal else { return honest }
        let middle = Double(encoding.largestCode / 2)
        let value = UInt64(middle * (1 + goal * Double(members.count)))
        return RingVector(
          [UInt64](repeating: value, count: honest.count - 1) + [weight], in: encoding.ring)
      }
    }

    /// The mean that a secure sum of some clients gives.
    func mean(
      _ setting: ProtocolAttackSetting, _ members: [Int], goal: Double?, weight: UInt64 = 1,
      _ security: MaskingSession.Security
    ) throws -> Vector {
      let encoding = try setting.encoding(clients: members.count)
      let session = try setting.session(
        security, threshold: members.count / 2 + 1, clients: members.count, ring: encoding.ring)
      let sum = try ProtocolParties(
        in: session,
        inputs: inputs(
          members, goal: goal, weight: weight, encoding, setting.generator("encoding")),
        identities: setting.identities(clients: members.count),
        secrets: setting.secrets("poisoning")
      ).honestSum().sum
      return Vector(try encoding.decode(sum).mean.map { Float($0) })
    }
  }

  private static func displacement(_ vector: Vector, from honest: Vector, _ clip: Double) -> Double
  {
    let sum = (0..<vector.count).reduce(0) { $0 + Double(vector[$1] - honest[$1]) }
    return sum / Double(vector.count) / clip
  }

  private func single(
    _ setting: ProtocolAttackSetting, _ attacker: Poisoner, _ security: MaskingSession.Security,
    weight: UInt64
  ) throws -> ProtocolFinding {
    let all = Array(0..<setting.clients)
    let honest = try attacker.mean(setting, all, goal: nil, security)
    let displacement: Double
    let evidence: String
    do {
      displacement = Self.displacement(
        try attacker.mean(setting, all, goal: Self.goal, weight: weight, security), from: honest,
        attacker.clip)
      evidence = "the mean was accepted; the attacker asked for \(Self.goal)"
    } catch let error as EncodingError {
      displacement = 0
      evidence = "no mean: \(error)"
    }
    return ProtocolFinding(
      attack: Self.card.name,
      variant: "\(security.rawValue)\(weight > 1 ? ", twice the weight" : "")",
      adversary: Self.adversary, metric: Self.metric, value: displacement,
      control: 1 / Double(setting.clients), succeeded: displacement >= Self.moved,
      expected: weight > 1 ? .fails : .succeeds, evidence: evidence)
  }

  private static let adversary = "client that does not clip"
  private static let metric = "mean moved, in clips"

  private func groups(
    _ setting: ProtocolAttackSetting, _ attacker: Poisoner
  ) throws -> ProtocolFinding {
    let n = setting.clients
    // An odd number of groups of two clients or more.
    let count = (n / 3 - 1) / 2 * 2 + 1 >= 3 ? (n / 3 - 1) / 2 * 2 + 1 : 3
    let groups = (0..<count).map { group in (0..<n).filter { $0 % count == group } }
    func median(goal: Double?) throws -> Vector {
      let means = try groups.map { try attacker.mean(setting, $0, goal: goal, .active) }
      return UpdateView(try UpdateMatrix(rows: means)).median()
    }
    let displacement = Self.displacement(
      try median(goal: Self.goal), from: try median(goal: nil), attacker.clip)
    return ProtocolFinding(
      attack: Self.card.name, variant: "median of \(count) group sums", adversary: Self.adversary,
      metric: Self.metric, value: displacement, control: 1 / Double(n),
      succeeded: displacement >= Self.moved, expected: .fails,
      evidence: "one group of \(count) is poisoned; an update hides among "
        + "\(groups.map(\.count).min() ?? 0) or more, not \(n)")
  }
}
