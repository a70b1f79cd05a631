internal import Glibc

/// A reconstruction compared where it fits best: convolutional attacks may give an image moved by a
/// few pixels, which the plain error judges as noise.
///
/// The shift is the peak of the phase correlation with the image's *own* original, over shifts of
/// at most a quarter of a side; the error is taken over the pixels that both then cover. No shift
/// counts if it does better.
///
/// Source: Kuglin, Hines, The phase correlation image alignment method, IEEE Cybernetics 1975.
public struct ShiftRegistration: Sendable, Hashable {
  /// Rows that the reconstruction must move down.
  public let rows: Int
  /// Columns that it must move right.
  public let columns: Int
  /// The error at that shift.
  public let error: PixelError

  /// The registration of `image` on `original`.
  ///
  /// - Throws: `InversionError` if a length does not fit or a pixel is not a number.
  /// - Complexity: O(channels height width (height + width)).
  public init(
    of image: [Float], on original: [Float], shape: ImageShape
  ) throws(InversionError) {
    let a = try shape.pixels(image, "the reconstruction")
    let b = try shape.pixels(original, "the original")
    let shift = Self.shift(
      of: .luminance(a, shape), on: .luminance(b, shape),
      limit: (shape.height / 4, shape.width / 4))
    let (plain, moved) = (
      Self.error(a, b, shape, rows: 0, columns: 0),
      Self.error(a, b, shape, rows: shift.rows, columns: shift.columns)
    )
    let best = moved < plain ? shift : (rows: 0, columns: 0)
    (rows, columns, error) = (
      best.rows, best.columns, PixelError(meanSquaredError: min(plain, moved))
    )
  }

  /// The mean squared error over the overlap when `a` moves down and right.
  private static func error(
    _ a: [Double], _ b: [Double], _ shape: ImageShape, rows: Int, columns: Int
  ) -> Double {
    var (sum, count) = (0.0, 0)
    for channel in 0..<shape.channels {
      for row in max(rows, 0)..<(shape.height + min(rows, 0)) {
        for column in max(columns, 0)..<(shape.width + min(columns, 0)) {
          let start = channel * shape.area
          let difference =
            a[start + (row - rows) * shape.width + column - columns]
            - b[start + row * shape.width + column]
          sum += difference * difference
          count += 1
        }
      }
    }
    return sum / Double(count)
  }

  /// The allowed shift with the largest phase correlation, the first of equals.
  static func shift(
    of a: Plane, on b: Plane, limit: (rows: Int, columns: Int)
  ) -> (rows: Int, columns: Int) {
    let (height, width) = (a.height, a.width)
    let (fa, fb) = (transform(a), transform(b))
    var product = Complex(real: fa.real, imaginary: fa.real)
    for index in fa.real.indices {
      let re = fb.real[index] * fa.real[index] + fb.imaginary[index] * fa.imaginary[index]
      let im = fb.imaginary[index] * fa.real[index] - fb.real[index] * fa.imaginary[index]
      let size = max((re * re + im * im).squareRoot(), 1e-12)
      (product.real[index], product.imaginary[index]) = (re / size, im / size)
    }
    let correlation = transform(product, height: height, width: width, sign: 1).real
    var best = (rows: 0, columns: 0)
    var peak = correlation[0]
    for rows in -limit.rows...limit.rows {
      for columns in -limit.columns...limit.columns {
        let value =
          correlation[((rows + height) % height) * width + (columns + width) % width]
        if value > peak { (best, peak) = ((rows, columns), value) }
      }
    }
    return best
  }

  private struct Complex {
    var real: [Double]
    var imaginary: [Double]
  }

  private static func transform(_ plane: Plane) -> Complex {
    let zeros = [Double](repeating: 0, count: plane.values.count)
    return transform(
      Complex(real: plane.values, imaginary: zeros), height: plane.height, width: plane.width,
      sign: -1)
  }

  /// The discrete Fourier transform along rows, then along columns, without a factor.
  private static func transform(
    _ values: Complex, height: Int, width: Int, sign: Double
  ) -> Complex {
    let rows = lines(values, count: height, length: width, lineStride: width, stride: 1, sign)
    return lines(rows, count: width, length: height, lineStride: 1, stride: width, sign)
  }

  private static func lines(
    _ values: Complex, count: Int, length: Int, lineStride: Int, stride: Int, _ sign: Double
  ) -> Complex {
    let angles = (0..<length).map { 2 * Double.pi * sign * Double($0) / Double(length) }
    let (cosines, sines) = (angles.map { cos($0) }, angles.map { sin($0) })
    var result = values
    for line in 0..<count {
      for frequency in 0..<length {
        var (re, im) = (0.0, 0.0)
        for position in 0..<length {
          let place = line * lineStride + position * stride
          let (c, s) = (
            cosines[frequency * position % length], sines[frequency * position % length]
          )
          re += values.real[place] * c - values.imaginary[place] * s
          im += values.real[place] * s + values.imaginary[place] * c
        }
        result.real[line * lineStride + frequency * stride] = re
        result.imaginary[line * lineStride + frequency * stride] = im
      }
    }
    return result
  }
}
