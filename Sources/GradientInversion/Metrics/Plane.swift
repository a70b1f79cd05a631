/// One channel, or what filters make of it.
struct Plane {
  let height: Int
  let width: Int
  var values: [Double]

  init(height: Int, width: Int, values: [Double]) {
    precondition(values.count == height * width, "a plane has a value for each pixel")
    self.height = height
    self.width = width
    self.values = values
  }

  subscript(row: Int, column: Int) -> Double { values[row * width + column] }

  /// The channels of an image.
  static func channels(_ pixels: [Double], _ shape: ImageShape) -> [Plane] {
    (0..<shape.channels).map { channel in
      Plane(
        height: shape.height, width: shape.width,
        values: Array(pixels[(channel * shape.area)..<((channel + 1) * shape.area)]))
    }
  }

  /// Luminance: `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601) for three channels, else the mean.
  static func luminance(_ pixels: [Double], _ shape: ImageShape) -> Plane {
    let weights =
      shape.channels == 3
      ? [0.299, 0.587, 0.114]
      : [Double](repeating: 1 / Double(shape.channels), count: shape.channels)
    var values = [Double](repeating: 0, count: shape.area)
    for (channel, weight) in weights.enumerated() {
      for index in 0..<shape.area { values[index] += weight * pixels[channel * shape.area + index] }
    }
    return Plane(height: shape.height, width: shape.width, values: values)
  }

  /// The product, pixel by pixel.
  static func * (a: Plane, b: Plane) -> Plane {
    Plane(height: a.height, width: a.width, values: zip(a.values, b.values).map { $0 * $1 })
  }

  var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// The correlation with `kernel` along rows and columns, where it fits.
  func filtered(_ kernel: [Double]) -> Plane {
    let (rows, columns) = (height - kernel.count + 1, width - kernel.count + 1)
    var across = [Double](repeating: 0, count: height * columns)
    for row in 0..<height {
      for column in 0..<columns {
        var sum = 0.0
        for (tap, weight) in kernel.enumerated() { sum += weight * self[row, column + tap] }
        across[row * columns + column] = sum
      }
    }
    var result = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = 0.0
        for (tap, weight) in kernel.enumerated() {
          sum += weight * across[(row + tap) * columns + column]
        }
        result[row * columns + column] = sum
      }
    }
    return Plane(height: rows, width: columns, values: result)
  }

  /// The means of 2x2 blocks; an odd last row or column is dropped.
  var halved: Plane {
    let (rows, columns) = (height / 2, width / 2)
    var result = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        result[row * columns + column] =
          (self[2 * row, 2 * column] + self[2 * row, 2 * column + 1] + self[2 * row + 1, 2 * column]
            + self[2 * row + 1, 2 * column + 1]) / 4
      }
    }
    return Plane(height: rows, width: columns, values: result)
  }
}
