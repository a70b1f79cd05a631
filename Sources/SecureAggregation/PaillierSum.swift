internal import BigIntegers
public import Components
public import Federation
internal import Paillier
public import Randomness
internal import Tensors

/// Addition under Paillier's encryption with one key that all clients share and the server lacks.
///
///     c_i = Enc(w_i · code(x_i)),   Π c_i = Enc(Σ w_i · code(x_i))  mod n²
///
/// Clients encrypt packed codes; the server multiplies ciphertexts, and one client, drawn each round,
/// decrypts the product and tells the server the sum. What travels and what it costs are real. A client
/// that colludes with the server hands it the key, and with it every update of every client: the way
/// homomorphic encryption is deployed in many frameworks. `threshold-paillier` does without such a key.
///
/// Coordinates are clipped to -`clip`...`clip` and rounded at random to `bits` bits; whose update is not
/// finite has nothing to send. The key is made once for each run, before its rounds: the books do not
/// count that.
///
/// Complexity: d / slots encryptions a client, as many decryptions a round.
///
/// Source: Paillier 1999, *Public-Key Cryptosystems Based on Composite Degree Residuosity Classes*;
/// short randomness of Damgård, Jurik, Nielsen 2010, *A generalization of Paillier's public-key system*;
/// packing as in Zhang et al. 2020, *BatchCrypt* (USENIX ATC).
public struct PaillierSum: Transport {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Coordinates are clipped to -clip...clip.
    public var clip = 8.0
    /// Bits of a coordinate.
    public var bits = 16
    /// The largest weight.
    public var maxWeight = 4096
    /// Bits of the modulus.
    public var keyBits = 3072
    /// Whether moduli that can be factored are allowed.
    public var insecure = false
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "paillier",
    summary:
      "Updates are added under one key that clients share: one insider with the server reads all.",
    formula: "Π Enc(w_i code(x_i)) = Enc(Σ w_i code(x_i)) mod n²",
    citation: "Paillier 1999; packing of Zhang et al. 2020",
    parameters: [
      .init("clip", "coordinates are clipped to -clip...clip", range: "above 0"),
      .init("bits", "bits of a coordinate", range: "2 to 32"),
      .init("max-weight", "the largest weight, a whole number", range: "1 or more"),
      .init("key-bits", "bits of the modulus", range: "2048 or more"),
      .init("insecure", "allow a modulus that can be factored", range: "true or false"),
    ])

  /// 3072 bits, which is what 128 bits of security take.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters
  private let holder = RunKey<PaillierKeyPair>()

  /// Encryption with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    EncryptedUpdates.check(
      clip: parameters.clip, bits: parameters.bits, maxWeight: parameters.maxWeight,
      keyBits: parameters.keyBits, step: 2, isInsecure: parameters.insecure, &check)
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
  /// - Throws: ``EncodingError``, `PaillierError` for parameters that do not fit together or a lack of
  ///   randomness.
  public func deliver(_ uploads: Uploads, using generator: inout Generator) throws -> Delivery {
    try updates.deliver(uploads, using: &generator) {
      let keys = try holder.key {
        try PaillierKeyPair(
          bits: parameters.keyBits, allowsInsecureSize: parameters.insecure)
      }
      return (keys.publicKey, { sum, books in try open(sum, keys, uploads.workers, &books) })
    }
  }

  /// Residues of an encrypted sum, from the client that decrypts it, ciphertexts side by side.
  private func open(
    _ sum: EncryptedUpdates.Sum, _ keys: PaillierKeyPair, _ workers: Int,
    _ books: inout Delivery
  ) throws -> [BigInteger] {
    let opened = try WorkerPool.map(sum.ciphertexts.count, workers: workers) { place, _ in
      let began = ProcessorTime.ofThread()
      let residue = try keys.privateKey.decrypt(residueOf: sum.ciphertexts[place])
      return (residue, ProcessorTime.ofThread() - began)
    }
    books.costs.add([
      RoundCost(
        round: "encrypted sum", role: .server, messages: 1,
        bytes: sum.ciphertexts.count * keys.publicKey.ciphertextByteCount),
      // The sums in 8 bytes each, the weight too.
      RoundCost(
        round: "sum", role: .client, messages: 1, bytes: 8 * (sum.dimension + 1),
        cpuSeconds: opened.reduce(0) { $0 + $1.1 }),
    ])
    return opened.map(\.0)
  }
}
