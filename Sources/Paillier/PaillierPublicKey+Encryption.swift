public import BigIntegers
public import CryptoCore
internal import Tensors

extension PaillierPublicKey {
  /// Encrypts a residue: (1 + m n) times a factor that hides, modulo n^2.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` unless 0 <= residue < n, or `.randomness`.
  public func encrypt(
    residue: BigInteger, using source: inout some SecretSource
  ) throws(PaillierError) -> Ciphertext {
    seal(try context.secret(residue), with: try context.factor(using: &source))
  }

  /// Encrypts a residue with randomness of the operating system.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` unless 0 <= residue < n, or `.randomness`.
  public func encrypt(residue: BigInteger) throws(PaillierError) -> Ciphertext {
    var source = SystemRandomness()
    return try encrypt(residue: residue, using: &source)
  }

  /// Encrypts residues, in their order, on several threads; the result does not depend on how many.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` or `.randomness`.
  public func encrypt(
    residues: [BigInteger], workers: Int, using source: inout some SecretSource
  ) throws(PaillierError) -> [Ciphertext] {
    var messages: [SecretInteger] = []
    for residue in residues { messages.append(try context.secret(residue)) }
    let factors = try self.factors(residues.count, workers: workers, using: &source)
    return messages.indices.map { seal(messages[$0], with: factors[$0]) }
  }

  /// Encrypts residues with randomness of the operating system.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` or `.randomness`.
  public func encrypt(
    residues: [BigInteger], workers: Int = 1
  ) throws(PaillierError) -> [Ciphertext] {
    var source = SystemRandomness()
    return try encrypt(residues: residues, workers: workers, using: &source)
  }

  /// Factors that hide: drawn one after the other, raised side by side.
  func factors(
    _ count: Int, workers: Int, using source: inout some SecretSource
  ) throws(PaillierError) -> [SecretInteger] {
    _ = context.table(forUses: max(0, count - 1))
    var exponents: [SecretInteger] = []
    for _ in 0..<count { exponents.append(try context.exponent(using: &source)) }
    let drawn = exponents
    return WorkerPool.map(count, workers: workers) { index, _ in
      context.factor(of: drawn[index])
    }
  }

  func seal(_ message: SecretInteger, with factor: SecretInteger) -> Ciphertext {
    Ciphertext(unchecked: context.shift(factor, by: message).revealed(), key: self)
  }

  /// (1 + m n) r^n modulo n^2 of a given r: for published values, never for use.
  package func encrypt(residue: BigInteger, randomness r: BigInteger) throws(PaillierError)
    -> Ciphertext
  {
    seal(try context.secret(residue), with: context.textbookFactor(try context.secret(r)))
  }
}
