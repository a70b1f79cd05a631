public import CryptoCore

/// Why bytes are no number, point or element of the groups of BLS12-381, or what a function refuses.
public enum PairingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A number of bytes no encoding has.
  case wrongLength(count: Int, expected: [Int])
  /// The first three bits say what the length or the other bits deny: compressed, infinity, root.
  case wrongFlags
  /// A coordinate is not below the prime of the field, or a number not below the groups' order.
  case notCanonical
  /// No point of the curve has these coordinates.
  case notOnCurve
  /// A point of the curve, or an element of the field, that is not in the group of prime order.
  case notInSubgroup
  /// Infinity (zero) where it is refused.
  case infinity
  /// As many scalars as points are needed, one for each.
  case wrongCount(points: Int, scalars: Int)
  /// A name for the use of a hash that is empty.
  case emptyDomain
  /// The source of secrets gave none.
  case randomness(SystemRandomness.Failure)

  /// One sentence.
  public var description: String {
    switch self {
    case .wrongLength(let count, let expected):
      "\(count) bytes: an encoding has \(expected.map(String.init).joined(separator: " or "))"
    case .wrongFlags:
      "the first three bits of an encoding contradict its length or its other bits"
    case .notCanonical:
      "a number that is not below its modulus: only the least residue is accepted"
    case .notOnCurve:
      "no point of the curve has these coordinates"
    case .notInSubgroup:
      "a point or an element outside the group of prime order"
    case .infinity:
      "the point at infinity, where it is refused"
    case .wrongCount(let points, let scalars):
      "\(points) points and \(scalars) scalars: one for each is needed"
    case .emptyDomain:
      "an empty domain: hashes for different uses need different names"
    case .randomness(let failure):
      failure.description
    }
  }
}
