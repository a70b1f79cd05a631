import Randomness

/// How one person writes: shapes of digits, slant, size, pen, and how steadily.
struct Hand: Sendable {
  /// How much writers and images differ; 1 is ordinary.
  private let variation: Double
  /// The stream that bends every allograph in the person's own way.
  private let shapes: Generator
  /// The allograph of each digit that the person learnt.
  private let favourites: [Int]
  /// Sideways shift of the top against the bottom, as a part of the height.
  private let slant: Double
  /// Tangent of half the angle by which lines are tilted.
  private let tilt: Double
  /// Height of a digit in pixels.
  private let height: Double
  /// Width as a multiple of the glyphs' own.
  private let aspect: Double
  /// Half the width of a stroke, in pixels.
  private let penRadius: Double
  /// Ink at full coverage.
  private let darkness: Double
  /// Deviation of every point in every image, in hundredths of the height.
  private let tremor: Double

  /// Somebody at random.
  init(variation: Double, using stream: Generator) {
    var generator = stream
    self.variation = variation
    slant = 0.12 + 0.19 * variation * generator.bell()
    tilt = 0.03 * variation * generator.bell()
    height = 19.5 * (1 + 0.06 * variation * generator.bell())
    aspect = max(0.4, 1 + 0.12 * variation * generator.bell())
    penRadius = max(0.55, 1.1 + 0.25 * variation * generator.bell())
    darkness = 0.75 + 0.25 * generator.uniform()
    tremor = variation * (0.9 + generator.uniform())
    favourites = Glyph.digits.map { generator.uniform(below: $0.count) }
    shapes = generator.fork("shapes")
  }

  /// Writes `digit` once.
  ///
  /// - Parameters:
  ///   - canvas: Paper, used again and again.
  ///   - noise: Standard deviation of what is added to every pixel.
  ///   - body: Takes the pixels in order, 0...255.
  func write(
    _ digit: Int, on canvas: inout Canvas, noise: Double, using generator: inout Generator,
    _ body: (UInt8) -> Void
  ) {
    let allographs = Glyph.digits[digit]
    let isUsual = generator.uniform() < 0.85
    let any = generator.uniform(below: allographs.count)
    let chosen = isUsual ? favourites[digit] : any
    var glyph = allographs[chosen]
    var shape = shapes.fork("shape", UInt64(16 * digit + chosen))
    glyph.shiftPoints { 1.9 * variation * Glyph.Point(shape.bell(), shape.bell()) }
    glyph.shiftPoints { tremor * Glyph.Point(generator.bell(), generator.bell()) }

    let slant = slant + 0.06 * variation * generator.bell()
    let bend = 0.07 * variation * generator.bell()
    let tilt = tilt + 0.03 * variation * generator.bell()
    let unit = height / 100 * (1 + 0.05 * variation * generator.bell())
    let aspect = aspect * max(0.5, 1 + 0.05 * variation * generator.bell())
    let radius = max(0.5, penRadius * (1 + 0.1 * variation * generator.bell()))
    let centre = Glyph.Point(
      13.5 + 1.2 * variation * generator.bell(), 13.5 + 1.2 * variation * generator.bell())
    // Cosine and sine of the angle whose half has the tangent `tilt`: no call to a C library.
    let (cosine, sine) = ((1 - tilt * tilt) / (1 + tilt * tilt), 2 * tilt / (1 + tilt * tilt))

    canvas.clear()
    for stroke in glyph.strokes {
      let points = stroke.map { point in
        let y = point.y - 50
        let x = aspect * (point.x - 31) - slant * y + bend * (y * y / 50 - 17)
        return centre + unit * Glyph.Point(cosine * x - sine * y, sine * x + cosine * y)
      }
      var radii = points.map { _ in radius * (1 + 0.1 * variation * generator.bell()) }
      if let last = radii.indices.last {
        radii[0] *= 0.9
        radii[last] *= 0.75
      }
      canvas.stroke(points, radii: radii)
    }
    for ink in canvas.coverage {
      let value = darkness * ink + noise * generator.bell()
      body(UInt8(min(max(value, 0), 1) * 255 + 0.5))
    }
  }
}
