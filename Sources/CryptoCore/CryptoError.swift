/// Why bytes from elsewhere were refused.
public enum CryptoError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A key, nonce or signature of the wrong length, in bytes.
  case wrongLength(of: String, expected: Int, actual: Int)
  /// A sealed message too short to hold its tag.
  case truncated(count: Int)
  /// The tag does not fit key, nonce, associated data and ciphertext: one of them is not the sender's.
  case authenticationFailed
  /// A public key of small order: what is agreed with it is known to everybody.
  case smallOrderPublicKey

  /// One sentence.
  public var description: String {
    switch self {
    case .wrongLength(let name, let expected, let actual):
      "\(name) of \(actual) bytes; it has \(expected)"
    case .truncated(let count):
      "a sealed message of \(count) bytes is shorter than its tag of \(AESGCM.tagCount)"
    case .authenticationFailed:
      "the tag is wrong: key, nonce, associated data or ciphertext differ from the sender's"
    case .smallOrderPublicKey:
      "the public key has small order, so that what is agreed with it is no secret"
    }
  }
}

/// The bytes, if there are as many as there must be.
func checked(_ bytes: [UInt8], count: Int, as name: String) throws(CryptoError) -> [UInt8] {
  guard bytes.count == count else {
    throw .wrongLength(of: name, expected: count, actual: bytes.count)
  }
  return bytes
}
