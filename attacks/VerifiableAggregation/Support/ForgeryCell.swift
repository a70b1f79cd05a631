internal import SecureAggregation

/// What an attack that makes a client accept a false sum came to.
struct ForgeryCell {
  let attack: String
  let mode: String
  var detail = ""
  let adversary: String
  let expected: ProtocolFinding.Verdict
  /// Coordinates of which the claimed sum is not the true one.
  let changed: Int
  /// Why the client refused, if it did.
  let refusal: String?

  /// The cell: it succeeds if a false sum is accepted.
  var finding: ProtocolFinding {
    let coordinates = changed == 1 ? "1 coordinate" : "\(changed) coordinates"
    return ProtocolFinding(
      attack: attack, variant: mode + (detail.isEmpty ? "" : ", " + detail), adversary: adversary,
      metric: "false coordinates accepted", value: refusal == nil ? Double(changed) : 0, control: 0,
      succeeded: refusal == nil && changed > 0, expected: expected,
      evidence: refusal ?? "an honest client accepts the sum, \(coordinates) of it false")
  }
}

extension RingVector {
  /// How many elements differ.
  func difference(from other: RingVector) -> Int {
    zip(elements, other.elements).count { $0 != $1 }
  }
}

extension ProtocolAttackSetting {
  /// What forgers add to a sum.
  static let forgedStep: UInt64 = 1000

  /// The round in which most attacks take place.
  func standardRound<Mode: VerifiedMode>(_ mode: Mode.Type) throws -> Mode.Round {
    try mode.round(1, label: 1, inputs: updates(), self)
  }
}
