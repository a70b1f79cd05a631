import BigIntegers
import CKernels
import Glibc

/// Exact discrete Gaussian noise, nearly all of it from one random word and one look into a table.
///
/// The half of the curve exp(-y^2 / (2 s^2)) over y = 0, 1, 2, ... is covered by rectangles of equal
/// size, 2^`lowBits` values wide and 1 / `rows` high. A point drawn uniformly from the cover is kept if
/// it lies below the curve, and its y then has the curve's distribution (rejection; Devroye,
/// "Non-Uniform Random Variate Generation", 1986, section II.3). Most rectangles lie below the curve as
/// a whole: there the word that picked one and a place in it settles the value. In the others, one in
/// thirty, the height is compared with the curve, in floating point where that is certain and else by
/// as many digits as it takes: rounding changes the time, never a probability. The line between the
/// curve's heights at a column's ends is so near the curve that it settles nearly all of these.
///
/// A fair bit then mirrors y to -1 - y. What is mirrored is held to the curve at its own place, which
/// lies lower, so that 0 does not count twice.
///
/// Past the last column the `tailEntries` rectangles stand for all the rest: ring j = 1, 2, ... is
/// `tailEntries` columns wide, 2^-j as high as a rectangle, and picked with probability 2^-j. The curve
/// falls by more than half from ring to ring, so these cover it to infinity.
///
/// A value's time depends on it a little, as with every sampler here.
package struct CoverGaussian: Sendable {
  /// Deviations from 32 to below 2^37 have a cover.
  package static let deviations = 32.0..<0x1p37
  /// Rectangles that stand above each other at the middle.
  private static let rows = 128
  private static let tailEntries = 16
  /// The last column's far end, at least, in deviations: exp(-3.34^2 / 2) < 1 / (2 * rows).
  private static let reach = 3.34
  /// Far beyond what floating point can be off by in the comparisons below, heights in rectangles.
  private static let certainty = 0x1p-32

  private let squaredDeviation: Rational
  private let deviation: Double
  private let lowBits: UInt32
  private let bias: UInt32
  /// Of each rectangle its column; -1 if it does not lie below the curve.
  private let settled: [Int32]
  /// Of each rectangle its column and its row.
  private let places: [(column: Int32, row: Int32)]
  /// The curve at the columns' ends, in rectangles.
  private let heights: [Double]
  /// No further is the curve from the line between its heights at a column's ends.
  private let bend: Double
  /// Closer than this to the curve more digits decide.
  private let tolerance: Double

  /// A cover for s = `standardDeviation`, exactly that fraction; nil if that is not in `deviations`.
  ///
  /// - Parameter tolerance: More than 1 sends every comparison to whole numbers: for tests.
  package init?(standardDeviation s: Double, tolerance: Double = Self.certainty) {
    guard Self.deviations.contains(s), let exact = Rational(exactly: s) else { return nil }
    squaredDeviation = exact * exact
    deviation = s
    self.tolerance = tolerance
    // 32 to 64 columns to a deviation.
    lowBits = UInt32(s.exponent) - 5
    let perColumn = scalbn(1, Int32(lowBits)) / s
    func height(_ column: Int) -> Double {
      let distance = Double(column) * perColumn
      return exp(-distance * distance / 2) * Double(Self.rows)
    }
    // Where the tail begins.
    let columns = Int((Self.reach / perColumn).rounded(.up))
    heights = (0...columns).map(height)
    // A line is off by an eighth of the squared width times the second derivative, here at most 1.
    bend = perColumn * perColumn / 8 * Double(Self.rows)
    var settled: [Int32] = []
    var places: [(column: Int32, row: Int32)] = []
    for column in 0..<columns {
      // The curve falls: a column is highest at its start, lowest at its end, which the mirrored
      // values reach. Both are off by less than `certainty`, and err on the side of more work.
      let (start, end) = (height(column) + Self.certainty, height(column + 1) - Self.certainty)
      for row in 0..<Self.rows where Double(row) < start {
        settled.append(Double(row + 1) <= end ? Int32(column) : -1)
        places.append((Int32(column), Int32(row)))
      }
    }
    settled += Array(repeating: -1, count: Self.tailEntries)
    places += (0..<Self.tailEntries).map { (Int32(columns + $0), -1) }
    self.settled = settled
    self.places = places
    bias = UInt32((UInt64(1) << 32) % UInt64(settled.count))
  }

  /// Values that a rectangle is wide.
  package var width: Int64 { 1 << Int64(lowBits) }
  /// The rectangles: how many widths and heights from the middle's foot, row -1 in the tail, and
  /// whether they count as below the curve.
  package var rectangles: [(column: Int, row: Int, isSettled: Bool)] {
    zip(places, settled).map { (Int($0.column), Int($0.row), $1 >= 0) }
  }

  /// Adds independent values to integers.
  ///
  /// - Throws: `NoiseError.randomness`; `sums` then holds nothing to rely on.
  /// - Complexity: O(n), in pieces that stay in the nearest cache.
  package func add(
    to sums: UnsafeMutableBufferPointer<Int64>, using reader: inout RandomReader
  ) throws(NoiseError) {
    let piece = 1024
    let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: piece)
    let open = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: piece)
    defer {
      words.deallocate()
      open.deallocate()
    }
    words.initialize(repeating: 0)
    for start in stride(from: 0, to: sums.count, by: piece) {
      let count = min(piece, sums.count - start)
      try reader.fill(UnsafeMutableBufferPointer(rebasing: words[..<count]))
      let part = UnsafeMutableBufferPointer(rebasing: sums[start..<start + count])
      let left = noise_cover_add(
        words.baseAddress, count, settled, UInt32(settled.count), bias, lowBits, part.baseAddress,
        open.baseAddress)
      for index in open[..<left] {
        let place = Int(index)
        part[place] &+= try draw(from: words[place], using: &reader)
      }
    }
    reader.erase(words)
  }

  /// One value.
  package func draw(using reader: inout RandomReader) throws(NoiseError) -> Int64 {
    try draw(from: reader.next(), using: &reader)
  }

  /// The value that begins with `word`.
  private func draw(
    from word: UInt64, using reader: inout RandomReader
  ) throws(NoiseError) -> Int64 {
    var word = word
    while true {
      let product = (word >> 32) &* UInt64(settled.count)
      if UInt32(truncatingIfNeeded: product) >= bias {
        let entry = Int(product >> 32)
        let low = Int64(word & (1 << UInt64(lowBits) - 1))
        let isMirrored = word >> 31 & 1 == 1
        if settled[entry] >= 0 {
          let y = Int64(settled[entry]) << Int64(lowBits) | low
          return isMirrored ? ~y : y
        }
        if let x = try judge(entry, low, isMirrored: isMirrored, using: &reader) { return x }
      }
      word = try reader.next()
    }
  }

  /// The value at a place in a rectangle that the curve may cut, if the point is below the curve.
  private func judge(
    _ entry: Int, _ low: Int64, isMirrored: Bool, using reader: inout RandomReader
  ) throws(NoiseError) -> Int64? {
    var (column, row) = (Int64(places[entry].column), Int64(places[entry].row))
    var ring = 0
    if row < 0 {
      row = 0
      ring = 1
      while true {
        let zeros = try reader.next().trailingZeroBitCount
        ring += zeros
        // A ring this far out is never reached, and its values would not fit.
        guard zeros == 64, ring < 1 << 20 else { break }
      }
      column += Int64(ring - 1) * Int64(Self.tailEntries)
    }
    let y = column << Int64(lowBits) | low
    let x = isMirrored ? ~y : y
    // The point's height is (row + v) / rows / 2^ring for a uniform real number v.
    let digits = try reader.next() >> 11
    let height = Double(row) + Double(digits) * 0x1p-53
    if ring == 0 {
      let (start, end) = (heights[Int(column)], heights[Int(column) + 1])
      let line = start + (end - start) * (Double(low + (isMirrored ? 1 : 0)) / Double(width))
      if abs(height - line) > bend + tolerance { return height < line ? x : nil }
    }
    let distance = Double(x) / deviation
    let curve = exp(-distance * distance / 2) * scalbn(Double(Self.rows), Int32(ring))
    if abs(height - curve) > tolerance { return height < curve ? x : nil }
    let known = (BigInteger(row) << 53) + BigInteger(digits)
    return try isBelow(x, known, ring, using: &reader) ? x : nil
  }

  /// Whether a point is below the curve at x: of its height, in rectangles of its ring, all but 53
  /// binary places are known.
  private func isBelow(
    _ x: Int64, _ known: BigInteger, _ ring: Int, using reader: inout RandomReader
  ) throws(NoiseError) -> Bool {
    let place = Rational(BigInteger(x))
    let exponent = place * place / (2 * squaredDeviation)
    let rows = BigInteger(Self.rows)
    var (digits, bits) = (known, 53)
    while true {
      // exp(-exponent), its error small beside a unit of the known digits.
      let precision = bits + ring + 64
      let curve = FixedPoint.exponential(minus: exponent, bits: precision)
      let drop = precision - ring - bits
      if digits + 1 <= (curve.lower * rows) >> drop { return true }
      if digits > ((curve.lower + curve.error) * rows) >> drop { return false }
      digits = (digits << 64) + BigInteger(try reader.next())
      bits += 64
    }
  }
}
