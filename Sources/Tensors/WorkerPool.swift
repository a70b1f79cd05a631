import Synchronization

/// Own threads for compute, whose work is over before the call returns.
///
/// The cooperative pool of Swift concurrency is capped and must not be blocked, so long numerical
/// work gets threads of its own, each with a stack of 16 MiB; they stay for later calls. Indices are handed out in increasing
/// order to whichever worker is free; which worker ran an index must not influence its result, and
/// then the results do not depend on the number of workers.
public enum WorkerPool {
  /// Calls `body(index, worker)` once for every index below `count`.
  ///
  /// With one worker, or at most one index, all calls run in order on the caller's thread, which
  /// otherwise acts as worker 0.
  ///
  /// - Parameters:
  ///   - workers: How many threads may run at once, at least 1; more than `count` are not started.
  ///   - body: The work. `worker` is below `workers` and never runs two calls at a time, so it can
  ///     name a scratch space.
  /// - Throws: The error of the lowest index that failed. Once a call has failed no further indices
  ///   are handed out, and every lower index has been run.
  public static func forEach<Failure: Error>(
    _ count: Int, workers: Int,
    _ body: @Sendable (_ index: Int, _ worker: Int) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(workers >= 1, "\(workers) workers can do nothing; give at least 1")
    guard min(workers, count) > 1 else {
      for index in 0..<max(0, count) { try body(index, 0) }
      return
    }
    let failure = withoutActuallyEscaping(body) { body in
      Batch(count: count, body: body).run(workers: min(workers, count))
    }
    if let failure { throw failure }
  }

  /// The results of `body(index, worker)` for every index below `count`, in index order.
  ///
  /// The rules of ``forEach(_:workers:_:)`` hold.
  public static func map<Result: Sendable, Failure: Error>(
    _ count: Int, workers: Int,
    _ body: @Sendable (_ index: Int, _ worker: Int) throws(Failure) -> Result
  ) throws(Failure) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: max(0, count)))
    try forEach(count, workers: workers) { (index, worker) throws(Failure) in
      let result = try body(index, worker)
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0.compactMap { $0 } }
  }
}

/// The state that the threads of one call share.
private final class Batch<Failure: Error>: Sendable {
  private let count: Int
  private let body: @Sendable (Int, Int) throws(Failure) -> Void
  private let next = Atomic<Int>(0)
  private let failure = Mutex<(index: Int, error: Failure)?>(nil)

  init(count: Int, body: @escaping @Sendable (Int, Int) throws(Failure) -> Void) {
    self.count = count
    self.body = body
  }

  func run(workers: Int) -> Failure? {
    // A thread that cannot be started leaves its share to the others.
    let threads = WorkerThread.take(workers - 1)
    for (place, thread) in threads.enumerated() { thread.start { self.work(as: place + 1) } }
    work(as: 0)
    for thread in threads { thread.finish() }
    WorkerThread.park(threads)
    return failure.withLock { $0?.error }
  }

  private func work(as worker: Int) {
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      do throws(Failure) {
        try body(index, worker)
      } catch {
        next.store(count, ordering: .relaxed)
        failure.withLock { known in
          if let lowest = known?.index, lowest < index { return }
          known = (index, error)
        }
      }
    }
  }
}
