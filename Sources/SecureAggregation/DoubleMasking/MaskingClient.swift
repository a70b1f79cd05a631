public import CryptoCore
internal import SecretSharing
internal import Synchronization

/// One client of a double-masked sum, from its first message to its last.
///
/// It takes bytes and gives bytes; what it does not expect it refuses, and it stays as it was. What a
/// server that it knows should not have said ends the session: no later message opens anything.
///
///     let client = MaskingClient(id: 3, in: session, input: encoded, identity: key, registry: keys)
///     send(try client.start())
///     while let message = receive(), let answer = try client.receive(message) { send(answer) }
///
/// What the server sees of the input x_u is x_u + PRG(b_u) + the masks agreed with each neighbour v,
/// added if u < v and otherwise subtracted: uniform noise, unless it gets a threshold of shares of one
/// secret of this client and of enough others.
///
/// Source: Bonawitz et al. 2017, figure 4; with session, round, parameters and model bound into keys,
/// signatures and masks, and commitments to the self masks.
public final class MaskingClient: Sendable {
  /// Its number in the session.
  public let id: Int
  /// What everybody agreed on.
  public let session: MaskingSession
  let registry: IdentityRegistry
  private let identity: Ed25519.PrivateKey
  let schedule: KeySchedule
  private let state: Mutex<State>

  struct State: Sendable {
    var phase: Phase
    var input: RingVector
    var source: any SecretSource
  }

  /// What it waits for, with what it then needs. Secrets of a phase go when the phase does.
  enum Phase: Sendable {
    case new
    case awaitingDirectory(OwnSecrets)
    case awaitingShares(OwnSecrets, Directory)
    case awaitingSurvivors(Received)
    case awaitingProof(Received, SurvivorList)
    case finished
    case aborted(AggregationAbort)

    var name: String {
      switch self {
      case .new: "its own start"
      case .awaitingDirectory: "the key directory"
      case .awaitingShares: "the share delivery"
      case .awaitingSurvivors: "the survivor list"
      case .awaitingProof: "the consistency proof"
      case .finished: "nothing: it has finished"
      case .aborted: "nothing: it has ended the session"
      }
    }
  }

  struct OwnSecrets: Sendable {
    let channelKey: X25519.PrivateKey
    let maskSecret: SecretBytes
    let maskKey: X25519.PrivateKey
    let selfSecret: SecretBytes
    let advertisement: KeyAdvertisement
  }

  /// A neighbour's keys, and what was agreed with it for shares.
  struct Peer: Sendable {
    let keys: KeyAdvertisement
    let agreed: SecretBytes
  }

  struct Directory: Sendable {
    let peers: [Int: Peer]
    let ownSelfShare: SecretBytes
  }

  /// What is left after the input was sent: keys to decrypt shares, and the shares.
  struct Received: Sendable {
    var ciphertexts: [Int: [UInt8]]
    var keys: [Int: SecretBytes]
    let ownSelfShare: SecretBytes
  }

  /// A client that has sent nothing yet.
  ///
  /// - Parameters:
  ///   - input: The encoded vector, of the session's length and ring.
  ///   - modelDigest: A digest of the model that the input was computed from. Clients that were shown
  ///     different models then have masks that do not cancel: no sum of some of them comes out.
  ///   - source: Where secrets come from; the operating system's generator unless a test replays.
  /// - Throws: `AggregationAbort.wrongInput`.
  public init(
    id: Int, in session: MaskingSession, input: RingVector, identity: Ed25519.PrivateKey,
    registry: IdentityRegistry, modelDigest: [UInt8] = [],
    source: any SecretSource = SystemRandomness()
  ) throws(AggregationAbort) {
    precondition((0..<session.clients).contains(id), "no client \(id) in this session")
    guard input.count == session.dimension, input.ring == session.ring else {
      throw .wrongInput(count: input.count, bits: input.ring.bits)
    }
    self.id = id
    self.session = session
    self.registry = registry
    self.identity = identity
    schedule = KeySchedule(session, modelDigest: modelDigest)
    state = Mutex(State(phase: .new, input: input, source: source))
  }

  /// Whether it has given its last message.
  public var isFinished: Bool {
    state.withLock { if case .finished = $0.phase { true } else { false } }
  }

  /// The reason if it has ended the session.
  public var abort: AggregationAbort? {
    state.withLock { if case .aborted(let reason) = $0.phase { reason } else { nil } }
  }

  /// Draws its secrets and gives its first message, the key advertisement.
  ///
  /// - Throws: `MaskingError.randomness`, or `.refused` if it has started already.
  public func start() throws(MaskingError) -> [UInt8] {
    try state.withLock { (state) throws(MaskingError) in
      guard case .new = state.phase else {
        throw .refused(.unexpected(.keyAdvertisement, while: state.phase.name))
      }
      let own = try drawSecrets(&state.source)
      state.phase = .awaitingDirectory(own)
      return seal(own.advertisement.encoded(), .keyAdvertisement)
    }
  }

  /// Takes the server's next message and gives the answer; nil after the last.
  ///
  /// - Throws: `MaskingError.refused` for a message that is not the next of this session: nothing has
  ///   changed. `.aborted` if the session ends here.
  /// - Complexity: O(neighbours * dimension) for the share delivery, which is answered by the masked
  ///   input.
  public func receive(_ bytes: [UInt8]) throws(MaskingError) -> [UInt8]? {
    try state.withLock { (state) throws(MaskingError) in
      do throws(MaskingError) {
        return try answer(bytes, &state)
      } catch {
        if case .aborted(let reason) = error {
          state.phase = .aborted(reason)
          state.input = RingVector(zeros: 0, in: session.ring)
        }
        throw error
      }
    }
  }

  private func answer(_ bytes: [UInt8], _ state: inout State) throws(MaskingError) -> [UInt8]? {
    let envelope = try refusing { () throws(MessageRefusal) in
      try Envelope(opening: bytes, for: .client(id), in: session, registry: registry)
    }
    guard envelope.sender == .server else { throw .refused(.badSignature(.server)) }
    let payload = envelope.payload
    switch (state.phase, envelope.kind) {
    case (.awaitingDirectory(let own), .keyDirectory):
      let listed = try refusing { () throws(MessageRefusal) in
        try KeyDirectory(decoding: payload, in: session)
      }
      try check(listed, own)
      let (directory, message) = try share(own, among: listed, &state.source)
      state.phase = .awaitingShares(own, directory)
      return seal(message.encoded(), .shareDistribution)
    case (.awaitingShares(let own, let directory), .shareDelivery):
      let shares = try refusing { () throws(MessageRefusal) in
        try EncryptedShares(decoding: payload, as: .shareDelivery, in: session)
      }
      let received = try mask(&state.input, own, directory, shares)
      state.phase = .awaitingSurvivors(received)
      defer { state.input = RingVector(zeros: 0, in: session.ring) }
      return seal(state.input.packed(), .maskedInput)
    case (.awaitingSurvivors(let received), .survivorList):
      let survivors = try refusing { () throws(MessageRefusal) in
        try SurvivorList(decoding: payload, as: .survivorList, in: session)
      }
      try check(survivors, received)
      guard session.security == .active else {
        state.phase = .finished
        return seal(opened(received, survivors).encoded(), .unmaskingShares)
      }
      state.phase = .awaitingProof(received, survivors)
      return seal(survivors.encoded(in: session), .consistencySignature)
    case (.awaitingProof(let received, let survivors), .consistencyProof):
      let proof = try refusing { () throws(MessageRefusal) in
        try ConsistencyProof(decoding: payload, in: session)
      }
      try check(proof, survivors)
      state.phase = .finished
      return seal(opened(received, survivors).encoded(), .unmaskingShares)
    default:
      throw .refused(.unexpected(envelope.kind, while: state.phase.name))
    }
  }

  private func seal(_ payload: [UInt8], _ kind: MessageKind) -> [UInt8] {
    Envelope.seal(payload, kind, from: .client(id), to: .server, in: session, by: identity)
  }
}

/// What a message that cannot be read makes of what reads it.
func refusing<Value>(
  _ read: () throws(MessageRefusal) -> Value
) throws(MaskingError) -> Value {
  do { return try read() } catch { throw .refused(error) }
}
