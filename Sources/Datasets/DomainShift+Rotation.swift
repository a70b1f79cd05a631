import Glibc
import Learning

extension LabeledExamples {
  /// Images turned counter-clockwise about their centre.
  ///
  /// The pixel in row `y`, column `x` of the result is what lies at the place that the turn brings
  /// there, interpolated bilinearly between the four pixels around it; what lies outside is 0
  /// (torchvision's `rotate` with bilinear interpolation). The cosine and sine of multiples of 90
  /// degrees are exact, and so then are all places on a square image.
  func rotated(degrees: Double) throws(LearningError) -> LabeledExamples {
    let (channels, height, width) = try imageShape(for: "rotation")
    guard degrees.isFinite else {
      throw .invalid(
        place: "rotation", what: "the angle", got: "\(degrees)", requirement: "must be finite")
    }
    let taps = Self.rotationTaps(degrees: degrees, height: height, width: width)
    return try mappingFeatures { pixels in
      let old = pixels
      for channel in 0..<channels {
        let start = channel * height * width
        for (place, taps) in taps.enumerated() {
          var value: Float = 0
          for tap in taps { value += tap.weight * old[start + tap.place] }
          pixels[start + place] = value
        }
      }
    }
  }

  /// For each pixel the old ones it is made of.
  private static func rotationTaps(
    degrees: Double, height: Int, width: Int
  ) -> [[(place: Int, weight: Float)]] {
    let (cosine, sine) = direction(degrees)
    let (middleRow, middleColumn) = (Double(height - 1) / 2, Double(width - 1) / 2)
    return (0..<height * width).map { place in
      let x = Double(place % width) - middleColumn
      let y = Double(place / width) - middleRow
      // Rows grow downwards: turning back clockwise takes (x, y) to (c x - s y, s x + c y).
      let column = cosine * x - sine * y + middleColumn
      let row = sine * x + cosine * y + middleRow
      let (left, top) = (column.rounded(.down), row.rounded(.down))
      let (right, below) = (column - left, row - top)
      var taps: [(place: Int, weight: Float)] = []
      for (dy, rowWeight) in [(0, 1 - below), (1, below)] {
        for (dx, columnWeight) in [(0, 1 - right), (1, right)] {
          let (oldRow, oldColumn) = (Int(top) + dy, Int(left) + dx)
          let weight = Float(rowWeight * columnWeight)
          guard weight != 0, (0..<height).contains(oldRow), (0..<width).contains(oldColumn) else {
            continue
          }
          taps.append((oldRow * width + oldColumn, weight))
        }
      }
      return taps
    }
  }

  /// Cosine and sine, exact at multiples of 90 degrees.
  private static func direction(_ degrees: Double) -> (cosine: Double, sine: Double) {
    let turns = degrees.truncatingRemainder(dividingBy: 360)
    switch turns < 0 ? turns + 360 : turns {
    case 0: return (1, 0)
    case 90: return (0, 1)
    case 180: return (-1, 0)
    case 270: return (0, -1)
    case let angle: return (cos(angle * .pi / 180), sin(angle * .pi / 180))
    }
  }
}
