/// What a release did to privacy, as a plain value.
///
/// The round writes events; epsilon is computed from the ledger of them, never typed in. Events are
/// only ever added to this list, never given another meaning.
public enum PrivacyEvent: Codable, Sendable, Hashable {
  /// Something was released with no bound on what it reveals: epsilon is infinite.
  case nonPrivate
}

/// Every privacy event of a run, with how often it happened.
public struct PrivacyLedger: Codable, Sendable, Hashable {
  /// The events in the order they first happened, each with its count.
  public private(set) var entries: [Entry] = []

  /// An event that happened `count` times.
  public struct Entry: Codable, Sendable, Hashable {
    /// What happened.
    public var event: PrivacyEvent
    /// How often.
    public var count: Int
  }

  /// An empty ledger.
  public init() {}

  /// Notes that `event` happened.
  public mutating func record(_ event: PrivacyEvent) {
    if let index = entries.firstIndex(where: { $0.event == event }) {
      entries[index].count += 1
    } else {
      entries.append(Entry(event: event, count: 1))
    }
  }
}
