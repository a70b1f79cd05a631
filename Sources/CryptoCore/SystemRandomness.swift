/// Random bytes for secrets: OpenSSL's private generator, which the operating system seeds and which
/// reseeds itself (also in a forked child).
public struct SystemRandomness: SecretSource {
  /// The generator of this process.
  public init() {}

  /// The generator gave no bytes, and so nothing that depends on them may be used.
  public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why; OpenSSL's own words where it is the source.
    public let reason: String

    /// A source that gave nothing, and why.
    public init(reason: String) { self.reason = reason }

    /// One sentence.
    public var description: String { "no random bytes: \(reason)" }
  }

  /// Fills memory with random bytes.
  ///
  /// - Throws: `Failure`; the memory then holds nothing to rely on.
  public static func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(Failure) {
    if let reason = OpenSSL.fillPrivately(bytes) { throw Failure(reason: reason) }
  }

  /// Fills memory with random bytes.
  ///
  /// - Throws: `Failure`; the memory then holds nothing to rely on.
  public func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(Failure) {
    try Self.fill(bytes)
  }

  /// `count` random bytes.
  public static func bytes(_ count: Int) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let reason = bytes.withUnsafeMutableBytes { OpenSSL.fillPrivately($0) }
    if let reason { throw Failure(reason: reason) }
    return bytes
  }

  /// Overwrites memory that held a secret with zeros; not left out by the optimiser.
  public static func cleanse(_ bytes: UnsafeMutableRawBufferPointer) { OpenSSL.cleanse(bytes) }
}
