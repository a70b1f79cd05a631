internal import CryptoCore
internal import SecretSharing

/// What a double-masked aggregation came to.
public struct AggregationOutcome: Sendable, Hashable {
  /// The sum of the contributors' vectors, exact.
  public let sum: RingVector
  /// Whose vectors are in it, by number.
  public let contributors: [Int]
  /// Who shared secrets and then dropped out before sending its vector.
  public let dropped: [Int]
  /// Who gave shares that are not those it was sent, as far as that was seen: the others' sufficed.
  public let suspects: [Int]
  /// How many masks were taken off, each as long as the vector.
  public let masksRemoved: Int
}

extension MaskingServer {
  /// Rebuilds one secret of each client that shared any, and takes its masks off the sum.
  ///
  /// Of a survivor that is its self mask. Of one that dropped out it is its mask key, from which follow
  /// the masks that its surviving neighbours have added for it.
  func unmasked(workers: Int) throws(AggregationAbort) -> AggregationOutcome {
    var rebuilder = Rebuilder(threshold: session.threshold)
    var terms: [MaskTerm] = []
    for client in survivors.sorted() {
      guard
        let keys = advertisements[client]?.keys,
        let commitment = SecretCommitment(
          published: keys.commitment, label: schedule.commitmentLabel(of: client))
      else { throw .survivorWithoutShares(client) }
      let secret = try rebuilder.rebuild(client, given(of: client)) { commitment.matches($0) }
      terms.append(MaskTerm(schedule.selfMask(of: client, from: secret), .minus))
    }
    let dropped = shares.keys.filter { !survivors.contains($0) }.sorted()
    for client in dropped {
      let near = session.neighbours(of: client).filter {
        survivors.contains($0) && shares[$0] != nil
      }
      if near.isEmpty { continue }
      guard let keys = advertisements[client]?.keys else { throw .survivorWithoutShares(client) }
      let secret = try rebuilder.rebuild(client, given(of: client)) {
        schedule.maskKey(of: client, from: $0).publicKey == keys.maskKey
      }
      let key = schedule.maskKey(of: client, from: secret)
      for other in near {
        guard let otherKey = advertisements[other]?.keys.maskKey else {
          throw .survivorWithoutShares(other)
        }
        let agreed: SecretBytes
        do { agreed = try key.sharedSecret(with: otherKey) } catch {
          // No survivor could have agreed a mask with such a key.
          continue
        }
        let seed = schedule.pairMask((client, keys.maskKey), (other, otherKey), agreed: agreed)
        terms.append(
          MaskTerm(seed, KeySchedule.sign(of: other, with: client) == .plus ? .minus : .plus))
      }
    }
    var sum = sum
    sum.addMasks(terms, workers: workers)
    return AggregationOutcome(
      sum: sum, contributors: survivors.sorted(), dropped: dropped,
      suspects: rebuilder.suspects.map { Int($0) - 1 }.sorted(), masksRemoved: terms.count)
  }

  /// The shares that came of a client's secret, by point.
  private func given(of owner: Int) -> [(point: UInt32, value: SecretBytes)] {
    openings.keys.sorted().compactMap { sender in
      switch openings[sender]?[owner] {
      case .selfMask(let share), .maskKey(let share): (session.point(of: sender), share)
      case nil: nil
      }
    }
  }
}

/// Rebuilds secrets, with what the same points share done once.
private struct Rebuilder {
  let threshold: Int
  private var known: [[UInt32]: Shamir.Interpolation] = [:]
  private(set) var suspects: Set<UInt32> = []

  init(threshold: Int) { self.threshold = threshold }

  mutating func rebuild(
    _ client: Int, _ shares: [(point: UInt32, value: SecretBytes)],
    check: (SecretBytes) -> Bool
  ) throws(AggregationAbort) -> SecretBytes {
    // A share that is no number of the field is a bad one, whatever the others are.
    var good: [(point: UInt32, value: SecretBytes)] = []
    for share in shares {
      if (try? Shamir.Share(point: share.point, value: share.value)) != nil {
        good.append(share)
      } else {
        suspects.insert(share.point)
      }
    }
    do throws(SharingError) {
      let points = good.map(\.point)
      let interpolation: Shamir.Interpolation
      if let same = known[points] {
        interpolation = same
      } else {
        interpolation = try Shamir.Interpolation(points: points, threshold: threshold)
        known[points] = interpolation
      }
      let recovery = try interpolation.recover(good.map(\.value), check: check)
      suspects.formUnion(recovery.badPoints)
      return recovery.secret
    } catch {
      throw .lostSecret(client: client, error)
    }
  }
}
