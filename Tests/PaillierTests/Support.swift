import BigIntegers
import CryptoCore
import Foundation
import Paillier
import TestSupport
import Testing

/// A number of hexadecimal digits.
func hex(_ digits: String) throws -> BigInteger {
  guard let value = BigInteger(digits, radix: 16) else { throw BadVector(text: digits) }
  return value
}

struct BadVector: Error { let text: String }

/// A number as the vectors write it: an integer, or the bits of a double, or an error.
struct VectorNumber: Decodable, Sendable {
  var int: String?
  var f64: String?
  var error: String?

  var integer: BigInteger? { int.flatMap { BigInteger($0) } }
  var double: Double? { f64.flatMap { UInt64($0, radix: 16) }.map { Double(bitPattern: $0) } }

  /// Whether a decoded number is this one, the same kind and the same bits.
  func matches(_ number: PlainNumber) -> Bool {
    switch number {
    case .integer(let value): value == integer
    case .real(let value): value.bitPattern == double?.bitPattern
    }
  }

  /// The encoding of this number.
  func encoded(
    for key: PaillierPublicKey, precision: Double? = nil, maxExponent: Int? = nil
  ) throws -> EncodedNumber {
    if let integer {
      return try EncodedNumber(
        integer, for: key, precision: precision, maxExponent: maxExponent)
    }
    return try EncodedNumber(
      double ?? .nan, for: key, precision: precision, maxExponent: maxExponent)
  }
}

/// A key pair of 512 bits, the same in every run.
let smallKeys: Result<PaillierKeyPair, any Error> = Result {
  var source = InsecureSeededSecrets(seed: 512)
  return try PaillierKeyPair(bits: 512, allowsInsecureSize: true, using: &source)
}

/// Another one.
let otherKeys: Result<PaillierKeyPair, any Error> = Result {
  var source = InsecureSeededSecrets(seed: 513)
  return try PaillierKeyPair(bits: 512, allowsInsecureSize: true, using: &source)
}

/// The message by the textbook (Paillier, 1999): L(c^lambda mod n^2) mu mod n, with lambda and mu
/// of g = n + 1.
func textbookDecryption(_ c: BigInteger, p: BigInteger, q: BigInteger) throws -> BigInteger {
  let n = p * q
  let lambda = (p - 1) * (q - 1) / BigInteger.gcd(p - 1, q - 1)
  guard let mu = lambda.inverse(modulo: n) else { throw BadVector(text: "\(n)") }
  return (c.power(lambda, modulo: n * n) - 1) / n * mu % n
}

/// The bytes of a text in base64url, by Foundation.
func base64URL(_ text: String) throws -> [UInt8] {
  var standard = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(
    of: "_", with: "/")
  while standard.utf8.count % 4 != 0 { standard += "=" }
  guard let data = Data(base64Encoded: standard) else { throw BadVector(text: text) }
  return [UInt8](data)
}

/// A member of text of a JSON object.
func member(_ name: String, of text: String) -> String? {
  let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
  return object?[name] as? String
}

/// Runs what must throw `PaillierError.malformedText`.
func expectMalformed(_ body: () throws -> Void) {
  do {
    try body()
    Issue.record("nothing was thrown")
  } catch PaillierError.malformedText {
  } catch {
    Issue.record("\(error)")
  }
}
