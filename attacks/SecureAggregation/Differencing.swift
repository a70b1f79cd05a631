public import Components
internal import Randomness
internal import SecureAggregation
internal import Tensors

/// A server that sums two cohorts that differ by one client, and subtracts.
///
///     Σ over C - Σ over C \ {v} = x_v + Σ over the others (x_u - x_u')
///
/// No protocol is broken: both sums come out as they should. How well the update is told depends on
/// how much the others' updates change between the rounds; for changes of the ρ-fold of an update,
/// cos = 1/√(1 + (n-1) ρ²). A `CohortPolicy` says which cohorts may be summed. One that only
/// compares cohorts in pairs is got around with three.
///
/// Source: So et al. 2023, *Securing Secure Aggregation: Mitigating Multi-Round Privacy Leakage in
/// Federated Learning* (AAAI 2023).
public struct Differencing: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "differencing",
    summary: "Two sums whose cohorts differ by one client are subtracted.",
    formula: "Σ_C x - Σ_(C \\ {v}) x = x_v, as far as the others send the same",
    citation: "So et al. 2023 (AAAI)")

  /// How alike an update and its estimate are when it counts as told.
  static let told = 0.9

  /// The attack.
  public init() {}

  /// Others who change not at all, a little and wholly; then two policies.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    var setting = setting
    // Cosines of independent vectors are then below 1/64 but for chance.
    setting.dimension = max(setting.dimension, 4096)
    return try [0, 0.05, .infinity].map { try subtraction(setting, change: $0) }
      + [try oneLess(setting), try threeCohorts(setting), try batches(setting)]
  }

  /// The sum of some clients' vectors, by the protocol.
  private func sum(
    _ setting: ProtocolAttackSetting, _ cohort: [Int], of updates: [RingVector], round: UInt64
  ) throws -> RingVector {
    let session = try setting.session(
      .active, threshold: cohort.count / 2 + 1, round: round, clients: cohort.count)
    return try ProtocolParties(
      in: session, inputs: cohort.map { updates[$0] },
      identities: setting.identities(clients: cohort.count),
      secrets: setting.secrets("cohort \(round)")
    ).honestSum().sum
  }

  private func subtraction(
    _ setting: ProtocolAttackSetting, change: Double
  ) throws -> ProtocolFinding {
    let n = setting.clients
    let encoding = try setting.encoding()
    // One update each, and what the others make of theirs until the next round.
    var first: [RingVector] = []
    var second: [RingVector] = []
    for client in 0..<n {
      var own = setting.generator("differencing").fork("update", UInt64(client))
      let update = Vector(own.normals(setting.dimension))
      let drift = Vector(own.normals(setting.dimension))
      first.append(try encoding.encode(update, using: &own))
      guard client > 0, change > 0 else {
        second.append(first[client])
        continue
      }
      second.append(
        try encoding.encode(
          change.isInfinite ? drift : update + Float(change) * drift, using: &own))
    }
    let all = Array(0..<n)
    var difference = try sum(setting, all, of: first, round: 1)
    try difference.subtract(try sum(setting, Array(all.dropFirst()), of: second, round: 2))
    let cosine = Self.cosine(difference, first[0], encoding)
    // Updates have unit variance: a change of all is one of 2 by variance.
    let variance = change.isInfinite ? 2 : change * change
    let theory = 1 / (1 + Double(n - 1) * variance).squareRoot()
    let isExact = difference == first[0]
    return ProtocolFinding(
      attack: Self.card.name,
      variant: change == 0
        ? "others send the same"
        : change.isInfinite
          ? "others send something new" : "others change by \(Int(100 * change))%",
      adversary: Self.adversary, metric: "cosine with x_v", value: cosine,
      control: 1 / Double(n).squareRoot(), succeeded: cosine >= Self.told,
      expected: theory >= Self.told ? .succeeds : .fails,
      evidence: isExact
        ? "x_v, every bit" : "theory says a cosine of \((theory * 1e4).rounded() / 1e4)")
  }

  private static let adversary = "server that chooses cohorts and follows the protocol"

  /// Between a difference of sums, of codes around the middle, and an update.
  private static func cosine(
    _ estimate: RingVector, _ truth: RingVector, _ encoding: FixedPointEncoding
  ) -> Double {
    let a = centered(estimate, encoding)
    let b = centered(truth, encoding)
    return a.dot(b) / (a.norm * b.norm)
  }

  private static func centered(_ vector: RingVector, _ encoding: FixedPointEncoding) -> Vector {
    let count = vector.count - 1
    // The last element says of how many clients it is the codes.
    let modulus = Int64(vector.ring.modulus)
    let offset = Int64(vector[count]) * Int64(encoding.largestCode / 2) % modulus
    return Vector(
      (0..<count).map { index in
        let value = (Int64(vector[index]) - offset + modulus) % modulus
        return Float(value < modulus / 2 ? value : value - modulus)
      })
  }

  /// What a policy makes of the two cohorts.
  private func oneLess(_ setting: ProtocolAttackSetting) throws -> ProtocolFinding {
    let all = Array(0..<setting.clients)
    let updates = try setting.updates()
    var policy = try CohortPolicy(.minimumDifference(2), clients: setting.clients)
    let known = try sums(setting, [all, Array(all.dropFirst())], updates, under: &policy)
    var estimate = known.sums[0]
    if known.sums.count == 2 { try estimate.subtract(known.sums[1]) }
    return try told(
      setting, "2 cohorts, minimum difference 2", estimate, updates[0], .fails, known.refusal)
  }

  /// {v} ∪ A, {v} ∪ B and A ∪ B: the first two less the third are twice v's update.
  private func threeCohorts(_ setting: ProtocolAttackSetting) throws -> ProtocolFinding {
    let half = (setting.clients - 1) / 2
    let a = Array(1...half)
    let b = Array(half + 1...2 * half)
    let updates = try setting.updates()
    var policy = try CohortPolicy(.minimumDifference(half + 1), clients: setting.clients)
    let known = try sums(setting, [[0] + a, [0] + b, a + b], updates, under: &policy)
    var estimate = known.sums[0]
    if known.sums.count == 3 {
      // Sums do not wrap around, nor does twice a code.
      try estimate.add(known.sums[1])
      try estimate.subtract(known.sums[2])
      estimate = RingVector(estimate.elements.map { $0 / 2 }, in: estimate.ring)
    }
    return try told(
      setting, "3 cohorts, minimum difference \(half + 1)", estimate, updates[0], .succeeds,
      known.refusal)
  }

  /// Two batches: the best the server is allowed is the sum of the victim's.
  private func batches(_ setting: ProtocolAttackSetting) throws -> ProtocolFinding {
    let n = setting.clients
    let all = Array(0..<n)
    let batches = [Array(all.prefix(n / 2)), Array(all.dropFirst(n / 2))]
    let updates = try setting.updates()
    var policy = try CohortPolicy(.batches(batches), clients: n)
    let one = try sums(setting, [all, Array(all.dropFirst())], updates, under: &policy)
    let known = try sums(
      setting, [all, all.filter { !batches[0].contains($0) }], updates, under: &policy)
    var estimate = known.sums[0]
    if known.sums.count == 2 { try estimate.subtract(known.sums[1]) }
    return try told(
      setting, "fixed batches of \(n / 2)", estimate, updates[0], .fails, one.refusal)
  }

  /// The sums that a policy allows, and why it refused one.
  private func sums(
    _ setting: ProtocolAttackSetting, _ cohorts: [[Int]], _ updates: [RingVector],
    under policy: inout CohortPolicy
  ) throws -> (sums: [RingVector], refusal: CohortRefusal?) {
    var sums: [RingVector] = []
    for (index, cohort) in cohorts.enumerated() {
      do throws(CohortRefusal) { try policy.admit(cohort) } catch { return (sums, error) }
      sums.append(try sum(setting, cohort, of: updates, round: UInt64(index) + 1))
    }
    return (sums, nil)
  }

  private func told(
    _ setting: ProtocolAttackSetting, _ variant: String, _ estimate: RingVector,
    _ truth: RingVector, _ expected: ProtocolFinding.Verdict, _ refusal: CohortRefusal?
  ) throws -> ProtocolFinding {
    let cosine = Self.cosine(estimate, truth, try setting.encoding())
    return ProtocolFinding(
      attack: Self.card.name, variant: variant, adversary: Self.adversary,
      metric: "cosine with x_v", value: cosine, control: 1 / Double(setting.clients).squareRoot(),
      succeeded: cosine >= Self.told, expected: expected,
      evidence: refusal.map { "refused: \($0)" }
        ?? (estimate == truth ? "x_v, every bit; others sent the same" : "every cohort admitted"))
  }
}
