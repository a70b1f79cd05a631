import CryptoCore
import SecureAggregation

/// A message in the hands of somebody who changes it: header, payload and signature apart, so that
/// what is changed can be signed again.
struct TamperedMessage {
  static let headerCount = 89
  /// Where the fields of an envelope begin.
  static let fields = [
    "magic": 0, "version": 3, "kind": 4, "sender": 5, "recipient": 9, "session": 13, "round": 45,
    "parameters": 53, "length": 85, "payload": headerCount,
  ]

  var bytes: [UInt8]

  var payload: [UInt8] {
    get { Array(bytes[Self.headerCount..<(bytes.count - Ed25519.signatureCount)]) }
    set {
      let signature = bytes.suffix(Ed25519.signatureCount)
      let count = (0..<4).map { UInt8(truncatingIfNeeded: newValue.count >> (8 * $0)) }
      bytes = bytes.prefix(Self.headerCount - 4) + count + newValue + signature
    }
  }

  /// Bytes of an entry of the lists that a message of this kind holds.
  static func entryCount(_ kind: MessageKind, _ security: MaskingSession.Security) throws -> Int {
    switch kind {
    case .keyDirectory: 4 + 96 + (security == .active ? 64 : 0)
    case .shareDistribution, .shareDelivery: 4 + 80
    case .consistencyProof: 4 + 64
    case .unmaskingShares: 4 + 1 + 32
    default: throw BadCaseError(reason: "a \(kind) has no entries")
    }
  }

  /// Changes bytes where they are, or at the ends.
  mutating func apply(
    _ step: BadCase.Step, _ kind: MessageKind, _ security: MaskingSession.Security
  ) throws {
    switch step.do {
    case "cut": bytes.removeLast(step.bytes ?? bytes.count)
    case "append": bytes += try BadCase.bytes(step.hex ?? "")
    case "put", "flip":
      let start: Int
      if step.field == "signature" {
        start = bytes.count - Ed25519.signatureCount
      } else if let field = Self.fields[step.field ?? ""] {
        start = field
      } else {
        throw BadCaseError(reason: "no field is called '\(step.field ?? "")'")
      }
      if step.do == "flip" {
        bytes[start] ^= 1
      } else {
        let new = try BadCase.bytes(step.hex ?? "")
        bytes.replaceSubrange(start..<start + new.count, with: new)
      }
    case "payload cut": payload.removeLast(step.bytes ?? 0)
    case "payload append": payload += try BadCase.bytes(step.hex ?? "")
    case "payload put", "payload flip":
      var start = step.at ?? 0
      if let entry = step.entry { start += 4 + entry * (try Self.entryCount(kind, security)) }
      if step.do == "payload flip" {
        payload[start] ^= 1
      } else {
        let new = try BadCase.bytes(step.hex ?? "")
        payload.replaceSubrange(start..<start + new.count, with: new)
      }
    case "drop entry", "swap entries", "copy keys":
      var entries = try entries(kind, security)
      guard let place = step.entry, entries.indices.contains(place) else {
        throw BadCaseError(reason: "there is no such entry")
      }
      if step.do == "drop entry" {
        entries.remove(at: place)
      } else if let other = step.other, step.do == "swap entries" {
        entries.swapAt(place, other)
      } else if let other = step.other {
        entries[place] = Array(entries[place].prefix(4) + entries[other].dropFirst(4))
      }
      payload = [UInt8(entries.count), 0, 0, 0] + entries.joined()
    default: throw BadCaseError(reason: "nothing is called '\(step.do)'")
    }
  }

  private func entries(
    _ kind: MessageKind, _ security: MaskingSession.Security
  ) throws -> [[UInt8]] {
    let count = try Self.entryCount(kind, security)
    let payload = payload
    return stride(from: 4, to: payload.count, by: count).map { Array(payload[$0..<$0 + count]) }
  }
}
