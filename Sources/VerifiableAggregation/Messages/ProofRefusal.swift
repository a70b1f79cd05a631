public import Pairings
public import SecureAggregation

/// Why a message of a verifiable sum is not taken, and whose message it is.
///
/// Blame is sound where the fault is found behind a valid signature: only `truncated`, `overlong`,
/// `notAProof`, `version`, `unknownSender` and `badSignature` can be the work of somebody else on
/// the network. Of `failed` the sender is whoever made the claim, which need not be who spoilt it:
/// a client with a false proof or a false share makes an honest server's claims fail, and nobody
/// can tell which of them did.
public struct ProofRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// Whom the message names as its sender; nil if it is too short or too strange to name anybody.
  public let sender: Party?
  /// What is wrong.
  public let fault: ProofFault

  package init(sender: Party?, fault: ProofFault) {
    self.sender = sender
    self.fault = fault
  }

  /// One sentence.
  public var description: String {
    "\(sender.map(\.description) ?? "a sender that cannot be read"): \(fault)"
  }
}

/// What is wrong with a message of a verifiable sum.
public enum ProofFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// Bytes are missing at the end, at least so many.
  case truncated(missing: Int)
  /// There are bytes behind the end.
  case overlong(extra: Int)
  /// It does not begin as such a message does.
  case notAProof
  /// A version that is not spoken here.
  case version(UInt8)
  /// No message has this number.
  case unknownKind(UInt8)
  /// Nobody of this number takes part, or may send such a message.
  case unknownSender
  /// The named sender did not sign this.
  case badSignature
  /// It belongs to another session.
  case foreignSession
  /// It belongs to this round of the session.
  case foreignRound(UInt64)
  /// Its sender has another cohort, or other parameters.
  case foreignCohort
  /// A message of another kind than the one that is due.
  case unexpected(ProofKind, awaited: ProofKind)
  /// This sender has sent one already.
  case duplicate(ProofKind)
  /// A point that is none of the group's, or infinity. Coordinates are counted from 0.
  case badPoint(String, coordinate: Int, PairingError)
  /// A field has a value that it cannot have.
  case malformed(ProofKind, String)
  /// What is needed to go on has not come from this party.
  case missing(ProofKind)
  /// The message is well formed, and what it claims is false: the check that failed, and the
  /// coordinate if one is known.
  case failed(String, coordinate: Int?)

  /// One sentence.
  public var description: String {
    switch self {
    case .truncated(let missing): "the message is short of \(missing) bytes"
    case .overlong(let extra): "the message has \(extra) bytes too many"
    case .notAProof: "not a message of a verifiable sum"
    case .version(let version):
      "version \(version) is not spoken here, only \(ProofEnvelope.version)"
    case .unknownKind(let kind): "there is no message of kind \(kind)"
    case .unknownSender: "this party does not take part or does not send such a message"
    case .badSignature: "the signature is not this party's"
    case .foreignSession: "the message belongs to another session"
    case .foreignRound(let round): "the message belongs to round \(round)"
    case .foreignCohort: "the message belongs to another cohort or other parameters"
    case .unexpected(let kind, let awaited): "a \(kind) where a \(awaited) is due"
    case .duplicate(let kind): "a second \(kind)"
    case .badPoint(let name, let coordinate, let error):
      "\(name) of coordinate \(coordinate): \(error)"
    case .malformed(let kind, let reason): "the \(kind) \(reason)"
    case .missing(let kind): "no \(kind) has come"
    case .failed(let check, let coordinate):
      "the check fails\(coordinate.map { " at coordinate \($0)" } ?? ""): \(check)"
    }
  }
}
