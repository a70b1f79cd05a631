/// What a release did to privacy, as a plain value.
///
/// The round writes events; epsilon is computed from the ledger of them, never typed in. Events are
/// only ever added to this list, never given another meaning.
public enum PrivacyEvent: Codable, Sendable, Hashable {
  /// Something was released with no bound on what it reveals: epsilon is infinite.
  case nonPrivate
}

/// Every release of a run, with how often it happened.
///
/// Composition does not ask for an order, so equal releases are counted in one entry. Memory is
/// bounded: past `limit` entries, a release that equals none widens the ranges of the entry most like
/// it (`CohortSampling.widened`), which never makes a promise stronger.
public struct PrivacyLedger: Codable, Sendable, Hashable {
  /// The releases in the order they first happened, each with its count.
  public private(set) var entries: [Entry] = []
  /// How many entries there may be before ranges are widened.
  public let limit: Int

  /// A release that happened `count` times.
  public struct Entry: Codable, Sendable, Hashable {
    /// What was done to it.
    public var event: PrivacyEvent
    /// How the clients behind it were drawn.
    public var sampling: CohortSampling
    /// How often.
    public var count: Int
  }

  /// An empty ledger.
  ///
  /// - Precondition: `limit` is positive.
  public init(limit: Int = 512) {
    precondition(limit > 0, "a ledger needs room for an entry")
    self.limit = limit
  }

  /// How many releases there were.
  public var count: Int { entries.reduce(0) { $0 + $1.count } }

  /// Notes that `event` happened to an aggregate of clients drawn by `sampling`.
  ///
  /// - Complexity: O(entries), at most O(`limit` + kinds of event and scheme).
  public mutating func record(_ event: PrivacyEvent, sampling: CohortSampling) {
    // Rounds are mostly like the one before them.
    if let index = entries.lastIndex(where: { $0.event == event && $0.sampling == sampling }) {
      entries[index].count += 1
    } else if entries.count >= limit,
      let index = entries.lastIndex(where: {
        $0.event == event && $0.sampling.scheme == sampling.scheme
      })
    {
      entries[index].sampling = entries[index].sampling.widened(to: sampling)
      entries[index].count += 1
    } else {
      entries.append(Entry(event: event, sampling: sampling, count: 1))
    }
  }
}
