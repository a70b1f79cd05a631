internal import BigIntegers
internal import Components

/// Keys and ciphertexts as python-paillier's `pheutil` writes and reads them.
///
/// Keys are JSON Web Keys of type "DAJ", numbers in base64url, most significant byte first, without
/// padding; a ciphertext is `{"v": "decimal digits", "e": exponent}`. Texts from elsewhere are read
/// strictly: of bounded size, every member of its type, every number checked.
public enum PaillierFiles {
  /// Bytes of the longest text of a key or ciphertext that is read.
  public static let mostBytes = 64 * 1024
  /// Bytes of the longest text of a vector that is read.
  public static let mostVectorBytes = 256 << 20
  /// The exponent `pheutil` lowers numbers to before it writes them, so that it tells little.
  public static let commandLineExponent = -32

  static let type = "DAJ"
  static let algorithm = "PAI-GN1"

  // Writing.

  /// A public key. The base of short randomness goes along as `"hs"`, which python-paillier skips.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - identifier: The member `"kid"`: any text.
  public static func text(of key: PaillierPublicKey, identifier: String) -> String {
    let base = key.shortRandomnessBase.map { ", \"hs\": \"\(number($0))\"" } ?? ""
    return "{\"kty\": \"\(type)\", \"alg\": \"\(algorithm)\", \"key_ops\": [\"encrypt\"], "
      + "\"n\": \"\(number(key.n))\"\(base), \"kid\": \(quoted(identifier))}"
  }

  /// A private key with its public one. The text is the secret, and nothing zeroes it.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - identifier: The member `"kid"`: any text.
  ///   - publicIdentifier: The same of the public key.
  public static func text(
    of key: PaillierPrivateKey, identifier: String, publicIdentifier: String
  ) -> String {
    let (p, q) = (key.context.p.revealed(), key.context.q.revealed())
    return "{\"kty\": \"\(type)\", \"key_ops\": [\"decrypt\"], \"p\": \"\(number(p))\", "
      + "\"q\": \"\(number(q))\", \"pub\": "
      + "\(text(of: key.publicKey, identifier: publicIdentifier)), "
      + "\"kid\": \(quoted(identifier))}"
  }

  /// A number under encryption.
  public static func text(of number: EncryptedNumber<Ciphertext>) -> String {
    "{\"v\": \"\(number.ciphertext.number)\", \"e\": \(number.exponent)}"
  }

  /// A vector in the list form of python-paillier's documentation, with the public modulus.
  ///
  /// - Throws: `PaillierError.foreignKey` if a number is of another key.
  public static func text(
    of numbers: [EncryptedNumber<Ciphertext>], key: PaillierPublicKey
  ) throws(PaillierError) -> String {
    guard numbers.allSatisfy({ $0.key == key }) else { throw .foreignKey }
    let values = numbers.map { "[\"\($0.ciphertext.number)\", \($0.exponent)]" }
    return "{\"public_key\": {\"n\": \(key.n)}, \"values\": [\(values.joined(separator: ", "))]}"
  }

  private static func number(_ value: BigInteger) -> String {
    Base64URL.text(of: value.magnitudeBytes)
  }

  private static func quoted(_ text: String) -> String {
    ConfigurationNode(.text(text)).canonicalJSON
  }
}
