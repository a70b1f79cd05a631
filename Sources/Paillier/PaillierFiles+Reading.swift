internal import BigIntegers
internal import Components
internal import FileFormats

extension PaillierFiles {
  /// The public key of a text.
  ///
  /// - Parameters:
  ///   - text: UTF-8, at most ``mostBytes``.
  ///   - allowsInsecureSize: Takes a modulus that can be factored, for tests and demonstrations.
  /// - Throws: `PaillierError.malformedText`, or what is wrong with the key.
  public static func publicKey(
    _ text: [UInt8], allowsInsecureSize: Bool = false
  ) throws(PaillierError) -> PaillierPublicKey {
    try publicKey(parse(text, limit: mostBytes), allowsInsecureSize)
  }

  /// The private key of a text.
  ///
  /// - Parameters:
  ///   - text: UTF-8, at most ``mostBytes``.
  ///   - allowsInsecureSize: Takes a modulus that can be factored, for tests and demonstrations.
  /// - Throws: `PaillierError.malformedText`, `.mismatchedKeys` if p q is not n, or what is wrong
  ///   with the key.
  public static func privateKey(
    _ text: [UInt8], allowsInsecureSize: Bool = false
  ) throws(PaillierError) -> PaillierPrivateKey {
    let node = try parse(text, limit: mostBytes)
    try expect(node, "kty", type)
    try expectOperation(node, "decrypt")
    let published = try publicKey(member(node, "pub"), allowsInsecureSize)
    let key = try PaillierPrivateKey(
      p: number(node, "p"), q: number(node, "q"), allowsInsecureSize: allowsInsecureSize)
    guard key.publicKey == published else { throw .mismatchedKeys }
    return PaillierPrivateKey(context: key.context, publicKey: published)
  }

  /// The number under encryption of a text.
  ///
  /// - Parameters:
  ///   - text: UTF-8, at most ``mostBytes``.
  ///   - key: Whose ciphertext it is to be; the text does not say.
  /// - Throws: `PaillierError.malformedText`, `.invalidCiphertext` or `.exponentOutOfRange`.
  public static func encryptedNumber(
    _ text: [UInt8], key: PaillierPublicKey
  ) throws(PaillierError) -> EncryptedNumber<Ciphertext> {
    let node = try parse(text, limit: mostBytes)
    return try encryptedNumber(
      value: member(node, "v"), exponent: member(node, "e"), key: key)
  }

  /// The vector of a text in list form.
  ///
  /// - Parameters:
  ///   - text: UTF-8, at most ``mostVectorBytes``.
  ///   - key: Whose ciphertexts they are to be.
  /// - Throws: `PaillierError.malformedText`, `.foreignKey` if the text names another modulus,
  ///   `.invalidCiphertext` or `.exponentOutOfRange`.
  public static func encryptedNumbers(
    _ text: [UInt8], key: PaillierPublicKey
  ) throws(PaillierError) -> [EncryptedNumber<Ciphertext>] {
    let node = try parse(text, limit: mostVectorBytes)
    guard let n = integer(try member(member(node, "public_key"), "n"), key: key) else {
      throw .malformedText("\"n\" is not a whole number of this key's length")
    }
    guard n == key.n else { throw .foreignKey }
    guard case .list(let items) = try member(node, "values").value else {
      throw .malformedText("\"values\" is not a list")
    }
    var numbers: [EncryptedNumber<Ciphertext>] = []
    for item in items {
      guard case .list(let pair) = item.value, pair.count == 2 else {
        throw .malformedText("a value is not a pair of ciphertext and exponent")
      }
      numbers.append(try encryptedNumber(value: pair[0], exponent: pair[1], key: key))
    }
    return numbers
  }

  private static func encryptedNumber(
    value: ConfigurationNode, exponent: ConfigurationNode, key: PaillierPublicKey
  ) throws(PaillierError) -> EncryptedNumber<Ciphertext> {
    guard let number = integer(value, key: key) else {
      throw .malformedText("a ciphertext is not a whole number of this key's length")
    }
    guard case .integer(let exponent) = exponent.value else {
      throw .malformedText("an exponent is not a whole number")
    }
    return try EncryptedNumber(
      ciphertext: try Ciphertext(received: number, key: key), exponent: exponent)
  }

  private static func publicKey(
    _ node: ConfigurationNode, _ allowsInsecureSize: Bool
  ) throws(PaillierError) -> PaillierPublicKey {
    try expect(node, "kty", type)
    if node["alg"] == nil, node["pub"] != nil {
      throw .malformedText("a private key; the public one is its member \"pub\"")
    }
    try expect(node, "alg", algorithm)
    // Optional, as python-paillier has it.
    if node["key_ops"] != nil { try expectOperation(node, "encrypt") }
    let base = node["hs"] == nil ? nil : try number(node, "hs")
    return try PaillierPublicKey(
      n: number(node, "n"), shortRandomnessBase: base, allowsInsecureSize: allowsInsecureSize)
  }

  // Members.

  static func parse(
    _ text: [UInt8], limit: Int
  ) throws(PaillierError) -> ConfigurationNode {
    guard text.count <= limit else {
      throw .malformedText("a text of \(text.count) bytes; at most \(limit) are read")
    }
    do throws(ConfigurationError) {
      return try JSON.parse(text, file: "text", depth: 4, keepingLongIntegers: true)
    } catch {
      let issue = error.issues.first
      let place = issue?.position.map { "line \($0.line), column \($0.column): " } ?? ""
      throw .malformedText(place + (issue?.message ?? "no JSON"))
    }
  }

  private static func member(
    _ node: ConfigurationNode, _ key: String
  ) throws(PaillierError) -> ConfigurationNode {
    guard node.entries != nil else { throw .malformedText("not an object") }
    guard let member = node[key] else { throw .malformedText("the member \"\(key)\" is missing") }
    return member
  }

  private static func expect(
    _ node: ConfigurationNode, _ key: String, _ value: String
  ) throws(PaillierError) {
    guard try member(node, key).text == value else {
      throw .malformedText("the member \"\(key)\" is not \"\(value)\"")
    }
  }

  private static func expectOperation(
    _ node: ConfigurationNode, _ operation: String
  ) throws(PaillierError) {
    guard case .list(let items) = try member(node, "key_ops").value,
      items.contains(where: { $0.text == operation })
    else { throw .malformedText("\"key_ops\" does not list \"\(operation)\"") }
  }

  /// A number in base64url, of no more bytes than the square of the largest modulus.
  private static func number(
    _ node: ConfigurationNode, _ key: String
  ) throws(PaillierError) -> BigInteger {
    let limit = PaillierPublicKey.mostBits / 4
    guard let text = try member(node, key).text, let bytes = Base64URL.bytes(of: text),
      !bytes.isEmpty, bytes.count <= limit
    else {
      throw .malformedText("\"\(key)\" is not a number in base64url of at most \(limit) bytes")
    }
    return BigInteger(bytes: bytes)
  }

  /// A whole number, as digits or as a text of them, no longer than ciphertexts of the key.
  private static func integer(_ node: ConfigurationNode, key: PaillierPublicKey) -> BigInteger? {
    switch node.value {
    case .integer(let value): return BigInteger(value)
    case .text(let digits):
      // A decimal digit has more than 3 bits.
      guard digits.utf8.count <= 2 * key.bits / 3 + 2 else { return nil }
      return BigInteger(digits)
    default: return nil
    }
  }
}
