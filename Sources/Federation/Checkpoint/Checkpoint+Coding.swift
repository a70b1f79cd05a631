internal import CryptoCore
internal import FileFormats

extension Checkpoint {
  /// The version of the format that this library writes.
  static let version = 2
  private static let magic = Array("RAMPART\u{1A}".utf8)
  private static let digestLength = 32

  /// What is written behind the digest.
  private struct Body: Codable {
    var fingerprint: String
    var notes: [String: String]
    var state: RunState
  }

  /// The checkpoint as bytes: eight that mark it, the version, the SHA-256 of the rest, the rest.
  ///
  /// - Throws: What a remembered value's `encode(to:)` throws.
  /// - Complexity: O(bytes).
  public func encoded() throws -> [UInt8] {
    let body = try BinaryEncoder().encode(
      Body(fingerprint: fingerprint, notes: notes, state: state))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.magic.count + 1 + Self.digestLength + body.count)
    bytes += Self.magic
    bytes.append(UInt8(Self.version))
    bytes += SHA256.hash(body).bytes
    bytes += body
    return bytes
  }

  /// The checkpoint that `bytes` hold.
  ///
  /// - Throws: `CheckpointError` when they are cut off, damaged, or something else.
  /// - Complexity: O(bytes).
  public init(decoding bytes: [UInt8]) throws(CheckpointError) {
    let start = Self.magic.count + 1 + Self.digestLength
    guard bytes.starts(with: Self.magic) else { throw .notACheckpoint }
    guard bytes.count >= start else { throw .damaged("it ends in the header") }
    let version = Int(bytes[Self.magic.count])
    guard version == Self.version else { throw .otherVersion(version) }
    let body = Array(bytes[start...])
    guard SHA256.hash(body).bytes == Array(bytes[(Self.magic.count + 1)..<start]) else {
      throw .damaged("its checksum does not fit")
    }
    let problems = MemoryProblems()
    do {
      let content = try BinaryDecoder(userInfo: [.memoryProblems: problems])
        .decode(Body.self, from: body)
      self.init(
        notes: content.notes, fingerprint: content.fingerprint, state: content.state,
        problems: problems)
    } catch {
      throw .damaged(CheckpointError.text(of: error))
    }
  }
}
