public import BigIntegers

extension DamgardJurik {
  /// What decrypts messages of `s` times a key's length.
  public struct PrivateKey: Sendable, CustomStringConvertible {
    private let key: PaillierPublicKey
    private let s: Int
    private let first: PrimePower
    private let second: PrimePower
    private let messages: ChineseRemainder

    /// The scheme of a private key, for messages of `s` times its length.
    ///
    /// - Throws: `PaillierError.unusableSize` unless s is 1, 2 or 3 and both factors are above it.
    public init(_ privateKey: PaillierPrivateKey, s: Int) throws(PaillierError) {
      key = privateKey.publicKey
      guard (1...3).contains(s), key.n % 3 != 0 else { throw .unusableSize(bits: s * key.bits) }
      self.s = s
      let n = key.context.words
      first = try PrimePower(privateKey.context.p, s: s, n: n)
      second = try PrimePower(privateKey.context.q, s: s, n: n)
      messages = try ChineseRemainder(first.messageModulus, second.messageModulus)
    }

    /// The message of a ciphertext, in a time that depends on the key's size alone.
    ///
    /// - Throws: `PaillierError.foreignKey`.
    public func decrypt(
      _ ciphertext: some DamgardJurikCiphertext
    ) throws(PaillierError) -> BigInteger {
      guard ciphertext.key == key, ciphertext.s == s else { throw .foreignKey }
      let width = (s + 1) * key.context.words.wordCount
      let number = SecretInteger(ciphertext.secretNumber.value, wordCount: width)
      return messages(first.message(of: number), second.message(of: number)).revealed()
    }

    /// The size, nothing else.
    public var description: String {
      "a private key of Damgard and Jurik, \(key.bits) bits, s = \(s)"
    }
  }
}
