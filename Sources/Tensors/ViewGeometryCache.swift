import Synchronization

/// What a squared distance, a squared norm or an inner product may be wrong by, relative to itself or
/// to the product of the norms.
let geometricPrecision = 1e-6

/// The geometry of one view as far as somebody has asked.
final class ViewGeometryCache: Sendable {
  private let distances = Mutex<ViewDistances?>(nil)
  private let products = Mutex<ViewProducts?>(nil)

  func distances(_ compute: () -> ViewDistances) -> ViewDistances {
    distances.withLock { known in
      if let known { return known }
      let computed = compute()
      known = computed
      return computed
    }
  }

  func products(_ compute: () -> ViewProducts) -> ViewProducts {
    products.withLock { known in
      if let known { return known }
      let computed = compute()
      known = computed
      return computed
    }
  }
}
