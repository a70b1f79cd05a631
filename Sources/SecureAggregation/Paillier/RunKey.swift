internal import Synchronization

/// A key of a run, made when it is first needed; a run that is resumed makes another.
final class RunKey<Key: Sendable>: Sendable {
  private let known = Mutex<Key?>(nil)

  /// The key.
  func key(make: () throws -> Key) rethrows -> Key {
    try known.withLock { known in
      if let known { return known }
      let key = try make()
      known = key
      return key
    }
  }
}
