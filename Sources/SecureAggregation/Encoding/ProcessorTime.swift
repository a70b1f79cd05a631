internal import Glibc

/// Clocks that count the time a processor spent, not the time that went by.
enum ProcessorTime {
  /// Of the calling thread.
  case thread
  /// Of all threads of this process.
  case process

  /// Seconds so far.
  var seconds: Double {
    var time = timespec()
    unsafe clock_gettime(
      self == .thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
