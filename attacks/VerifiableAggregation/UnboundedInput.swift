public import Components
internal import Randomness
internal import SecureAggregation
internal import Tensors

/// A client that puts any number of the ring where a clipped code should be, and proves it (A14).
///
///     Σ codes + e,   e free in the ring,   with a proof of e
///
/// To verify a sum is to verify that the server added what clients sent, whatever that was. No way
/// to verify that is built here bounds one client's vector: that takes proofs about inputs, such as
/// those of RoFL or EIFFeL. What costs nothing is the range that the encoding allows the sum: at
/// most the number of clients times the largest code, at most as much weight as all may have. It
/// stops sums that no honest clients have, such as a weight too much, and no other. A median of
/// group sums, which bounds the effect, is a cell of `rampart secagg attack overflow-poisoning`.
///
/// Source: Lycklama et al. 2023, *RoFL* (S&P 2023); Roy Chowdhury et al. 2022, *EIFFeL* (CCS 2022).
public struct UnboundedInput: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "unbounded-input",
    summary: "One client proves a huge vector as well as a clipped one, and the mean moves.",
    formula: "Σ codes + e with e free in the ring",
    citation: "Lycklama et al. 2023; Roy Chowdhury et al. 2022")

  /// Where the mean is to go, in units of the clipping bound.
  private static let goal = 0.5
  /// A mean that moves so far counts as moved.
  private static let moved = 0.4

  /// The attack.
  public init() {}

  /// Two cells for each way to verify: within the range of sums, and with a weight beyond it.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    try verifiedModes.flatMap { mode in
      [try cell(mode, weight: 1, setting), try cell(mode, weight: 2, setting)]
    }
  }

  private func cell<Mode: VerifiedMode>(
    _ mode: Mode.Type, weight: UInt64, _ setting: ProtocolAttackSetting
  ) throws -> ProtocolFinding {
    let encoding = try setting.encoding()
    var inputs = try setting.updates()
    let honest = try encoding.decode(encoding.sum(inputs)).mean
    let middle = Double(encoding.largestCode / 2)
    let value = UInt64(middle * (1 + Self.goal * Double(setting.clients)))
    inputs[setting.clients - 1] = RingVector(
      [UInt64](repeating: value, count: setting.dimension) + [weight], in: encoding.ring)
    let round = try mode.round(1, label: 1, inputs: inputs, setting)
    var displacement = 0.0
    var evidence: String
    if let refusal = round.refusal(of: round.claim) {
      evidence = refusal
    } else {
      do throws(EncodingError) {
        let mean = try encoding.decode(round.claim.sum).mean
        displacement =
          zip(mean, honest).reduce(0) { $0 + $1.0 - $1.1 } / Double(mean.count) / encoding.clip
        evidence = "honest clients accept the sum; it is within the range of sums"
      } catch {
        evidence = "the sum is verified and refused for its range: \(error)"
      }
    }
    return ProtocolFinding(
      attack: Self.card.name,
      variant: Mode.name + (weight > 1 ? ", twice the weight" : ", within the range"),
      adversary: "client that does not clip", metric: "mean moved, in clips", value: displacement,
      control: 1 / Double(setting.clients), succeeded: displacement >= Self.moved,
      expected: weight > 1 ? .fails : Mode.theory.verdict(.boundsInputs), evidence: evidence)
  }
}
