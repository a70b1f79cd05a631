import BigIntegers
import Pairings
import Randomness
import TestSupport

/// What tests ask of both groups.
protocol GroupPoint: Equatable, Sendable {
  static var generator: Self { get }
  static var zero: Self { get }
  static var coordinateByteCount: Int { get }
  init(encoding bytes: [UInt8]) throws(PairingError)
  init(onCurve bytes: [UInt8]) throws(PairingError)
  init(hashing message: [UInt8], domain: [UInt8]) throws(PairingError)
  init(encodingMessage message: [UInt8], domain: [UInt8]) throws(PairingError)
  var isInSubgroup: Bool { get }
  var isZero: Bool { get }
  var compressed: [UInt8] { get }
  var uncompressed: [UInt8] { get }
  var doubled: Self { get }
  static func compressed(_ points: [Self]) -> [[UInt8]]
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static prefix func - (a: Self) -> Self
  static func * (a: Self, k: PairingScalar) -> Self
  func multiplied(byPublic k: PairingScalar) -> Self
  static func sum(of points: [Self], timesPublic scalars: [PairingScalar], workers: Int)
    throws(PairingError) -> Self
  static func sum(of points: [Self], timesPublic numbers: [UInt64], bits: Int?, workers: Int)
    throws(PairingError) -> Self
}

extension GroupPoint {
  static func sum(of points: [Self], timesPublic scalars: [PairingScalar]) throws(PairingError)
    -> Self
  { try sum(of: points, timesPublic: scalars, workers: 1) }

  static func sum(
    of points: [Self], timesPublic numbers: [UInt64], bits: Int? = nil
  ) throws(PairingError) -> Self {
    try sum(of: points, timesPublic: numbers, bits: bits, workers: 1)
  }
}

extension G1Point: GroupPoint { static var coordinateByteCount: Int { 48 } }
extension G2Point: GroupPoint { static var coordinateByteCount: Int { 96 } }

/// The parameter of the curve, the order of its groups and the prime of its field.
let x = -BigInteger(0xD201_0000_0001_0000 as UInt64)
let order = x * x * x * x - x * x + BigInteger(1)
let prime = (x - BigInteger(1)) * (x - BigInteger(1)) / BigInteger(3) * order + x

func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = Array(hexadecimal.utf8)
  return stride(from: 0, to: digits.count, by: 2).map { index in
    UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) ?? 0
  }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}

func bytes(_ number: BigInteger, count: Int) -> [UInt8] {
  let magnitude = number.magnitudeBytes
  return [UInt8](repeating: 0, count: count - magnitude.count) + magnitude
}

func modulo(_ number: BigInteger, _ modulus: BigInteger) -> BigInteger {
  number.euclideanQuotientAndRemainder(dividingBy: modulus).remainder
}

func scalar(_ number: BigInteger) throws -> PairingScalar {
  try PairingScalar(bytes: bytes(modulo(number, order), count: 32))
}

/// A scalar of a vector, which may be above the order.
func scalar(_ text: String) throws -> PairingScalar { try PairingScalar(reducing: bytes(text)) }

/// Numbers where carries happen: around 0, the modulus and powers of 2^64; then random ones.
func numbers(below modulus: BigInteger, random count: Int, _ generator: inout Generator)
  -> [BigInteger]
{
  let one = BigInteger(1)
  var all = (0..<4).flatMap { [BigInteger($0), modulus - one - BigInteger($0)] }
  all += [modulus / BigInteger(2), (modulus + one) / BigInteger(2)]
  for bits in stride(from: 64, to: modulus.magnitudeBitWidth, by: 64) {
    all += [(one << bits) - one, one << bits, modulus - (one << bits)]
  }
  for _ in 0..<count { all.append(BigInteger.random(below: modulus, using: &generator)) }
  return all.filter { $0.signum() >= 0 && $0 < modulus }
}
