public import CryptoCore

/// A public value that only one secret matches: SHA-256 of a label and the secret.
///
/// It hides a secret that cannot be guessed, such as ``Shamir/randomSecret(using:)`` gives, and no
/// other. The label says what the secret is for, so that the commitment of one session, round and
/// client is that of no other.
public struct SecretCommitment: Sendable, Hashable {
  /// 32 bytes.
  public let bytes: [UInt8]
  private let label: [UInt8]

  /// The commitment to a secret.
  public init(to secret: SecretBytes, label: [UInt8]) {
    self.label = label
    bytes = Self.digest(of: secret, label: label)
  }

  /// A commitment that was published, with the label it must have been made with; nil unless it has
  /// 32 bytes.
  public init?(published bytes: [UInt8], label: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
    self.label = label
  }

  /// Whether this is the commitment to `secret`.
  public func matches(_ secret: SecretBytes) -> Bool {
    ConstantTime.areEqual(bytes, Self.digest(of: secret, label: label))
  }

  private static func digest(of secret: SecretBytes, label: [UInt8]) -> [UInt8] {
    var hasher = SHA256()
    // The label's length first: no label runs into the secret.
    hasher.update(withUnsafeBytes(of: UInt64(label.count).littleEndian) { Array($0) })
    hasher.update(label)
    secret.withBytes { hasher.update($0) }
    return hasher.finalize().bytes
  }
}
