internal import SecureAggregation

/// Double masking alone: clients believe what the server announces. The control of the sheet.
enum UnverifiedMode: VerifiedMode {
  static let name = "double-masking"
  static let theory: VerificationTheory = [.hidesCoordinates, .hidesVectors]

  static func round(
    _ number: UInt64, label: UInt64, inputs: [RingVector], _ setting: ProtocolAttackSetting
  ) throws -> Round {
    let outcome = try setting.maskedSum(setting.verifiedSession(number), inputs)
    return Round(
      claim: SumClaim(sum: outcome.sum, contributors: outcome.contributors, proof: .none))
  }

  struct Round: VerifiedRound {
    enum Proof: Sendable { case none }

    let claim: SumClaim<Proof>

    func refusal(of claim: SumClaim<Proof>) -> String? { nil }
    func recovered(_ client: Int, below bound: UInt64) -> [UInt64]? { nil }
    func fitting(_ candidates: [RingVector], client: Int) -> [Int] { [] }

    func forged(adding step: UInt64, at place: Int) -> SumClaim<Proof> {
      claim(of: sum(adding: step, at: place))
    }

    func forgedWithInsider(adding step: UInt64, at place: Int) -> SumClaim<Proof> {
      forged(adding: step, at: place)
    }

    func permuted(_ first: Int, _ second: Int) -> SumClaim<Proof> {
      claim(of: permutedSum(first, second))
    }
  }
}
