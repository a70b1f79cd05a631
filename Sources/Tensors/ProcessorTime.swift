internal import Glibc

/// Processor time used so far, in seconds: differences tell what work cost, whoever else was busy.
public enum ProcessorTime {
  /// By the calling thread.
  public static func ofThread() -> Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

  /// By all threads of the process.
  public static func ofProcess() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
