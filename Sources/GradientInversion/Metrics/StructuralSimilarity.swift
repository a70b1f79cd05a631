internal import Glibc

/// Structural similarity of two images, and its form over several scales.
///
/// With means, variances and covariance under a normalised 11x11 Gaussian window of deviation 1.5,
/// taken where the window fits, and pixels from 0 to 1:
///
///     l = (2 mu_x mu_y + c1) / (mu_x^2 + mu_y^2 + c1)        c1 = 0.01^2
///     cs = (2 s_xy + c2) / (s_xx + s_yy + c2)                c2 = 0.03^2
///     SSIM = mean over positions and channels of l cs
///
/// The range is fixed at 1, whatever the images hold, and negative values count as they are.
///
/// Sources: Wang, Bovik, Sheikh, Simoncelli, Image quality assessment, IEEE TIP 2004, section III;
/// Wang, Simoncelli, Bovik, Multi-scale structural similarity, Asilomar 2003, equation 7.
public enum StructuralSimilarity {
  static let windowSize = 11
  /// Exponents of the five scales, from the finest.
  static let scaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]

  /// SSIM, at most 1; 1 for equal images.
  ///
  /// - Throws: `InversionError` if a length does not fit, or the image is smaller than the window.
  public static func ssim(
    _ image: [Float], _ original: [Float], shape: ImageShape
  ) throws(InversionError) -> Double {
    let pairs = try planes(image, original, shape, scales: 1)
    return pairs.reduce(0) { $0 + terms($1.0, $1.1).full } / Double(pairs.count)
  }

  /// How many of the five scales an image has room for: each halves it, and the window must fit.
  public static func scales(for shape: ImageShape) -> Int {
    var side = min(shape.height, shape.width)
    var count = 0
    while side >= windowSize, count < scaleWeights.count {
      count += 1
      side /= 2
    }
    return count
  }

  /// MS-SSIM: `SSIM_M^w_M` times `mean(cs_j)^w_j` of the finer scales, averaged over channels.
  ///
  /// Small images have fewer than five scales; the exponents of those there are, from the finest,
  /// are then divided by their sum. A negative factor counts as 0.
  ///
  /// - Throws: `InversionError` if a length does not fit, or the image is smaller than the window.
  public static func multiScale(
    _ image: [Float], _ original: [Float], shape: ImageShape
  ) throws(InversionError) -> Double {
    let count = scales(for: shape)
    let pairs = try planes(image, original, shape, scales: max(count, 1))
    let weights = scaleWeights.prefix(count)
    let total = weights.reduce(0, +)
    var sum = 0.0
    for pair in pairs {
      var (a, b) = pair
      var product = 1.0
      for (scale, weight) in weights.enumerated() {
        let terms = terms(a, b)
        let factor = scale == count - 1 ? terms.full : terms.structure
        product *= pow(max(factor, 0), weight / total)
        if scale < count - 1 { (a, b) = (a.halved, b.halved) }
      }
      sum += product
    }
    return sum / Double(pairs.count)
  }

  private static func planes(
    _ image: [Float], _ original: [Float], _ shape: ImageShape, scales: Int
  ) throws(InversionError) -> [(Plane, Plane)] {
    guard min(shape.height, shape.width) >= windowSize else {
      throw .invalid(
        what: "the image", got: "\(shape.height)x\(shape.width)",
        requirement: "must hold an 11x11 window for structural similarity")
    }
    let a = Plane.channels(try shape.pixels(image, "the reconstruction"), shape)
    let b = Plane.channels(try shape.pixels(original, "the original"), shape)
    return Array(zip(a, b))
  }

  /// The means of `l cs` and of `cs` over the positions of one channel.
  private static func terms(_ a: Plane, _ b: Plane) -> (full: Double, structure: Double) {
    let weights = (-5...5).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
    let sum = weights.reduce(0, +)
    let window = weights.map { $0 / sum }
    let (muA, muB) = (a.filtered(window), b.filtered(window))
    let (aa, bb, ab) = (
      (a * a).filtered(window), (b * b).filtered(window), (a * b).filtered(window)
    )
    let (c1, c2) = (0.01 * 0.01, 0.03 * 0.03)
    var (full, structure) = (0.0, 0.0)
    for index in muA.values.indices {
      let (ma, mb) = (muA.values[index], muB.values[index])
      let (va, vb) = (aa.values[index] - ma * ma, bb.values[index] - mb * mb)
      let cs = (2 * (ab.values[index] - ma * mb) + c2) / (va + vb + c2)
      structure += cs
      full += cs * (2 * ma * mb + c1) / (ma * ma + mb * mb + c1)
    }
    let count = Double(muA.values.count)
    return (full / count, structure / count)
  }
}
