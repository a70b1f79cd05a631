internal import SecureAggregation

extension WireWriter {
  /// Clients by increasing number, how many first.
  mutating func write(clients: [Int]) {
    write(UInt32(clients.count))
    for client in clients { write(UInt32(client)) }
  }
}

/// Reads the fields of a message, and refuses what is too short or too long.
struct ProofReader {
  private let bytes: ArraySlice<UInt8>
  private var place: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
  }

  var remaining: Int { bytes.endIndex - place }

  mutating func read(_ count: Int) throws(ProofFault) -> ArraySlice<UInt8> {
    guard count <= remaining else { throw .truncated(missing: count - remaining) }
    defer { place += count }
    return bytes[place..<place + count]
  }

  mutating func readByte() throws(ProofFault) -> UInt8 { try read(1).reduce(0) { $0 | $1 } }

  mutating func readWord() throws(ProofFault) -> UInt32 {
    try read(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func readLong() throws(ProofFault) -> UInt64 {
    try read(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Clients of the session by increasing number, each once: one list has one encoding.
  mutating func readClients(
    _ kind: ProofKind, in session: MaskingSession
  ) throws(ProofFault) -> [Int] {
    let count = Int(try readWord())
    guard count <= session.clients else {
      throw .malformed(kind, "lists \(count) clients, and there are \(session.clients)")
    }
    var clients: [Int] = []
    for _ in 0..<count {
      let client = Int(try readWord())
      guard client < session.clients else {
        throw .malformed(kind, "lists client \(client), and there are \(session.clients)")
      }
      guard client > clients.last ?? -1 else {
        throw .malformed(kind, "lists client \(client) twice or out of order")
      }
      clients.append(client)
    }
    return clients
  }

  /// A packed vector of a ring.
  mutating func readVector(
    _ kind: ProofKind, count: Int, in ring: MaskRing
  ) throws(ProofFault) -> RingVector {
    let packed = try read(ring.packedCount(count))
    do { return try RingVector(unpacking: packed, count: count, in: ring) } catch {
      throw .malformed(kind, "has a sum that does not unpack: \(error)")
    }
  }

  func finish() throws(ProofFault) {
    guard remaining == 0 else { throw .overlong(extra: remaining) }
  }
}
