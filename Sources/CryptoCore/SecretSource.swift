/// Where secrets come from.
///
/// ``SystemRandomness`` is the one for use. Whoever draws secrets takes a source as an argument, so
/// that tests and seeded demonstrations can replay a run.
public protocol SecretSource: Sendable {
  /// Fills memory with the next random bytes.
  ///
  /// - Throws: When there are none; the memory then holds nothing to rely on.
  mutating func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemRandomness.Failure)
}

/// Bytes anybody can compute who knows the seed, for tests and for seeded demonstrations of attacks:
/// never for a secret.
///
/// The stream is AES-256 in counter mode under the SHA-256 digest of the seed. A value type: a copy
/// repeats what the original gives.
package struct InsecureSeededSecrets: SecretSource {
  private let key: SecretBytes
  private var position: UInt64 = 0

  /// The stream of a seed.
  package init(seed: UInt64) { self.init(label: "insecure seeded secrets \(seed)") }

  private init(label: String) { key = SecretBytes(copying: SHA256.hash(label).bytes) }

  /// An independent stream, named by this one's seed and `label`; does not advance this one.
  package func fork(_ label: String) -> InsecureSeededSecrets {
    InsecureSeededSecrets(label: "\(SHA256.hash(key.revealed())) \(label)")
  }

  package mutating func fill(_ bytes: UnsafeMutableRawBufferPointer)
    throws(SystemRandomness.Failure)
  {
    OpenSSL.maskStream(of: key, from: position, into: bytes)
    position += UInt64(bytes.count)
  }
}
