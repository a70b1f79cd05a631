/// Gradient magnitude similarity deviation: how unevenly the edges of two images agree.
///
/// Luminance is halved by 2x2 means and correlated with Prewitt filters over 3, zeros outside; with
/// magnitudes `m`, `GMS = (2 m_x m_y + c) / (m_x^2 + m_y^2 + c)`, c = 0.0026 for pixels from 0 to
/// 1, and GMSD is the standard deviation of GMS over the pixels. 0 for equal images; larger is
/// worse.
///
/// Source: Xue, Zhang, Mou, Bovik, Gradient magnitude similarity deviation, IEEE TIP 2014, section
/// II.
public enum GradientMagnitude {
  /// GMSD, at least 0.
  ///
  /// - Throws: `InversionError` if a length does not fit, or a side is shorter than 2 pixels.
  public static func deviation(
    _ image: [Float], _ original: [Float], shape: ImageShape
  ) throws(InversionError) -> Double {
    guard min(shape.height, shape.width) >= 2 else {
      throw .invalid(
        what: "the image", got: "\(shape.height)x\(shape.width)",
        requirement: "must be at least 2x2 for a gradient")
    }
    let a = magnitudes(
      .luminance(try shape.pixels(image, "the reconstruction"), shape))
    let b = magnitudes(.luminance(try shape.pixels(original, "the original"), shape))
    let c = 0.0026
    let similarity = zip(a, b).map { (2 * $0 * $1 + c) / ($0 * $0 + $1 * $1 + c) }
    let mean = similarity.reduce(0, +) / Double(similarity.count)
    let variance =
      similarity.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(similarity.count)
    return variance.squareRoot()
  }

  private static func magnitudes(_ plane: Plane) -> [Double] {
    let half = plane.halved
    func value(_ row: Int, _ column: Int) -> Double {
      row >= 0 && row < half.height && column >= 0 && column < half.width ? half[row, column] : 0
    }
    var result: [Double] = []
    result.reserveCapacity(half.values.count)
    for row in 0..<half.height {
      for column in 0..<half.width {
        var (dx, dy) = (0.0, 0.0)
        for offset in -1...1 {
          dx += (value(row + offset, column - 1) - value(row + offset, column + 1)) / 3
          dy += (value(row - 1, column + offset) - value(row + 1, column + offset)) / 3
        }
        result.append((dx * dx + dy * dy).squareRoot())
      }
    }
    return result
  }
}
