public import CryptoCore
public import SecretSharing

/// Why one side of double masking did not go on.
public enum MaskingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A message that is not what it must be; whoever got it is as it was, and waits for the right one.
  case refused(MessageRefusal)
  /// The protocol ended here: a party that is who it says it is asked for what must not be given, or
  /// there are too few to go on.
  case aborted(AggregationAbort)
  /// The operating system gave no random bytes.
  case randomness(SystemRandomness.Failure)

  /// One sentence.
  public var description: String {
    switch self {
    case .refused(let refusal): "message refused: \(refusal)"
    case .aborted(let abort): "aggregation ended: \(abort)"
    case .randomness(let failure): failure.description
    }
  }
}

/// What is wrong with a message.
public enum MessageRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// Bytes are missing at the end, at least so many.
  case truncated(missing: Int)
  /// There are bytes behind the end.
  case overlong(extra: Int)
  /// It does not begin as an envelope does.
  case notAnEnvelope
  /// A version of the protocol that is not spoken here.
  case version(UInt8)
  /// No message has this number.
  case unknownKind(UInt8)
  /// It belongs to another session.
  case foreignSession
  /// It belongs to another round of the session.
  case foreignRound(UInt64)
  /// Its sender runs the protocol with other parameters.
  case foreignParameters
  /// Nobody of this number takes part.
  case unknownSender(Int)
  /// It is for somebody else.
  case foreignRecipient(Party)
  /// Its sender did not sign this.
  case badSignature(Party)
  /// It comes at the wrong time: before it is due, or again.
  case unexpected(MessageKind, while: String)
  /// This client has sent one already.
  case duplicate(MessageKind, from: Int)
  /// A client advertises a key on which its neighbours would end the session.
  case badKey(from: Int, KeyFault)
  /// A field has a value that it cannot have.
  case malformed(MessageKind, String)

  /// One sentence.
  public var description: String {
    switch self {
    case .truncated(let missing): "it is short of \(missing) bytes"
    case .overlong(let extra): "it has \(extra) bytes too many"
    case .notAnEnvelope: "it is not an envelope of this protocol"
    case .version(let version): "version \(version) is not spoken here, only \(Envelope.version)"
    case .unknownKind(let kind): "there is no message of kind \(kind)"
    case .foreignSession: "it belongs to another session"
    case .foreignRound(let round): "it belongs to round \(round)"
    case .foreignParameters: "its sender uses other parameters"
    case .unknownSender(let id): "client \(id) does not take part"
    case .foreignRecipient(let party): "it is for \(party)"
    case .badSignature(let party): "\(party) did not sign it"
    case .unexpected(let kind, let phase): "a \(kind) while waiting for \(phase)"
    case .duplicate(let kind, let id): "client \(id) has sent its \(kind) already"
    case .badKey(let id, let fault): "a key of client \(id) \(fault)"
    case .malformed(let kind, let reason): "the \(kind) \(reason)"
    }
  }
}

/// Why an aggregation ended without a sum.
public enum AggregationAbort: Error, Sendable, Hashable, CustomStringConvertible {
  /// Fewer than the threshold are left.
  case tooFew(have: Int, needed: Int, at: MessageKind)
  /// A client was shown somebody else's keys as its own.
  case ownKeysReplaced
  /// Two clients were shown with the same key.
  case repeatedKey(Int, Int)
  /// A client's keys were not signed by it.
  case unsignedKeys(Int)
  /// A client's key is one nobody would choose.
  case badKey(Int)
  /// Somebody stands in a list that has no place there.
  case unexpectedClient(Int, in: MessageKind)
  /// A client that has sent its input was listed as one that has not.
  case declaredDropped
  /// A client was listed as having sent its input that never shared its secrets.
  case survivorWithoutShares(Int)
  /// The list of survivors that a client signed is not the one shown here.
  case inconsistentSurvivors(signer: Int)
  /// Too few signatures under the list of survivors.
  case tooFewSignatures(have: Int, needed: Int)
  /// A client's secret could not be rebuilt.
  case lostSecret(client: Int, SharingError)
  /// The vector is not of the session's length and ring.
  case wrongInput(count: Int, bits: Int)

  /// One sentence.
  public var description: String {
    switch self {
    case .tooFew(let have, let needed, let kind):
      "\(have) clients have sent a \(kind), \(needed) are needed"
    case .ownKeysReplaced: "the server lists other keys for this client than it sent"
    case .repeatedKey(let a, let b): "clients \(a) and \(b) are listed with the same key"
    case .unsignedKeys(let id): "the keys listed for client \(id) are not signed by it"
    case .badKey(let id):
      "the key listed for client \(id) is no key of a client that follows the protocol"
    case .unexpectedClient(let id, let kind): "client \(id) has no place in the \(kind)"
    case .declaredDropped: "this client has sent its input and is listed as dropped"
    case .survivorWithoutShares(let id):
      "client \(id) is listed as a survivor, but never shared its secrets"
    case .inconsistentSurvivors(let id): "client \(id) signed another list of survivors"
    case .tooFewSignatures(let have, let needed):
      "\(have) clients signed the list of survivors, \(needed) are needed"
    case .lostSecret(let id, let error): "the secret of client \(id) cannot be rebuilt: \(error)"
    case .wrongInput(let count, let bits):
      "the input has \(count) elements of \(bits) bits, which is not what the session adds"
    }
  }
}
