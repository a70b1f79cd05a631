public import CryptoCore
public import Pairings
public import SecureAggregation

/// Why a message of the committed verifier is not accepted, by a server or by a user.
///
/// Where a message is at fault its sender is named, so that one knows whom to ask. Where the sum is
/// at fault nobody is: that of the commitments is not opened if the server announced another one,
/// and also if a client masked another vector than it committed to, and nobody can tell these
/// apart.
public enum CommitmentRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// It is no message of this kind, or not of its length.
  case malformed(CommitmentFrame.Kind?, from: Party?, String)
  /// It comes at the wrong time, or again.
  case unexpected(CommitmentFrame.Kind, from: Party)
  /// It belongs to another session, or its sender uses other parameters.
  case foreignSession(from: Party)
  /// It belongs to another round; the lower 32 bits of its number.
  case foreignRound(UInt32, from: Party)
  /// Nobody of this number takes part.
  case unknownSender(Int)
  /// Its sender did not sign it: not these bytes for this session and, if they are a commitment,
  /// not beside the list of digests that was shown here.
  case badSignature(of: Party)
  /// What should be a commitment is no point of the group: not on the curve, outside the subgroup,
  /// in another encoding than the one of its point, or infinity.
  case badPoint(from: Int, PairingError)
  /// A commitment is not the one its client had announced by its digest.
  case notAsAnnounced(from: Int)
  /// The list of digests, or of survivors, has another entry for this client than it sent, or none.
  case ownEntry(in: CommitmentFrame.Kind)
  /// Somebody is listed as a survivor that has announced no commitment.
  case withoutDigest(Int)
  /// Fewer clients are listed than the session takes.
  case tooFew(have: Int, needed: Int, in: CommitmentFrame.Kind)
  /// The announced sum is not that of the commitments.
  case wrongSum
  /// The operating system gave no random bytes.
  case randomness(SystemRandomness.Failure)

  /// One sentence.
  public var description: String {
    switch self {
    case .malformed(let kind, let sender, let reason):
      "the \(kind.map { "\($0)" } ?? "message")\(sender.map { " of \($0)" } ?? "") \(reason)"
    case .unexpected(let kind, let sender): "the \(kind) of \(sender) is not expected now"
    case .foreignSession(let sender):
      "the message of \(sender) belongs to another session or to other parameters"
    case .foreignRound(let round, let sender): "the message of \(sender) belongs to round \(round)"
    case .unknownSender(let id): "client \(id) does not take part"
    case .badSignature(.server): "the server did not sign its announcement"
    case .badSignature(.client(let id)):
      "client \(id) did not sign this commitment for this session and this list of digests"
    case .badPoint(let id, let fault): "the commitment of client \(id) is no commitment: \(fault)"
    case .notAsAnnounced(let id): "the commitment of client \(id) is not the one it had announced"
    case .ownEntry(let kind): "the \(kind) does not show what this client has sent"
    case .withoutDigest(let id): "client \(id) is listed and had announced no commitment"
    case .tooFew(let have, let needed, let kind):
      "the \(kind) names \(have) clients, and \(needed) are needed"
    case .wrongSum: "the sum that the server announced is not that of the commitments"
    case .randomness(let failure): failure.description
    }
  }
}
