/// How a command ended.
public enum ExitStatus: Int32, Sendable {
  /// Everything asked for was done.
  case done = 0
  /// The run failed: the request was right, something went wrong on the way.
  case failed = 1
  /// The request is wrong: arguments, files or names the user can correct.
  case badInput = 2
  /// Stopped by Ctrl-C or a scheduler's signal; what was done is kept.
  case interrupted = 130
}
