/// Writes the fields of a message, integers least significant byte first.
package struct WireWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write(_ value: UInt8) { bytes.append(value) }

  package mutating func write(_ value: UInt32) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  package mutating func write(_ value: UInt64) {
    write(UInt32(truncatingIfNeeded: value))
    write(UInt32(truncatingIfNeeded: value >> 32))
  }

  package mutating func write(_ more: some Collection<UInt8>) { bytes += more }

  /// How many entries there are, then each one's client and what `body` writes of it.
  package static func list<Entry>(
    _ entries: [Entry], by client: (Entry) -> Int, _ body: (Entry, inout WireWriter) -> Void
  ) -> [UInt8] {
    var writer = WireWriter()
    writer.write(UInt32(entries.count))
    for entry in entries {
      writer.write(UInt32(client(entry)))
      body(entry, &writer)
    }
    return writer.bytes
  }
}

/// Reads the fields of a message, and refuses what is too short or too long.
package struct WireReader {
  private let bytes: ArraySlice<UInt8>
  private var place: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
  }

  package var remaining: Int { bytes.endIndex - place }

  package mutating func read(_ count: Int) throws(MessageRefusal) -> ArraySlice<UInt8> {
    guard count <= remaining else { throw .truncated(missing: count - remaining) }
    defer { place += count }
    return bytes[place..<place + count]
  }

  package mutating func readByte() throws(MessageRefusal) -> UInt8 {
    try read(1).reduce(0) { $0 | $1 }
  }

  package mutating func readWord() throws(MessageRefusal) -> UInt32 {
    try read(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  package mutating func readLong() throws(MessageRefusal) -> UInt64 {
    try read(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// All of a message that is a list of entries by increasing client, as ``WireWriter/list(_:by:_:)``
  /// writes it.
  package static func list<Entry>(
    _ payload: ArraySlice<UInt8>, _ kind: MessageKind, in session: MaskingSession,
    _ body: (Int, inout WireReader) throws(MessageRefusal) -> Entry
  ) throws(MessageRefusal) -> [Entry] {
    var reader = WireReader(payload)
    let count = Int(try reader.readWord())
    var entries: [Entry] = []
    var last = -1
    // More entries than clients cannot increase.
    for _ in 0..<min(count, session.clients + 1) {
      let client = Int(try reader.readWord())
      guard client < session.clients else { throw .unknownSender(client) }
      guard client > last else {
        throw .malformed(kind, "lists client \(client) twice or out of order")
      }
      last = client
      entries.append(try body(client, &reader))
    }
    try reader.finish()
    return entries
  }

  package func finish() throws(MessageRefusal) {
    guard remaining == 0 else { throw .overlong(extra: remaining) }
  }
}

/// Who sent a message or is to get it.
public enum Party: Sendable, Hashable, CustomStringConvertible {
  case server
  /// A client by its number, from 0.
  case client(Int)

  /// "server" or "client 3".
  public var description: String {
    switch self {
    case .server: "the server"
    case .client(let id): "client \(id)"
    }
  }

  package var code: UInt32 {
    switch self {
    case .server: .max
    case .client(let id): UInt32(id)
    }
  }

  package init(code: UInt32) { self = code == .max ? .server : .client(Int(code)) }
}
