internal import Synchronization

/// Asks long work to stop at the next place where nothing is lost. May be asked from any thread.
public final class StopRequest: Sendable {
  private let flag = Atomic<Bool>(false)

  /// A request that nobody has made yet.
  public init() {}

  /// Asks; asking again changes nothing.
  public func ask() { flag.store(true, ordering: .relaxed) }

  /// Whether somebody asked.
  public var isAsked: Bool { flag.load(ordering: .relaxed) }
}
