internal import BigIntegers
public import CryptoCore

/// A vector of codes under encryption, many to a ciphertext, and the weight its sums have gathered.
///
/// The weight is public: who adds vectors knows how many. Nothing that could overflow a slot is
/// computed: sums and products beyond ``PackedEncoding/weightBound`` throw.
public struct PackedVector<Value: PaillierCiphertext>: Sendable {
  /// How slots lie.
  public let packing: PackedEncoding
  /// How many codes there are.
  public let count: Int
  /// What the weights of the summands add up to; 1 for a vector as encrypted.
  public let weight: Int
  /// The ciphertexts, the first codes first.
  public let ciphertexts: [Value]

  /// Ciphertexts from elsewhere, with what their sender says of them.
  ///
  /// - Throws: `PaillierError.mismatchedPacking`, `.foreignKey` or `.weightBeyondBound`.
  public init(
    packing: PackedEncoding, count: Int, weight: Int, ciphertexts: [Value]
  ) throws(PaillierError) {
    guard count >= 0, ciphertexts.count == packing.messageCount(count) else {
      throw .mismatchedPacking
    }
    guard ciphertexts.allSatisfy({ $0.key == packing.key }) else { throw .foreignKey }
    guard (0...packing.weightBound).contains(weight) else {
      throw .weightBeyondBound(weight: weight, bound: packing.weightBound)
    }
    self.packing = packing
    self.count = count
    self.weight = weight
    self.ciphertexts = ciphertexts
  }

  /// The sum, code by code.
  ///
  /// - Throws: `PaillierError.mismatchedPacking` or `.weightBeyondBound`.
  public static func + (
    a: PackedVector, b: PackedVector<some PaillierCiphertext>
  ) throws(PaillierError) -> PackedVector<RawCiphertext> {
    guard a.packing == b.packing, a.count == b.count else { throw .mismatchedPacking }
    var sums: [RawCiphertext] = []
    for (x, y) in zip(a.ciphertexts, b.ciphertexts) { sums.append(try x.adding(y)) }
    return try PackedVector<RawCiphertext>(
      packing: a.packing, count: a.count, weight: a.weight + b.weight, ciphertexts: sums)
  }

  /// The product with a public weight.
  ///
  /// - Throws: `PaillierError.weightBeyondBound`, also for a negative weight.
  public static func * (
    a: PackedVector, weight: Int
  ) throws(PaillierError) -> PackedVector<RawCiphertext> {
    let (total, overflows) = a.weight.multipliedReportingOverflow(by: weight)
    guard weight >= 0, !overflows, total <= a.packing.weightBound else {
      throw .weightBeyondBound(weight: weight, bound: a.packing.weightBound)
    }
    return try PackedVector<RawCiphertext>(
      packing: a.packing, count: a.count, weight: total,
      ciphertexts: a.ciphertexts.map { $0.multiplied(byPublic: BigInteger(weight)) })
  }

  /// The same vector under fresh randomness.
  ///
  /// - Throws: `PaillierError.randomness`.
  public func rerandomised() throws(PaillierError) -> PackedVector<Ciphertext> {
    var hidden: [Ciphertext] = []
    for ciphertext in ciphertexts { hidden.append(try ciphertext.rerandomised()) }
    return try PackedVector<Ciphertext>(
      packing: packing, count: count, weight: weight, ciphertexts: hidden)
  }
}

extension PackedEncoding {
  /// Encrypts a vector of codes, with weight 1.
  ///
  /// - Throws: `PaillierError.codeOutOfRange` or `.randomness`.
  public func encrypt(
    _ values: [Int], workers: Int = 1, using source: inout some SecretSource
  ) throws(PaillierError) -> PackedVector<Ciphertext> {
    try PackedVector(
      packing: self, count: values.count, weight: 1,
      ciphertexts: try key.encrypt(
        residues: try encode(values), workers: workers, using: &source))
  }

  /// Encrypts a vector of codes with randomness of the operating system.
  ///
  /// - Throws: `PaillierError.codeOutOfRange` or `.randomness`.
  public func encrypt(
    _ values: [Int], workers: Int = 1
  ) throws(PaillierError) -> PackedVector<Ciphertext> {
    var source = SystemRandomness()
    return try encrypt(values, workers: workers, using: &source)
  }

  /// Encrypts a vector of codes with factors of a pool.
  ///
  /// - Throws: `PaillierError.codeOutOfRange`, or what the pool throws.
  public func encrypt(
    _ values: [Int], from pool: inout ObfuscationPool
  ) throws(PaillierError) -> PackedVector<Ciphertext> {
    guard pool.key == key else { throw .foreignKey }
    var ciphertexts: [Ciphertext] = []
    for message in try encode(values) { ciphertexts.append(try pool.encrypt(residue: message)) }
    return try PackedVector(
      packing: self, count: values.count, weight: 1, ciphertexts: ciphertexts)
  }

  /// The sums under encryption.
  ///
  /// - Throws: `PaillierError.foreignKey`, `.mismatchedPacking` or `.slotOverflow`.
  public func decrypt(
    _ vector: PackedVector<some PaillierCiphertext>, with privateKey: PaillierPrivateKey,
    workers: Int = 1
  ) throws(PaillierError) -> [Int] {
    guard vector.packing == self else { throw .mismatchedPacking }
    return try decode(
      try privateKey.decrypt(residuesOf: vector.ciphertexts, workers: workers),
      count: vector.count, weight: vector.weight)
  }
}
