internal import BigIntegers
public import Components
internal import CryptoCore
public import Federation
internal import Paillier
public import Randomness
internal import Tensors

/// Addition under Paillier's encryption with a key that nobody has: a threshold of parties decrypt
/// together.
///
///     c_i = Enc(w_i · code(x_i)),   Σ = combine(partial decryptions of Π c_i by t of l parties)
///
/// As `paillier`, but a dealer has given each of `parties` parties a share of the key and forgotten the
/// key. The server sends the encrypted sum to all of them; `threshold` of them answer with partial
/// decryptions and proofs, which it checks and combines. Fewer than the threshold that collude with the
/// server learn nothing but the sum.
///
/// The key is dealt once for each run, before its rounds, which takes a long search for two safe primes;
/// the books do not count that.
///
/// Complexity: d / slots encryptions a client, and as many partial decryptions a party.
///
/// Source: Damgård, Jurik 2001, *A Generalisation, a Simplification and Some Applications of Paillier's
/// Probabilistic Public-Key System*, section 4; Fouque, Poupard, Stern 2000, *Sharing Decryption in the
/// Context of Voting or Lotteries*.
public struct ThresholdPaillier: Transport {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Coordinates are clipped to -clip...clip.
    public var clip = 8.0
    /// Bits of a coordinate.
    public var bits = 16
    /// The largest weight.
    public var maxWeight = 4096
    /// Bits of the modulus.
    public var keyBits = 2048
    /// Whether moduli that can be factored are allowed.
    public var insecure = false
    /// How many parties have shares of the key.
    public var parties = 5
    /// How many of them decrypt.
    public var threshold = 3
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "threshold-paillier",
    summary:
      "Updates are added under a key that nobody has; a threshold of parties decrypt the sum.",
    formula: "Π Enc(w_i code(x_i)) = Enc(Σ w_i code(x_i)) mod n², opened by t of l parties",
    citation: "Damgård, Jurik 2001, section 4",
    parameters: [
      .init("clip", "coordinates are clipped to -clip...clip", range: "above 0"),
      .init("bits", "bits of a coordinate", range: "2 to 32"),
      .init("max-weight", "the largest weight, a whole number", range: "1 or more"),
      .init("key-bits", "bits of the modulus", range: "2048 or more, by 64"),
      .init("insecure", "allow a modulus that can be factored", range: "true or false"),
      .init("parties", "how many parties have shares of the key", range: "1 to 128"),
      .init("threshold", "how many of them decrypt", range: "1 to parties"),
    ])

  /// Three of five parties, 2048 bits.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters
  private let holder = RunKey<ThresholdKeys>()

  /// Encryption with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    EncryptedUpdates.check(
      clip: parameters.clip, bits: parameters.bits, maxWeight: parameters.maxWeight,
      keyBits: parameters.keyBits, step: 64, isInsecure: parameters.insecure, &check)
    check(
      "parties", ThresholdPublicKey.partyCounts ~= parameters.parties, "must be in 1...128",
      got: parameters.parties)
    check(
      "threshold", 1 <= parameters.threshold && parameters.threshold <= parameters.parties,
      "must be in 1...\(parameters.parties)", got: parameters.threshold)
    try check.finish()
    self.parameters = parameters
  }

  private var updates: EncryptedUpdates {
    EncryptedUpdates(
      name: cardName, clip: parameters.clip, bits: parameters.bits,
      maxWeight: parameters.maxWeight)
  }

  /// The sum.
  public var reveals: Set<Capability> { [.sum, .globalModel] }

  /// Two: the sum of one is its update.
  public var minimumClients: Int { 2 }

  /// The distance of two codes.
  public var resolution: Double { updates.resolution }

  /// One item.
  ///
  /// - Throws: ``EncodingError``, `PaillierError` or `ThresholdError` for parameters that do not fit
  ///   together or a lack of randomness.
  public func deliver(_ uploads: Uploads, using generator: inout Generator) throws -> Delivery {
    try updates.deliver(uploads, using: &generator) {
      let keys = try holder.key {
        try ThresholdKeys(
          bits: parameters.keyBits, parties: parameters.parties, threshold: parameters.threshold,
          allowsInsecureSize: parameters.insecure)
      }
      return (keys.publicKey.key, { sum, books in try open(sum, keys, uploads.workers, &books) })
    }
  }

  /// Residues of an encrypted sum from partial decryptions of the first parties that answer, side by
  /// side.
  private func open(
    _ sum: EncryptedUpdates.Sum, _ keys: ThresholdKeys, _ workers: Int, _ books: inout Delivery
  ) throws -> [BigInteger] {
    let session = SHA256.hash(sum.ciphertexts.flatMap(\.bytes)).bytes
    let size = sum.ciphertexts.count * keys.publicKey.key.ciphertextByteCount
    let given = try WorkerPool.map(parameters.threshold, workers: workers) { party, _ in
      let began = ProcessorTime.ofThread()
      let partial = try keys.shares[party].partialDecryption(
        of: sum.ciphertexts, session: session)
      return (partial, ProcessorTime.ofThread() - began)
    }
    let partials = given.map(\.0)
    let began = ProcessorTime.ofThread()
    let found = try keys.publicKey.combine(partials, of: sum.ciphertexts, session: session)
    books.costs.add([
      RoundCost(
        round: "encrypted sum", role: .server, messages: parameters.parties,
        bytes: parameters.parties * size),
      RoundCost(
        round: "partial decryptions", role: .client, messages: partials.count,
        bytes: partials.reduce(0) { $0 + $1.bytes.count },
        cpuSeconds: given.reduce(0) { $0 + $1.1 }),
      RoundCost(
        round: "partial decryptions", role: .server,
        cpuSeconds: ProcessorTime.ofThread() - began),
    ])
    return found.messages
  }
}
