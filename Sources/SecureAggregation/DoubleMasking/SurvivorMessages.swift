internal import CryptoCore

/// Which clients' inputs are in the sum: one bit a client.
public struct SurvivorList: Sendable, Hashable {
  /// Their numbers, increasing.
  public let clients: [Int]

  package init(_ clients: [Int]) { self.clients = clients }

  package func encoded(in session: MaskingSession) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (session.clients + 7) / 8)
    for client in clients { bytes[client / 8] |= 1 << UInt8(client % 8) }
    return bytes
  }

  package init(
    decoding payload: ArraySlice<UInt8>, as kind: MessageKind, in session: MaskingSession
  ) throws(MessageRefusal) {
    var reader = WireReader(payload)
    let bytes = Array(try reader.read((session.clients + 7) / 8))
    try reader.finish()
    var clients: [Int] = []
    for place in 0..<8 * bytes.count where bytes[place / 8] >> UInt8(place % 8) & 1 == 1 {
      guard place < session.clients else {
        throw .malformed(kind, "lists client \(place), and there are \(session.clients)")
      }
      clients.append(place)
    }
    self.clients = clients
  }
}

/// The signatures of clients under the list of survivors that each was shown.
public struct ConsistencyProof: Sendable, Hashable {
  /// The signature of one client's whole consistency message.
  public struct Entry: Sendable, Hashable {
    /// Who signed.
    public let client: Int
    /// 64 bytes.
    public let signature: [UInt8]

    package init(client: Int, signature: [UInt8]) {
      self.client = client
      self.signature = signature
    }
  }

  /// By increasing number of the client.
  public let entries: [Entry]

  package init(entries: [Entry]) { self.entries = entries }

  package func encoded() -> [UInt8] {
    WireWriter.list(entries, by: \.client) { entry, writer in writer.write(entry.signature) }
  }

  package init(
    decoding payload: ArraySlice<UInt8>, in session: MaskingSession
  ) throws(MessageRefusal) {
    entries = try WireReader.list(payload, .consistencyProof, in: session) {
      (client, reader) throws(MessageRefusal) in
      Entry(client: client, signature: Array(try reader.read(Ed25519.signatureCount)))
    }
  }
}
