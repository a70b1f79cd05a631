public import SecureAggregation

/// How a server lies about a sum that it has computed.
public enum Tampering: Sendable, Hashable {
  /// One more in the first coordinate.
  case wrongSum
  /// The first coordinate and the next one that differs, swapped.
  case swappedCoordinates
  /// The last survivor is said to have dropped out.
  case droppedUser
  /// The sum of another session, with the randomness that opened it there.
  case replayedAggregate(RingVector)

  /// What it announces.
  struct Lie {
    var survivors: [Int]
    var sum: RingVector

    /// The truth where nobody tampers.
    init(of outcome: AggregationOutcome, length: Int, by tampering: Tampering?) {
      (survivors, sum) = (outcome.contributors, outcome.sum)
      switch tampering {
      case nil: break
      case .wrongSum: sum[0] = sum[0] &+ 1
      case .swappedCoordinates:
        if let other = (1..<max(1, length)).first(where: { sum[$0] != sum[0] }) {
          (sum[0], sum[other]) = (sum[other], sum[0])
        }
      case .droppedUser: survivors.removeLast()
      case .replayedAggregate(let earlier): sum = earlier
      }
    }
  }
}
