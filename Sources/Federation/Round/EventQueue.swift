/// Events in order of time, then of insertion: the virtual clock of a run.
///
/// Insertion and removal in O(log n).
package struct EventQueue<Event> {
  private var heap: [(time: Double, sequence: Int, event: Event)] = []
  private var inserted = 0

  /// How many events wait.
  package var count: Int { heap.count }

  /// When the earliest event is due; nil when there is none.
  package var nextTime: Double? { heap.first?.time }

  /// No event yet.
  package init() {}

  /// Adds an event; among equal times it comes after those already there.
  package mutating func insert(_ event: Event, at time: Double) {
    heap.append((time, inserted, event))
    inserted += 1
    var child = heap.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes out the earliest event; nil when there is none.
  package mutating func removeFirst() -> (time: Double, event: Event)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      var parent = 0
      while true {
        var least = parent
        for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
          if precedes(child, least) { least = child }
        }
        if least == parent { break }
        heap.swapAt(parent, least)
        parent = least
      }
    }
    return (first.time, first.event)
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    (heap[left].time, heap[left].sequence) < (heap[right].time, heap[right].sequence)
  }
}

/// Written as its events in order.
extension EventQueue: Codable where Event: Codable {
  private enum CodingKeys: CodingKey { case times, sequence, events, inserted }

  /// Reads a queue.
  ///
  /// - Throws: `DecodingError` when the events are in no order.
  package init(from decoder: any Decoder) throws {
    let keyed = try decoder.container(keyedBy: CodingKeys.self)
    let times = try keyed.decode([Double].self, forKey: .times)
    let sequence = try keyed.decode([Int].self, forKey: .sequence)
    let events = try keyed.decode([Event].self, forKey: .events)
    inserted = try keyed.decode(Int.self, forKey: .inserted)
    let order = zip(times, sequence).map { ($0, $1) }
    guard times.count == events.count, sequence.count == events.count,
      times.allSatisfy(\.isFinite), sequence.allSatisfy({ (0..<max(inserted, 0)).contains($0) }),
      zip(order, order.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .events, in: keyed, debugDescription: "events that are in no order")
    }
    // What is in order is a heap.
    heap = events.indices.map { (times[$0], sequence[$0], events[$0]) }
  }

  /// Writes the queue.
  package func encode(to encoder: any Encoder) throws {
    let ordered = heap.sorted { ($0.time, $0.sequence) < ($1.time, $1.sequence) }
    var keyed = encoder.container(keyedBy: CodingKeys.self)
    try keyed.encode(ordered.map(\.time), forKey: .times)
    try keyed.encode(ordered.map(\.sequence), forKey: .sequence)
    try keyed.encode(ordered.map(\.event), forKey: .events)
    try keyed.encode(inserted, forKey: .inserted)
  }

  /// The events that wait, in no order.
  package var waiting: [Event] { heap.map(\.event) }
}

extension EventQueue: Sendable where Event: Sendable {}
