internal import CryptoCore

/// From messages to numbers of the base field (RFC 9380, section 5, with SHA-256).
package enum MessageExpansion {
  /// `count` bytes that look random, of a message and the name of a use (expand_message_xmd, 5.3.1;
  /// names above 255 bytes are hashed, 5.3.3).
  ///
  /// - Precondition: `count` is at most 255 * 32.
  /// - Throws: `PairingError.emptyDomain`.
  package static func bytes(
    of message: [UInt8], domain: [UInt8], count: Int
  ) throws(PairingError) -> [UInt8] {
    guard !domain.isEmpty else { throw .emptyDomain }
    precondition((0...255 * 32).contains(count), "at most 8160 bytes, not \(count)")
    let name =
      domain.count <= 255
      ? domain : SHA256.hash(Array("H2C-OVERSIZE-DST-".utf8) + domain).bytes
    let suffix = name + [UInt8(name.count)]
    // A block of zeros, the message, the count, 0: then block after block, chained.
    let first = SHA256.hash(
      [UInt8](repeating: 0, count: 64) + message
        + [UInt8(count >> 8), UInt8(count & 0xFF), 0] + suffix
    ).bytes
    var block = SHA256.hash(first + [1] + suffix).bytes
    var result = block
    var index: UInt8 = 1
    while result.count < count {
      index += 1
      block = SHA256.hash(zip(first, block).map { $0 ^ $1 } + [index] + suffix).bytes
      result += block
    }
    return Array(result.prefix(count))
  }

  /// Numbers of the field, of 64 bytes each: uniform to within 2^-128 (hash_to_field, 5.2).
  static func fieldElements(
    of message: [UInt8], domain: [UInt8], count: Int
  ) throws(PairingError) -> [FieldValue] {
    let bytes = try bytes(of: message, domain: domain, count: 64 * count)
    return (0..<count).map { FieldKernel.reduced(Array(bytes[64 * $0..<64 * ($0 + 1)])) }
  }
}
