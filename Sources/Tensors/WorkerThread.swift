import CKernels
import Glibc
import Synchronization

/// A thread of a ``WorkerPool`` that outlives a call, so that the next one need not start it.
///
/// Starting a thread costs some 50 µs and cold memory, and waking one that sleeps not much less, while
/// an iteration of gradient matching hands out work every 200 µs. A thread without work therefore
/// looks for the next for a moment before it sleeps.
///
/// `@unchecked Sendable`: `job` is written before `begun` is raised and read after it, and `ended`
/// orders the other way round.
final class WorkerThread: @unchecked Sendable {
  private var job: (@Sendable () -> Void)?
  private let begun = Signal()
  private let ended = Signal()

  /// Threads without work, the last one used on top.
  private static let parked = Mutex<[WorkerThread]>([])
  private static let mostParked = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  /// As many threads as asked for, or fewer where the system refuses.
  static func take(_ count: Int) -> [WorkerThread] {
    var threads = parked.withLock { parked in
      let taken = Array(parked.suffix(count))
      parked.removeLast(taken.count)
      return taken
    }
    while threads.count < count, let thread = WorkerThread() { threads.append(thread) }
    return threads
  }

  /// Gives back threads that have finished; more than there are processors end.
  static func park(_ threads: [WorkerThread]) {
    let surplus = parked.withLock { parked in
      let kept = max(0, min(threads.count, mostParked - parked.count))
      parked += threads.prefix(kept)
      return threads.dropFirst(kept)
    }
    for thread in surplus { thread.begun.raise() }
  }

  /// A new thread with a stack of 16 MiB, or nil when the system refuses.
  private init?() {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return nil }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 16 << 20)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, &attributes,
      { context in
        if let context { Unmanaged<WorkerThread>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      return nil
    }
  }

  /// Begins a job; one at a time.
  func start(_ job: @escaping @Sendable () -> Void) {
    self.job = job
    begun.raise()
  }

  /// Waits until the job is over and forgotten.
  func finish() { ended.wait() }

  private func run() {
    repeat { begun.wait() } while runJob()
  }

  /// Runs what was begun; false where it was nothing, which ends the thread.
  ///
  /// The job is let go before its end is told, as it may borrow from the caller.
  private func runJob() -> Bool {
    guard job != nil else { return false }
    job?()
    job = nil
    ended.raise()
    return true
  }
}

/// One thread tells one other that something is so, again and again in turns.
private final class Signal: Sendable {
  private enum State {
    static let lowered: UInt32 = 0
    static let raised: UInt32 = 1
    static let awaited: UInt32 = 2
  }

  /// Looks before sleeping: about 50 µs.
  private static let looks = 2000

  private let state = Atomic<UInt32>(State.lowered)
  /// Counts up for a waiter who sleeps.
  private nonisolated(unsafe) let sleep = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(sleep, 0, 0) }

  deinit {
    sem_destroy(sleep)
    sleep.deallocate()
  }

  func raise() {
    if state.exchange(State.raised, ordering: .acquiringAndReleasing) == State.awaited {
      sem_post(sleep)
    }
  }

  /// Returns once it is raised, and lowers it.
  func wait() {
    for _ in 0..<Self.looks {
      if state.load(ordering: .acquiring) == State.raised { break }
      rampart_pause()
    }
    let found = state.compareExchange(
      expected: State.lowered, desired: State.awaited, ordering: .acquiringAndReleasing)
    if found.exchanged {
      // An interrupted sleep is begun again.
      while sem_wait(sleep) != 0 {}
    }
    state.store(State.lowered, ordering: .relaxed)
  }
}
