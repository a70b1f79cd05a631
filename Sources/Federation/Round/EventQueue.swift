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
