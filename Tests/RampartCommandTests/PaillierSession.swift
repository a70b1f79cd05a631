import BigIntegers
import Foundation
import TestSupport

/// Keys and ciphertexts that `pheutil` wrote.
struct PheutilVector: Decodable {
  struct Encryption: Decodable {
    var plain, file, decrypted: String
  }
  struct Operation: Decodable {
    var cmd: String
    var a: Int
    var b: Int?
    var plain: String?
    var file, decrypted: String
  }

  var privateText, publicText: String?
  var enc: [Encryption]?
  var ops: [Operation]?
  var invalidPrivate, invalidCiphertext: [String]?

  enum CodingKeys: String, CodingKey {
    case enc, ops
    case privateText = "private"
    case publicText = "public"
    case invalidPrivate = "invalid_private"
    case invalidCiphertext = "invalid_ciphertext"
  }
}

/// A folder in which `rampart paillier` is used with keys of 1024 bits that `pheutil` made:
/// `key.json` and `pub.json`.
struct PaillierSession {
  let rampart: Program
  let cases: [PheutilVector]

  init() throws {
    rampart = try Program()
    cases = try VectorFile<PheutilVector>(named: "paillier_pheutil").cases
    try rampart.write(cases[0].privateText ?? "", to: "key.json")
    try rampart.write(cases[0].publicText ?? "", to: "pub.json")
  }

  func remove() { rampart.remove() }

  /// Runs `rampart paillier VERB --insecure ...`; words are divided at blanks.
  func callAsFunction(
    _ line: String, input: String = "", insecure: Bool = true
  ) throws -> Program.Result {
    var words = line.split(separator: " ").map(String.init)
    if insecure { words.insert("--insecure", at: 1) }
    let result = try rampart.run(["paillier"] + words, input: Data(input.utf8))
    return Program.Result(
      status: result.status, output: String(decoding: result.output, as: UTF8.self),
      errors: result.errors)
  }

  /// The members of a JSON object.
  static func members(_ text: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
  }

  /// The number of a text in base64url, by Foundation.
  static func number(_ text: Any?) -> BigInteger {
    var standard = (text as? String ?? "").replacingOccurrences(of: "-", with: "+")
      .replacingOccurrences(of: "_", with: "/")
    while standard.utf8.count % 4 != 0 { standard += "=" }
    return BigInteger(bytes: [UInt8](Data(base64Encoded: standard) ?? Data()))
  }

  /// The text of a number in base64url, by Foundation.
  static func text(_ number: BigInteger) -> String {
    Data(number.magnitudeBytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }
}
