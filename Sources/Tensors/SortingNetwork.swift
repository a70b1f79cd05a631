import CKernels

/// A sequence of comparators that brings the entries of some ranks onto their wires.
///
/// Batcher's merge exchange sorts any number of wires; walked backwards, it is then pruned of every
/// comparator that no wanted wire depends on. Where wanted wires are merely summed, comparators that
/// only permute them go too.
///
/// Sources: Batcher, "Sorting networks and their applications", AFIPS 1968; Knuth, The Art of
/// Computer Programming 3, algorithm 5.2.2M.
struct SortingNetwork {
  /// In order; each leaves the smaller value on its lower wire.
  let comparators: [tensors_comparator]

  /// The network for `count` wires that brings onto the wires `kept`, in any order, the values of
  /// these ranks.
  init(count: Int, summing kept: Range<Int>) {
    enum Need { case none, sum, value }
    var needs = [Need](repeating: .none, count: count)
    for wire in kept { needs[wire] = kept.count == 1 ? .value : .sum }
    var pruned: [tensors_comparator] = []
    for (low, high) in Self.mergeExchange(count).reversed() {
      switch (needs[low], needs[high]) {
      case (.none, .none), (.sum, .sum): continue
      default:
        needs[low] = .value
        needs[high] = .value
        pruned.append(tensors_comparator(low: UInt16(low), high: UInt16(high)))
      }
    }
    comparators = pruned.reversed()
  }

  /// All comparators that sort `count` wires.
  static func mergeExchange(_ count: Int) -> [(low: Int, high: Int)] {
    var result: [(low: Int, high: Int)] = []
    var top = 1
    while 2 * top < count { top *= 2 }
    var p = count < 2 ? 0 : top
    while p > 0 {
      var (q, r, d) = (top, 0, p)
      while true {
        for i in stride(from: 0, to: count - d, by: 1) where i & p == r {
          result.append((i, i + d))
        }
        if q == p { break }
        (d, q, r) = (q - p, q / 2, p)
      }
      p /= 2
    }
    return result
  }
}
