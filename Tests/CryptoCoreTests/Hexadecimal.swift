import CryptoCore
import TestSupport
import Testing

/// The bytes of hexadecimal digits.
func bytes(_ text: String) throws -> [UInt8] {
  let digits = Array(text)
  return try stride(from: 0, to: digits.count, by: 2).map { index in
    try #require(UInt8(String(digits[index...index + 1]), radix: 16))
  }
}

/// The secret of hexadecimal digits.
func secret(_ text: String) throws -> SecretBytes { SecretBytes(copying: try bytes(text)) }

/// One case of `symmetric.json`.
struct SymmetricVector: Decodable, Sendable, CustomTestStringConvertible {
  var alg: String
  var ref: String
  var key: String?
  var iv: String?
  var pt: String?
  var keystream: String?
  var aad: String?
  var ct: String?
  var tag: String?
  var msg: String?
  var ikm: String?
  var salt: String?
  var info: String?
  var len: Int?
  var prk: String?
  var okm: String?
  var out: String?
  var testDescription: String { "\(alg), \(ref)" }

  static func cases(of algorithm: String) -> [SymmetricVector] {
    (try? VectorFile<SymmetricVector>(named: "symmetric"))?.cases
      .filter { $0.alg == algorithm } ?? []
  }
}
