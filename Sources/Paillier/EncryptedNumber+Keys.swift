public import BigIntegers
public import CryptoCore

extension PaillierPublicKey {
  /// Encrypts an encoded number.
  ///
  /// - Throws: `PaillierError.foreignKey`, `.residueOutOfRange` or `.randomness`.
  public func encrypt(
    _ number: EncodedNumber, using source: inout some SecretSource
  ) throws(PaillierError) -> EncryptedNumber<Ciphertext> {
    guard number.key == self else { throw .foreignKey }
    return try EncryptedNumber(
      ciphertext: try encrypt(residue: number.residue, using: &source),
      exponent: number.exponent)
  }

  /// Encrypts an encoded number with randomness of the operating system.
  ///
  /// - Throws: `PaillierError.foreignKey`, `.residueOutOfRange` or `.randomness`.
  public func encrypt(
    _ number: EncodedNumber
  ) throws(PaillierError) -> EncryptedNumber<Ciphertext> {
    var source = SystemRandomness()
    return try encrypt(number, using: &source)
  }

  /// Encrypts a double without loss; the exponent tells its magnitude, unless it is given.
  ///
  /// - Parameters:
  ///   - value: The number.
  ///   - exponent: A power of 16 that tells nothing, to whose multiples the number is rounded.
  /// - Throws: `PaillierError.notFinite`, `.valueTooLarge` or `.randomness`.
  public func encrypt(
    _ value: Double, exponent: Int? = nil
  ) throws(PaillierError) -> EncryptedNumber<Ciphertext> {
    guard let exponent else { return try encrypt(EncodedNumber(value, for: self)) }
    return try encrypt(EncodedNumber(value, for: self, exponent: exponent))
  }

  /// Encrypts doubles, in their order, on several threads.
  ///
  /// - Parameters:
  ///   - values: The numbers.
  ///   - exponent: A power of 16 to whose multiples they are rounded, the same for all.
  ///   - workers: How many threads compute.
  /// - Throws: `PaillierError.notFinite`, `.valueTooLarge` or `.randomness`.
  public func encrypt(
    _ values: [Double], exponent: Int, workers: Int = 1
  ) throws(PaillierError) -> [EncryptedNumber<Ciphertext>] {
    var residues: [BigInteger] = []
    for value in values {
      residues.append(try EncodedNumber(value, for: self, exponent: exponent).residue)
    }
    var numbers: [EncryptedNumber<Ciphertext>] = []
    for ciphertext in try encrypt(residues: residues, workers: workers) {
      numbers.append(try EncryptedNumber(ciphertext: ciphertext, exponent: exponent))
    }
    return numbers
  }

  /// Encrypts an integer, at exponent 0.
  ///
  /// - Throws: `PaillierError.valueTooLarge` or `.randomness`.
  public func encrypt(_ value: Int) throws(PaillierError) -> EncryptedNumber<Ciphertext> {
    try encrypt(BigInteger(value))
  }

  /// Encrypts an integer, at exponent 0.
  ///
  /// - Throws: `PaillierError.valueTooLarge` or `.randomness`.
  public func encrypt(
    _ value: BigInteger
  ) throws(PaillierError) -> EncryptedNumber<Ciphertext> {
    try encrypt(EncodedNumber(value, for: self))
  }
}

extension PaillierPrivateKey {
  /// Encrypts an encoded number as the key's owner can.
  ///
  /// - Throws: `PaillierError.foreignKey`, `.residueOutOfRange` or `.randomness`.
  public func encrypt(
    _ number: EncodedNumber
  ) throws(PaillierError) -> EncryptedNumber<Ciphertext> {
    guard number.key == publicKey else { throw .foreignKey }
    return try EncryptedNumber(
      ciphertext: try encrypt(residue: number.residue), exponent: number.exponent)
  }

  /// The number under encryption.
  ///
  /// - Throws: `PaillierError.foreignKey`, `.overflow` or `.tooLargeForDouble`.
  public func decrypt(
    _ number: EncryptedNumber<some PaillierCiphertext>
  ) throws(PaillierError) -> PlainNumber {
    try decryptEncoded(number).decoded()
  }

  /// The numbers under encryption, in their order, on several threads.
  ///
  /// - Throws: `PaillierError.foreignKey`, `.overflow` or `.tooLargeForDouble`.
  public func decrypt(
    _ numbers: [EncryptedNumber<some PaillierCiphertext>], workers: Int = 1
  ) throws(PaillierError) -> [PlainNumber] {
    let residues = try decrypt(residuesOf: numbers.map(\.ciphertext), workers: workers)
    var plain: [PlainNumber] = []
    for (residue, number) in zip(residues, numbers) {
      plain.append(
        try EncodedNumber(residue: residue, exponent: number.exponent, key: publicKey).decoded())
    }
    return plain
  }

  /// The number under encryption as it is encoded.
  ///
  /// - Throws: `PaillierError.foreignKey`.
  public func decryptEncoded(
    _ number: EncryptedNumber<some PaillierCiphertext>
  ) throws(PaillierError) -> EncodedNumber {
    try EncodedNumber(
      residue: try decrypt(residueOf: number.ciphertext), exponent: number.exponent,
      key: publicKey)
  }
}
