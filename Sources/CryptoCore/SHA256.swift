/// SHA-256 (FIPS 180-4, section 6.2): identifies data and configurations by content.
///
/// Whole values in one call:
///
///     SHA256.hash("abc").hexadecimal
///     // ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
///
/// or piece by piece; how the bytes are cut into pieces does not change the digest:
///
///     var hasher = SHA256()
///     hasher.update(header)
///     hasher.update(features.span.bytes)
///     let digest = hasher.finalize()
///
/// A value type: a copy goes on independently of the original. O(bytes read), constant memory.
public struct SHA256: Sendable {
  private var context: OpenSSL.SHA256Context

  /// A computation that has read nothing.
  public init() { context = .make() }

  /// Reads more bytes.
  public mutating func update(_ bytes: [UInt8]) {
    makeUnique()
    bytes.withUnsafeBytes { context.update($0) }
  }

  /// Reads the memory of any span of plain values (`array.span.bytes`), in the machine's own byte
  /// order.
  public mutating func update(_ bytes: RawSpan) {
    makeUnique()
    bytes.withUnsafeBytes { context.update($0) }
  }

  /// Reads the UTF-8 bytes of a text.
  public mutating func update(_ text: String) {
    update(Array(text.utf8))
  }

  /// The digest of everything read so far; reading may go on afterwards.
  public func finalize() -> Digest { Digest(bytes: context.copy().final()) }

  /// The digest of `bytes`.
  public static func hash(_ bytes: [UInt8]) -> Digest {
    var hasher = SHA256()
    hasher.update(bytes)
    return hasher.finalize()
  }

  /// The digest of a text's UTF-8 bytes.
  public static func hash(_ text: String) -> Digest { hash(Array(text.utf8)) }

  private mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&context) { context = context.copy() }
  }

  /// The 32 bytes SHA-256 gives.
  public struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// The bytes, in the order of the standard.
    public let bytes: [UInt8]

    /// The bytes as 64 lower-case hexadecimal digits.
    public var hexadecimal: String {
      let digits = Array("0123456789abcdef".utf8)
      return String(
        decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The hexadecimal form.
    public var description: String { hexadecimal }
  }
}
