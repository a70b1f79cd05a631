internal import Dispatch
internal import Foundation
internal import Synchronization

/// Ctrl-C, and the polite signal of a job scheduler, as something that work can answer.
public final class Interruption {
  private static let signals = [SIGINT, SIGTERM]
  private let sources: [any DispatchSourceSignal]

  /// Calls `body` on the first SIGINT or SIGTERM, on a thread of its own; the next one ends the
  /// process at once, with the status that shells give to the signal.
  ///
  /// Listens until ``end()``.
  public init(_ body: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "interruption")
    let count = Counter()
    sources = Self.signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        if count.next() > 1 { _exit(128 + number) }
        body()
      }
      source.resume()
      return source
    }
  }

  /// Stops listening: signals end the process again.
  public func end() {
    for source in sources { source.cancel() }
    for number in Self.signals { signal(number, SIG_DFL) }
  }

  /// Counts from 1.
  private final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
  }
}
