/// Paper of 28 x 28 pixels and a round pen with a soft edge.
package struct Canvas {
  /// Width and height.
  package static let side = 28

  /// How much of each pixel is inked, 0...1, row by row from the top.
  package private(set) var coverage = [Double](repeating: 0, count: side * side)

  /// White paper.
  package init() {}

  /// White again.
  package mutating func clear() {
    for place in coverage.indices { coverage[place] = 0 }
  }

  /// Draws a curve through `points`, in pixels, with a pen of these radii there.
  ///
  /// The curve is Catmull and Rom's cubic spline, drawn as short straight pieces; its ends go on
  /// straight. Where strokes meet, the ink is the larger of the two, as if drawn at once.
  package mutating func stroke(_ points: [Glyph.Point], radii: [Double]) {
    let pieces = 5
    for place in 0..<max(points.count - 1, 0) where points[place] != points[place + 1] {
      let (from, to) = (points[place], points[place + 1])
      let before = place > 0 ? points[place - 1] : from + from - to
      let after = place + 2 < points.count ? points[place + 2] : to + to - from
      // Tangents are half the difference of the neighbours; 0.5 (…) in powers of t.
      let linear: Glyph.Point = to - before
      let square: Glyph.Point = before + before - 5 * from + 4 * to - after
      let cube: Glyph.Point = 3 * (from - to) + after - before
      var start = from
      var startRadius = radii[place]
      for piece in 1...pieces {
        let t = Double(piece) / Double(pieces)
        let end: Glyph.Point = from + 0.5 * t * (linear + t * (square + t * cube))
        let endRadius = radii[place] + t * (radii[place + 1] - radii[place])
        line(from: start, radius: startRadius, to: end, radius: endRadius)
        (start, startRadius) = (end, endRadius)
      }
    }
  }

  /// Draws a straight piece: full ink inside the pen's width, none from half a pixel beyond it on.
  private mutating func line(
    from start: Glyph.Point, radius startRadius: Double, to end: Glyph.Point,
    radius endRadius: Double
  ) {
    let edge = 0.6
    let reach = max(startRadius, endRadius) + edge
    let rows = Self.pixels(min(start.y, end.y) - reach, max(start.y, end.y) + reach)
    let columns = Self.pixels(min(start.x, end.x) - reach, max(start.x, end.x) + reach)
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let square = dx * dx + dy * dy
    let scale = square > 1e-12 ? 1 / square : 0
    for row in rows {
      let py = Double(row) - start.y
      for column in columns {
        let px = Double(column) - start.x
        let along = min(max((px * dx + py * dy) * scale, 0), 1)
        let (ox, oy) = (px - along * dx, py - along * dy)
        let distance = ox * ox + oy * oy
        guard distance < reach * reach else { continue }
        let radius = startRadius + along * (endRadius - startRadius)
        let ink = min((radius + edge - distance.squareRoot()) / (2 * edge), 1)
        let place = row * Self.side + column
        if ink > coverage[place] { coverage[place] = ink }
      }
    }
  }

  /// The pixels with centres from `low` to `high`.
  private static func pixels(_ low: Double, _ high: Double) -> Range<Int> {
    let last = Double(side)
    let first = Int(min(max(low.rounded(.up), 0), last))
    return first..<max(first, Int(min(max(high.rounded(.down) + 1, 0), last)))
  }
}
