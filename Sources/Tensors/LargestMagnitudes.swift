/// The positions of the `count` values of largest magnitude, ascending; among equals the first.
///
/// The bits of a non-negative float order as the float does: a histogram of their upper halves
/// finds where the threshold lies, and only that bin is sorted. O(d).
///
/// - Precondition: `count` is in `0...values.count`, and the values are finite.
package func largestMagnitudes(_ count: Int, of values: [Float]) -> [Int32] {
  precondition(count >= 0 && count <= values.count, "\(count) of \(values.count) values")
  guard count > 0 else { return [] }
  var bins = [Int](repeating: 0, count: 1 << 16)
  for value in values { bins[Int(value.magnitude.bitPattern >> 16)] += 1 }
  var bin = bins.count - 1
  var above = 0
  while above + bins[bin] < count {
    above += bins[bin]
    bin -= 1
  }
  var border: [(bits: UInt32, index: Int32)] = []
  var kept: [Int32] = []
  kept.reserveCapacity(count)
  for (index, value) in values.enumerated() {
    let bits = value.magnitude.bitPattern
    let place = Int(bits >> 16)
    if place > bin {
      kept.append(Int32(index))
    } else if place == bin {
      border.append((bits, Int32(index)))
    }
  }
  border.sort { ($0.bits, $1.index) > ($1.bits, $0.index) }
  kept += border.prefix(count - above).map(\.index)
  return kept.sorted()
}
