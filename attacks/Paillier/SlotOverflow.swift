internal import BigIntegers
public import Components
internal import CryptoCore
internal import Paillier

/// Sums of packed numbers that grow out of their slots, by accident or on purpose.
///
///     slots of b bits:  code_1 + code_2 >= 2^b carries one into the neighbour
///
/// Without bits above the codes a carry changes the neighbour and nobody can tell: the result is a
/// sum that other codes would have given. With them a sum of as many vectors as are claimed cannot
/// carry, more are refused, and what a liar puts above is seen after decryption. What is left to a
/// liar is its own slot, up to what all clients together may have, for the sum hides who that was;
/// and a wrong count, where the slots have room, shifts every sum.
///
/// The replica packs codes plus 2^(b - 1) as this library does, but into slots of b bits.
///
/// Source: Zhang et al. 2020, *BatchCrypt* (USENIX ATC), section 4.2, on what its padding is for.
public struct SlotOverflow: PaillierAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "slot-overflow",
    summary: "Packed sums carry into the neighbouring slot, unless slots have guard bits.",
    formula: "code + code >= 2^b changes the slot above",
    citation: "Zhang et al. 2020, section 4.2")

  private static let bits = 8
  private static let clients = 4

  /// The attack.
  public init() {}

  /// Slots without guard bits, and with them: honest sums, sums of too many, and liars.
  public func run(_ setting: PaillierAttackSetting) throws -> [ProtocolFinding] {
    let keys = try setting.keys("overflow key")
    var source = setting.secrets("overflow")
    let packing = try PackedEncoding(
      bits: Self.bits, clients: Self.clients, key: keys.publicKey)
    let trial = Trial(keys: keys, packing: packing)
    // The largest codes: every sum of two carries in slots of 8 bits.
    let most = packing.codes.upperBound
    let vector = [most, 5, most, -3]
    let honest = [[Int]](repeating: vector, count: Self.clients)
    // Beside three zeros, the largest sum of four, and one more.
    let zeros = [[Int]](repeating: [0, 0, 0, 0], count: Self.clients - 1)
    let room = Self.clients * ((1 << Self.bits) - 1) - ((Self.clients - 1) << (Self.bits - 1))
    return [
      try trial.replica(honest, &source),
      try trial.sum(honest, "guard bits, \(Self.clients) clients", .fails, &source),
      try trial.sum(
        honest + [vector], "guard bits, \(Self.clients + 1) clients", .fails, &source),
      try trial.uncounted(
        honest + [vector], "guard bits, \(Self.clients + 1) large said to be \(Self.clients)",
        .fails, &source),
      try trial.uncounted(
        [[Int]](repeating: [0, 5, 1, -3], count: Self.clients + 1),
        "guard bits, \(Self.clients + 1) small said to be \(Self.clients)", .succeeds, &source),
      try trial.liar(zeros, slot: room + 1, "guard bits, a slot beyond any sum", .fails, &source),
      try trial.liar(
        zeros, slot: room, "guard bits, a slot as large as the sum of all", .succeeds, &source),
    ]
  }

  /// Sums, their decryptions, and what was noticed.
  private struct Trial {
    let keys: PaillierKeyPair
    let packing: PackedEncoding

    /// Codes in slots without guard bits, summed and unpacked as if nothing could carry.
    func replica(
      _ vectors: [[Int]], _ source: inout some SecretSource
    ) throws -> ProtocolFinding {
      let key = keys.publicKey
      let offset = 1 << (bits - 1)
      var sum = try RawCiphertext(unhidden: 0, key: key)
      for vector in vectors {
        let message = vector.reversed().reduce(BigInteger(0)) {
          ($0 << bits) + BigInteger($1 + offset)
        }
        sum = try sum.adding(try key.encrypt(residue: message, using: &source))
      }
      let message = try keys.privateKey.decrypt(residueOf: sum)
      let mask = BigInteger(1) << bits
      let read = (0..<vectors[0].count).map { slot in
        (Int(exactly: (message >> (bits * slot)) % mask) ?? 0) - offset * vectors.count
      }
      return finding("no guard bits, 2 clients and more", read, of: vectors, .succeeds, "unpacked")
    }

    /// The library's sum.
    func sum(
      _ vectors: [[Int]], _ variant: String, _ expected: ProtocolFinding.Verdict,
      _ source: inout some SecretSource
    ) throws -> ProtocolFinding {
      var read: [Int]?
      var evidence = "decrypted"
      do throws(PaillierError) {
        var total = try packing.encrypt([0, 0, 0, 0], using: &source) * 0
        for vector in vectors { total = try total + packing.encrypt(vector, using: &source) }
        read = try packing.decrypt(total, with: keys.privateKey)
      } catch { evidence = "refused: \(error)" }
      return finding(variant, read, of: vectors, expected, evidence)
    }

    /// More vectors than the sum is said to have.
    func uncounted(
      _ vectors: [[Int]], _ variant: String, _ expected: ProtocolFinding.Verdict,
      _ source: inout some SecretSource
    ) throws -> ProtocolFinding {
      var messages: [BigInteger] = []
      for vector in vectors { messages += try packing.encode(vector) }
      return try added(messages, variant, vectors, expected, &source)
    }

    /// A client whose first slot holds any number.
    func liar(
      _ vectors: [[Int]], slot: Int, _ variant: String, _ expected: ProtocolFinding.Verdict,
      _ source: inout some SecretSource
    ) throws -> ProtocolFinding {
      var messages: [BigInteger] = []
      for vector in vectors { messages += try packing.encode(vector) }
      let own = [0] + [Int](repeating: 0, count: vectors[0].count - 1)
      let offset = BigInteger(1 << (bits - 1))
      for message in try packing.encode(own) {
        messages.append(message - offset + BigInteger(slot))
      }
      return try added(messages, variant, vectors + [own], expected, &source)
    }

    /// The sum of messages as they are, decoded as one of `clients` vectors.
    private func added(
      _ messages: [BigInteger], _ variant: String, _ vectors: [[Int]],
      _ expected: ProtocolFinding.Verdict, _ source: inout some SecretSource
    ) throws -> ProtocolFinding {
      let key = keys.publicKey
      var sum = try RawCiphertext(unhidden: 0, key: key)
      for message in messages {
        sum = try sum.adding(try key.encrypt(residue: message, using: &source))
      }
      var read: [Int]?
      var evidence = "decrypted"
      do throws(PaillierError) {
        let vector = try PackedVector(
          packing: packing, count: vectors[0].count, weight: clients, ciphertexts: [sum])
        read = try packing.decrypt(vector, with: keys.privateKey)
      } catch { evidence = "refused: \(error)" }
      return finding(variant, read, of: vectors, expected, evidence)
    }

    /// Succeeds if a wrong sum is taken for right.
    private func finding(
      _ variant: String, _ read: [Int]?, of vectors: [[Int]],
      _ expected: ProtocolFinding.Verdict, _ evidence: String
    ) -> ProtocolFinding {
      let truth = vectors[0].indices.map { slot in vectors.reduce(0) { $0 + $1[slot] } }
      let wrong = read.map { zip($0, truth).count { $0 != $1 } } ?? 0
      return ProtocolFinding(
        attack: card.name, variant: variant, adversary: "too many clients, or one that lies",
        metric: "wrong sums taken", value: Double(wrong) / Double(truth.count), control: 0,
        succeeded: wrong > 0, expected: expected,
        evidence: read.map { "\(evidence): \($0) for \(truth)" } ?? evidence)
    }
  }
}
