public import Components
internal import SecureAggregation

/// A server that reads clients' vectors out of their proofs (W1).
///
///     g^δ = (A_j / A_k)^(1 / (σ_j - σ_k)),   then x from A_nj / g^ρ = (g^δ)^x
///
/// The server knows the sums σ, and the hash of a coordinate is a fixed function of a small number:
/// a table of a few thousand powers, the same for all users and coordinates, gives all of them
/// back. Labels in the masks do not help, since A has no mask. A hash of the whole vector with a
/// fresh term has nothing to divide, and single coordinates cannot be told from it: then the server
/// reads the masked vectors as well as it can.
///
/// Source: found here, by algebra on the reconstruction; Hahn et al., *VerSA* (IEEE TDSC 2023),
/// report recovery of most local models from VerifyNet.
public struct ProofRecovery: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "proof-recovery",
    summary: "The server alone reads every client's vector out of its proof.",
    formula: "g^δ = (A_j / A_k)^(1 / (σ_j - σ_k))",
    citation: "Hahn et al. 2023 on VerifyNet; the algebra is this library's")

  /// The attack.
  public init() {}

  /// One cell for each way to verify.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    try verifiedModes.map { try cell($0, setting) }
  }

  private func cell<Mode: VerifiedMode>(
    _ mode: Mode.Type, _ setting: ProtocolAttackSetting
  ) throws -> ProtocolFinding {
    let inputs = try setting.updates()
    let round = try mode.round(1, label: 1, inputs: inputs, setting)
    // Codes, and the weight 1.
    let bound = try setting.encoding().largestCode + 1
    let masked = try setting.readFromMasks(inputs)
    var right = 0
    var source = "found by baby and giant steps"
    for (client, input) in inputs.enumerated() {
      var found = masked[client].elements
      if let recovered = try round.recovered(client, below: bound) {
        found = recovered
      } else {
        source = "read from masked vectors, since proofs give nothing to divide"
      }
      right += zip(found, input.elements).count { $0 == $1 }
    }
    let total = inputs.reduce(0) { $0 + $1.count }
    let value = Double(right) / Double(total)
    return ProtocolFinding(
      attack: Self.card.name, variant: Mode.name, adversary: "server that follows the protocol",
      metric: "fraction of all x", value: value, control: 1 / Double(bound),
      succeeded: right == total, expected: Mode.theory.verdict(.hidesCoordinates),
      evidence: "\(right) of \(total) elements of \(inputs.count) vectors \(source)")
  }
}
