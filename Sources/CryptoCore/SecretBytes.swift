/// Bytes that must stay secret: keys, shared secrets, shares.
///
/// The memory is overwritten with zeros when the last reference goes. Nothing shows the contents by
/// accident: printing, interpolating, `dump` and reflection tell the count only, and the type is
/// neither `Equatable` nor `Codable`. Two secrets are compared in constant time:
///
///     let key = try SecretBytes(random: 32)
///     print(key)                       // 32 secret bytes
///     key.isEqual(to: otherKey)        // takes the same time wherever they differ
///
/// Contents never change after the initializer, so that an instance may be shared freely.
/// `@unchecked Sendable`: the memory is written in initializers only.
public final class SecretBytes: @unchecked Sendable {
  private let memory: UnsafeMutableRawBufferPointer

  /// How many bytes there are.
  public var count: Int { memory.count }

  /// `count` bytes, zero until `body` has written them; zeroed again if it throws.
  ///
  /// - Parameter count: At least 0.
  public init<Failure: Error>(
    count: Int, initializingWith body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(count >= 0, "\(count) bytes cannot be held")
    memory = .allocate(byteCount: count, alignment: 16)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    try body(memory)
  }

  /// `count` random bytes of `source`.
  public convenience init(random count: Int, using source: inout some SecretSource)
    throws(SystemRandomness.Failure)
  {
    try self.init(count: count) { bytes throws(SystemRandomness.Failure) in
      try source.fill(bytes)
    }
  }

  /// `count` random bytes of the operating system.
  public convenience init(random count: Int) throws(SystemRandomness.Failure) {
    var source = SystemRandomness()
    try self.init(random: count, using: &source)
  }

  /// A copy of bytes that are elsewhere too; zeroing the original is the caller's matter.
  public convenience init(copying bytes: [UInt8]) {
    self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
  }

  /// A copy of the bytes of a span.
  public convenience init(copying bytes: RawSpan) {
    self.init(count: bytes.byteCount) { memory in
      bytes.withUnsafeBytes { memory.copyMemory(from: $0) }
    }
  }

  /// The bytes of all `parts`, one behind the other.
  public convenience init(joining parts: [SecretBytes]) {
    self.init(count: parts.reduce(0) { $0 + $1.count }) { memory in
      var start = 0
      for part in parts {
        part.withUnsafeBytes {
          UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + $0.count])
            .copyMemory(from: $0)
        }
        start += part.count
      }
    }
  }

  deinit {
    OpenSSL.cleanse(memory)
    memory.deallocate()
  }

  /// A copy of part of the bytes.
  ///
  /// - Precondition: `range` lies within `0..<count`.
  public subscript(range: Range<Int>) -> SecretBytes {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count,
      "\(range) is not within \(count) secret bytes")
    return SecretBytes(count: range.count) { copy in
      copy.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[range]))
    }
  }

  /// Lends the bytes; whatever `body` copies elsewhere is no longer protected.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(memory))
  }

  /// Lends the bytes to code that works without pointers.
  public func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(memory).bytes)
  }

  /// The bytes as an array, which is neither zeroed nor hidden: for what is about to be published,
  /// such as a share revealed on purpose.
  public func revealed() -> [UInt8] { Array(memory) }

  /// Whether both hold the same bytes, in a time that depends on the counts alone.
  public func isEqual(to other: SecretBytes) -> Bool {
    count == other.count
      && OpenSSL.areEqual(UnsafeRawBufferPointer(memory), UnsafeRawBufferPointer(other.memory))
  }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The count, nothing else.
  public var description: String { "\(count) secret bytes" }

  /// The count, nothing else.
  public var debugDescription: String { description }

  /// Shows the count, nothing else.
  public var customMirror: Mirror { Mirror(self, children: ["count": count]) }
}

/// Comparison of bytes that are not wrapped in ``SecretBytes``, such as codes from the network.
public enum ConstantTime {
  /// Whether both hold the same bytes, in a time that depends on the counts alone.
  public static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count
      && a.withUnsafeBytes { a in b.withUnsafeBytes { b in OpenSSL.areEqual(a, b) } }
  }
}
