import Datasets
import Testing

/// The pen against geometry.
@Suite("The pen of the handwriting")
struct CanvasTests {
  @Test("a straight stroke has the area of a rectangle with round ends")
  func area() {
    for (dx, dy, radius) in [(10.0, 0.0, 1.5), (6, 8, 1.5), (-7.3, 4.1, 2.2), (0.2, 11.7, 1)] {
      var canvas = Canvas()
      let start = SIMD2(14.1 - dx / 2, 13.7 - dy / 2)
      canvas.stroke([start, start + SIMD2(dx, dy)], radii: [radius, radius])
      let length = (dx * dx + dy * dy).squareRoot()
      let area = 2 * radius * length + Double.pi * radius * radius
      // The soft edge of width e adds pi e^2 / 3 at the round ends, 0.4, and pixels sample it.
      let ink = canvas.coverage.reduce(0, +)
      #expect(abs(ink - area - 0.38) < 0.02 * area, "\(ink), expected \(area)")
    }
  }

  @Test("the curve passes through its points, and bends between them as its formula says")
  func curve() {
    let points: [SIMD2<Double>] = [[4, 20], [9, 6], [19, 8], [23, 22]]
    var canvas = Canvas()
    canvas.stroke(points, radii: [1, 1, 1, 1])
    func ink(_ x: Double, _ y: Double) -> Double {
      canvas.coverage[Int(y.rounded()) * Canvas.side + Int(x.rounded())]
    }
    for point in points { #expect(ink(point.x, point.y) == 1) }
    // Half-way between the middle points the spline is at (-p0 + 9 p1 + 9 p2 - p3) / 16.
    let middle = (9 * (points[1] + points[2]) - points[0] - points[3]) / 16
    #expect(ink(middle.x, middle.y) == 1)
    #expect(middle.y < 5.3 && ink(14, 7) < 0.7 && ink(14, 9) == 0)
  }

  @Test("a point given twice is a corner")
  func corner() {
    let corner = SIMD2<Double>(20, 6)
    var sharp = Canvas()
    sharp.stroke([[6, 6], corner, corner, [20, 22]], radii: [0.6, 0.6, 0.6, 0.6])
    var round = Canvas()
    round.stroke([[6, 6], corner, [20, 22]], radii: [0.6, 0.6, 0.6])
    // Straight pieces: nothing of the sharp one is off the two lines; the round one cuts and swings.
    func stray(_ canvas: Canvas) -> Double {
      canvas.coverage.indices.reduce(0) { sum, place in
        let (x, y) = (place % Canvas.side, place / Canvas.side)
        let isNear = abs(y - 6) <= 1 && x <= 21 || abs(x - 20) <= 1 && y >= 5
        return isNear ? sum : sum + canvas.coverage[place]
      }
    }
    #expect(stray(sharp) == 0)
    #expect(stray(round) > 1)
  }

  @Test("ink off the paper, points in one place and an empty stroke do no harm")
  func edges() {
    var canvas = Canvas()
    canvas.stroke([[-50, -50], [80, 90], [1e9, -1e9]], radii: [1, 1, 1])
    canvas.stroke([[5, 5], [5, 5]], radii: [1, 1])
    canvas.stroke([], radii: [])
    #expect(canvas.coverage.allSatisfy { (0...1).contains($0) })
    canvas.clear()
    #expect(canvas.coverage.allSatisfy { $0 == 0 })
  }
}
