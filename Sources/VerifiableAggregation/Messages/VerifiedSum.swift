public import SecureAggregation

/// A sum that a user has checked.
public struct VerifiedSum: Sendable, Hashable {
  /// Of the contributors' vectors, under the assumptions of the verifier that says so.
  public let sum: RingVector
  /// Whose vectors are in it, by number.
  public let contributors: [Int]
}
