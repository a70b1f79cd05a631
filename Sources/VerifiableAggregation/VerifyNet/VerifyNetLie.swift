internal import SecureAggregation

extension VerifyNetServer {
  /// What the server announces of a sum if it tampers so, with the proofs that suit the lie best
  /// of those it has: coordinates are swapped with their proofs, a client is left out of the proofs
  /// too, and an earlier announcement is repeated with its own.
  ///
  /// - Parameter earlier: What was announced in another session, for `replayedAggregate`.
  /// - Throws: `ProofRefusal` with `.missing`, naming the first contributor without a proof.
  func claim(
    of outcome: AggregationOutcome, by tamper: Tamper, earlier: VerifyNetAnnouncement?
  ) throws(ProofRefusal) -> VerifyNetAnnouncement {
    let contributors =
      tamper == .droppedUser ? outcome.contributors.dropLast() : outcome.contributors
    var claim = try claim(of: outcome.sum, contributors: contributors)
    switch tamper {
    case .none, .droppedUser: break
    case .wrongSum: claim.sum[0] = (claim.sum[0] &+ 1) & claim.sum.ring.mask
    case .swappedCoordinates:
      let sum = claim.sum
      // The last element is the weight.
      if let other = (1..<max(1, sum.count - 1)).first(where: { sum[$0] != sum[0] }) {
        claim.swap(0, other)
      }
    case .replayedAggregate: if let earlier { claim = earlier }
    }
    return claim
  }
}

extension VerifyNetAnnouncement {
  /// Swaps two coordinates, and their proofs where they have proofs of their own.
  mutating func swap(_ first: Int, _ second: Int) {
    (sum[first], sum[second]) = (sum[second], sum[first])
    guard proof.count > 1 else { return }
    proof.a.swapAt(first, second)
    proof.b.swapAt(first, second)
    proof.l.swapAt(first, second)
    proof.q.swapAt(first, second)
  }
}
