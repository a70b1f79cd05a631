package import CryptoCore

/// Shamir's scheme with the parameters of Google's reference of secure aggregation (federated-compute,
/// fcp/secagg): a secret of any length is cut into pieces of 31 bits, each shared on its own over the
/// field of 2^31 + 11 elements.
///
/// It exists to be compared with that reference, whose wire format it shares; use ``Shamir``. Pieces
/// are cut from the secret's end, read as a big-endian number, so that the first piece holds what
/// remains; a share holds a value per piece, four bytes each, big-endian, in the order of the pieces.
/// The share of client i, from 0, is the value at i + 1. Nothing tells a bad share.
package enum PieceSharing {
  private static let prime: UInt64 = (1 << 31) + 11

  /// How many pieces a secret of `count` bytes has.
  package static func pieceCount(bytes count: Int) -> Int { (8 * count + 30) / 31 }

  /// Shares of a secret for clients 0 to `count` - 1.
  ///
  /// - Parameter coefficients: For each piece, those of degree 1 and up: as many as the threshold less
  ///   one, each below 2^31 + 11.
  package static func share(
    _ secret: SecretBytes, count: Int, coefficients: [[UInt32]]
  ) -> [SecretBytes] {
    let pieces = Self.pieces(of: secret)
    precondition(coefficients.count == pieces.count, "\(pieces.count) pieces need coefficients")
    return (0..<count).map { client in
      let x = UInt64(client) + 1
      let values = zip(pieces, coefficients).map { piece, coefficients in
        (coefficients.reversed().reduce(0) { ($0 * x + UInt64($1)) % prime } * x + piece) % prime
      }
      return SecretBytes(copying: values.flatMap { bigEndianBytes(UInt32($0)) })
    }
  }

  /// The secret of `byteCount` bytes that shares of as many clients as the threshold give.
  ///
  /// - Throws: `SharingError.tooFewShares` if there are none, `.duplicatePoint`, `.wrongLength` or `.notCanonical`; points are the
  ///   clients' numbers plus 1. Also `.notCanonical` with no point if the values at zero are no
  ///   pieces of a secret that short, which a bad share gives away now and then.
  package static func reconstruct(
    _ shares: [(client: UInt16, value: SecretBytes)], byteCount: Int
  ) throws(SharingError) -> SecretBytes {
    guard !shares.isEmpty else { throw .tooFewShares(count: 0, threshold: 1) }
    let points = shares.map { UInt32($0.client) + 1 }
    try Shamir.check(points)
    let count = pieceCount(bytes: byteCount)
    var sums = [UInt64](repeating: 0, count: count)
    for (share, point) in zip(shares, points) {
      let value = share.value.revealed()
      guard value.count == 4 * count else {
        throw .wrongLength(point: point, count: value.count)
      }
      let weight = weight(of: UInt64(point), among: points.map(UInt64.init))
      for piece in 0..<count {
        let number = value[4 * piece..<4 * piece + 4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard number < prime else { throw .notCanonical(point: point) }
        sums[piece] = (sums[piece] + weight * number) % prime
      }
    }
    let leadingBits = 8 * byteCount - 31 * (count - 1)
    guard
      sums.dropFirst().allSatisfy({ $0 < 1 << 31 }),
      sums.first.map({ $0 >> leadingBits == 0 }) ?? true
    else { throw .notCanonical(point: nil) }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    for bit in 0..<8 * byteCount where sums[count - 1 - bit / 31] >> (bit % 31) & 1 == 1 {
      bytes[byteCount - 1 - bit / 8] |= 1 << UInt8(bit % 8)
    }
    return SecretBytes(copying: bytes)
  }

  private static func pieces(of secret: SecretBytes) -> [UInt64] {
    let bytes = secret.revealed()
    var pieces = [UInt64](repeating: 0, count: pieceCount(bytes: bytes.count))
    for bit in 0..<8 * bytes.count {
      let value = UInt64(bytes[bytes.count - 1 - bit / 8] >> UInt8(bit % 8) & 1)
      pieces[pieces.count - 1 - bit / 31] |= value << (bit % 31)
    }
    return pieces
  }

  /// Of the value at `point` in the value at zero.
  private static func weight(of point: UInt64, among points: [UInt64]) -> UInt64 {
    var numerator: UInt64 = 1
    var denominator: UInt64 = 1
    for other in points where other != point {
      numerator = numerator * other % prime
      denominator = denominator * ((other + prime - point) % prime) % prime
    }
    return numerator * power(denominator, prime - 2) % prime
  }

  private static func power(_ base: UInt64, _ exponent: UInt64) -> UInt64 {
    var (power, base, exponent) = (UInt64(1), base, exponent)
    while exponent > 0 {
      if exponent & 1 == 1 { power = power * base % prime }
      base = base * base % prime
      exponent >>= 1
    }
    return power
  }

  private static func bigEndianBytes(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}
