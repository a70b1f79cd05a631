/// A way to write a digit: strokes of the pen, each a list of points that it passes through.
///
/// Points are in hundredths of the digit's height, y downwards, so that all lie in about 60 x 100. A
/// point given twice in a row is a corner.
package struct Glyph: Sendable {
  /// A place on paper.
  package typealias Point = SIMD2<Double>

  /// The points of each stroke.
  var strokes: [[Point]]

  /// Strokes from x, y, x, y, ….
  init(_ strokes: [Double]...) {
    self.strokes = strokes.map { numbers in
      stride(from: 0, to: numbers.count - 1, by: 2).map { Point(numbers[$0], numbers[$0 + 1]) }
    }
  }

  /// Moves every point by what `shift` says; the two of a corner stay together.
  mutating func shiftPoints(by shift: () -> Point) {
    for stroke in strokes.indices {
      let original = strokes[stroke]
      for place in original.indices {
        strokes[stroke][place] =
          place > 0 && original[place] == original[place - 1]
          ? strokes[stroke][place - 1] : original[place] + shift()
      }
    }
  }
}
