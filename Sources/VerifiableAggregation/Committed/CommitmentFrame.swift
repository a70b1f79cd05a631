internal import CryptoCore
package import SecureAggregation

/// What a message of the committed verifier begins with: 13 bytes.
///
///     kind sender round session payload
///      1     4      4      4     ...      bytes
///
/// Round and session are there to tell a message that went astray from a forged one; what binds a
/// message to them are signatures, over all 32 bytes of the session's digest, and digests. Messages
/// travel beside those of the masked sum: digests with the keys, commitments with the shares.
public struct CommitmentFrame: Sendable, Hashable {
  /// The version of the protocol.
  public static let version = 1
  /// Bytes before the payload.
  public static let overhead = 13

  /// The messages, in the order in which they are sent.
  public enum Kind: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case digest = 1
    case digestList
    case commitment
    case announcement

    /// "digest", ...
    public var description: String {
      switch self {
      case .digest: "commitment digest"
      case .digestList: "digest list"
      case .commitment: "commitment"
      case .announcement: "announcement"
      }
    }
  }

  let kind: Kind
  let sender: Party
  let payload: ArraySlice<UInt8>

  package static func header(_ kind: Kind, from sender: Party, in session: CommittedSession)
    -> WireWriter
  {
    var writer = WireWriter()
    writer.write(kind.rawValue)
    writer.write(sender.code)
    writer.write(UInt32(truncatingIfNeeded: session.masking.round))
    writer.write(session.digest[..<4])
    return writer
  }

  /// Takes a message apart that should be of this kind.
  init(
    _ bytes: [UInt8], as expected: Kind, in session: CommittedSession
  ) throws(CommitmentRefusal) {
    guard bytes.count >= Self.overhead else {
      throw .malformed(nil, from: nil, "has \(bytes.count) bytes, fewer than any")
    }
    guard let kind = Kind(rawValue: bytes[0]) else {
      throw .malformed(nil, from: nil, "is of no kind that exists: \(bytes[0])")
    }
    func word(_ at: Int) -> UInt32 {
      bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    sender = Party(code: word(1))
    if case .client(let id) = sender, id >= session.masking.clients { throw .unknownSender(id) }
    guard kind == expected else { throw .unexpected(kind, from: sender) }
    guard bytes[9..<13].elementsEqual(session.digest[..<4]) else {
      // The round is in the digest, so that it is the better news of the two.
      guard word(5) == UInt32(truncatingIfNeeded: session.masking.round) else {
        throw .foreignRound(word(5), from: sender)
      }
      throw .foreignSession(from: sender)
    }
    guard word(5) == UInt32(truncatingIfNeeded: session.masking.round) else {
      throw .foreignRound(word(5), from: sender)
    }
    self.kind = kind
    payload = bytes[Self.overhead...]
  }

  /// The client that sent a message of a client.
  func client() throws(CommitmentRefusal) -> Int {
    guard case .client(let id) = sender else { throw .unexpected(kind, from: sender) }
    return id
  }
}
