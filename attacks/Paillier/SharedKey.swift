internal import BigIntegers
public import Components
internal import Paillier
internal import Randomness

/// A curious server, and clients that tell it all they know, against everybody's ciphertexts.
///
///     one key for all clients:   one insider opens every update
///     t of l parties:            c < t insiders open nothing, c >= t everything
///
/// Where all clients hold the key that opens the sum, it opens each update as well, and the server
/// has these. With a threshold key the insiders' shares are combined as if there were enough of
/// them, and honest parties' proven parts of the sum are tried on single updates.
///
/// Source: Damgard, Jurik, PKC 2001, section 4.1; one key for all clients: FATE's and NVFlare's
/// provisioning.
public struct SharedKey: PaillierAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "shared-key",
    summary: "The server reads single updates with what insiders know of the key.",
    formula: "one key: 1 insider opens all; threshold: c >= t do",
    citation: "Damgard, Jurik 2001, section 4.1")

  private static let parties = 5
  private static let threshold = 3

  /// The attack.
  public init() {}

  /// One key for all, fewer insiders than the threshold, as many, and parts of a sum replayed.
  public func run(_ setting: PaillierAttackSetting) throws -> [ProtocolFinding] {
    [try shared(setting)] + (try threshold(setting))
  }

  private func shared(_ setting: PaillierAttackSetting) throws -> ProtocolFinding {
    let keys = try setting.keys("shared key")
    var source = setting.secrets("shared")
    let updates = setting.messages("shared updates", count: Self.parties)
    var ciphertexts: [Ciphertext] = []
    for update in updates {
      ciphertexts.append(try keys.publicKey.encrypt(residue: update, using: &source))
    }
    let read = try ciphertexts.map { try keys.privateKey.decrypt(residueOf: $0) }
    return finding(
      "one key for \(Self.parties) clients, 1 insider", updates, read, .succeeds,
      "the key that opens sums opens updates")
  }

  private func threshold(_ setting: PaillierAttackSetting) throws -> [ProtocolFinding] {
    var source = setting.secrets("threshold")
    // Safe primes of full size take long to find, and their size is not what is tried here.
    let keys = try ThresholdKeys(
      bits: min(setting.bits, 512), parties: Self.parties, threshold: Self.threshold,
      allowsInsecureSize: true, using: &source)
    let key = keys.publicKey
    let updates = setting.messages("threshold updates", count: Self.parties)
    var ciphertexts: [Ciphertext] = []
    for update in updates {
      ciphertexts.append(try key.key.encrypt(residue: update, using: &source))
    }
    var total = try RawCiphertext(unhidden: 0, key: key.key)
    for ciphertext in ciphertexts { total = try total.adding(ciphertext) }
    let sum = [try total.rerandomised(using: &source)]
    let session = Array("the sum".utf8)

    var findings: [ProtocolFinding] = []
    for count in 1...Self.parties {
      var parts: [PartialDecryption] = []
      for share in keys.shares.suffix(count) {
        parts.append(
          try share.partialDecryption(of: ciphertexts, session: session, using: &source))
      }
      let read = opened(parts, key)
      let refusal = reason { try key.combine(parts, of: ciphertexts, session: session) }
      findings.append(
        finding(
          "\(Self.threshold) of \(Self.parties) parties, \(count) insider\(count > 1 ? "s" : "")",
          updates, read, count < Self.threshold ? .fails : .succeeds, refusal ?? "combined"))
    }
    // Two insiders give parts of the single updates, the others have opened the sum.
    var read: [BigInteger?] = []
    var refusals = Set<String>()
    for ciphertext in ciphertexts {
      var parts: [PartialDecryption] = []
      for share in keys.shares {
        let isInsider = share.party < Self.threshold
        parts.append(
          try share.partialDecryption(
            of: isInsider ? [ciphertext] : sum, session: session, using: &source))
      }
      read.append(opened(Array(parts.prefix(Self.threshold)), key).first ?? nil)
      if let refusal = reason({ try key.combine(parts, of: [ciphertext], session: session) }) {
        refusals.insert(refusal)
      }
    }
    findings.append(
      finding(
        "\(Self.threshold - 1) insiders, others' parts of the sum", updates, read, .fails,
        refusals.sorted().joined(separator: "; ")))
    return findings
  }

  /// Messages by the formula for as many parties as there are, whatever the threshold.
  private func opened(_ parts: [PartialDecryption], _ key: ThresholdPublicKey) -> [BigInteger?] {
    let n = key.key.n
    let square = n * n
    let delta = (1...key.parties).reduce(1) { $0 * BigInteger($1) }
    let weights = ThresholdPublicKey.weights(of: parts.map(\.party), delta: delta)
    guard let scale = (4 * delta * delta).inverse(modulo: n) else { return [] }
    return (0..<parts[0].count).map { index in
      var product: BigInteger = 1
      for (part, weight) in zip(parts, weights) {
        let base = weight.signum() < 0 ? part.numbers[index].inverse(modulo: square) : nil
        let power = (base ?? part.numbers[index]).power(2 * weight.magnitude, modulo: square)
        product = product * power % square
      }
      return (product - 1) / n * scale % n
    }
  }

  private func reason<Result>(_ body: () throws -> Result) -> String? {
    do {
      _ = try body()
      return nil
    } catch { return "\(error)" }
  }

  private func finding(
    _ variant: String, _ updates: [BigInteger], _ read: [BigInteger?],
    _ expected: ProtocolFinding.Verdict, _ evidence: String
  ) -> ProtocolFinding {
    let value = fraction(of: updates, in: read)
    return ProtocolFinding(
      attack: Self.card.name, variant: variant, adversary: "curious server with insiders",
      metric: "fraction of updates", value: value, control: guessedCode, succeeded: value == 1,
      expected: expected, evidence: evidence)
  }
}
