internal import CryptoCore
internal import SecretSharing
internal import SecureAggregation

/// Shares of a client's two secrets, by the number of the client that held them.
struct SecretShares {
  var maskKey: [Int: SecretBytes] = [:]
  var selfMask: [Int: SecretBytes] = [:]

  /// Both shares of one holder.
  mutating func add(_ pair: SharePair, from holder: Int) {
    maskKey[holder] = pair.maskKey
    selfMask[holder] = pair.selfMask
  }
}

extension DishonestServer {
  /// The shares of a client's secrets that were opened to the server, and those that colluders were
  /// given.
  func gathered(of victim: Int, colluders: [Insider] = []) -> SecretShares {
    var found = opened[victim] ?? SecretShares()
    for insider in colluders where insider.id != victim {
      guard let keys = advertisements[victim]?.keys,
        let ciphertext = ciphertexts[victim]?[insider.id],
        let pair = insider.shares(from: victim, keys: keys, ciphertext)
      else { continue }
      found.add(pair, from: insider.id)
    }
    return found
  }

  /// The secret that shares give. With fewer than the threshold it is the value at zero of the
  /// polynomial of least degree through them: as good a guess as any.
  func rebuilt(_ shares: [Int: SecretBytes]) -> SecretBytes {
    let holders = shares.keys.sorted().prefix(session.threshold)
    let values = holders.compactMap { shares[$0] }
    guard
      let interpolation = try? Shamir.Interpolation(
        points: holders.map { session.point(of: $0) }, threshold: max(1, holders.count)),
      let secret = try? interpolation.reconstruct(values, check: { _ in true })
    else { return SecretBytes(copying: [UInt8](repeating: 0, count: 32)) }
    return secret
  }

  /// A client's masked input without the masks that follow from its two secrets: its input, if they
  /// are right.
  func stripped(
    _ victim: Int, selfSecret: SecretBytes, maskSecret: SecretBytes, modelDigest: [UInt8] = []
  ) -> RingVector? {
    let schedule = KeySchedule(session, modelDigest: modelDigest)
    let key = schedule.maskKey(of: victim, from: maskSecret)
    guard var input = withoutSelfMask(victim, secret: selfSecret, modelDigest: modelDigest) else {
      return nil
    }
    input.addMasks(
      (delivered[victim] ?? []).compactMap { other in
        pairMask(victim, other, agreed: { try? key.sharedSecret(with: $0) }, schedule)
      })
    return input
  }

  /// A client's masked input without the mask of its own.
  func withoutSelfMask(
    _ victim: Int, secret: SecretBytes, modelDigest: [UInt8] = []
  ) -> RingVector? {
    guard var input = masked[victim] else { return nil }
    let schedule = KeySchedule(session, modelDigest: modelDigest)
    input.addMasks([MaskTerm(schedule.selfMask(of: victim, from: secret), .minus)])
    return input
  }

  /// The mask between a client and a colluder, to be taken off the client's input.
  func pairMask(_ victim: Int, with insider: Insider) -> MaskTerm? {
    guard let own = advertisements[victim]?.keys.maskKey else { return nil }
    return pairMask(
      victim, insider.id, agreed: { _ in try? insider.maskKey.sharedSecret(with: own) },
      KeySchedule(session, modelDigest: []))
  }

  private func pairMask(
    _ victim: Int, _ other: Int, agreed: (X25519.PublicKey) -> SecretBytes?,
    _ schedule: KeySchedule
  ) -> MaskTerm? {
    guard let own = advertisements[victim]?.keys.maskKey,
      let theirs = shown[victim]?[other]?.maskKey, let agreed = agreed(theirs)
    else { return nil }
    let seed = schedule.pairMask((victim, own), (other, theirs), agreed: agreed)
    return MaskTerm(seed, KeySchedule.sign(of: victim, with: other) == .plus ? .minus : .plus)
  }

  /// The best guess at a client's input from these shares.
  func guess(_ victim: Int, from shares: SecretShares) -> RingVector {
    stripped(
      victim, selfSecret: rebuilt(shares.selfMask), maskSecret: rebuilt(shares.maskKey))
      ?? RingVector(zeros: session.dimension, in: session.ring)
  }

  /// Why clients stopped: the reason of the first by number, and how many others did.
  var reasons: String {
    guard let first = refusals.keys.min(), let error = refusals[first] else {
      return "no client refused"
    }
    let others = refusals.count - 1
    return "client \(first): \(error.named)" + (others > 0 ? "; and \(others) more refuse" : "")
  }
}

extension MaskingError {
  /// The reason as code names it, and in words.
  var named: String {
    switch self {
    case .aborted(let reason): Self.named(reason)
    case .refused(let reason): Self.named(reason)
    case .randomness(let failure): "\(failure)"
    }
  }

  private static func named(_ reason: some Error & CustomStringConvertible) -> String {
    guard let name = Mirror(reflecting: reason).children.first?.label else { return "\(reason)" }
    return "\(name): \(reason)"
  }
}
