internal import Glibc

/// Errors of a reconstruction pixel by pixel, both images limited to 0...1 first.
public struct PixelError: Sendable, Hashable {
  /// The mean over all values of the squared difference.
  public let meanSquaredError: Double

  /// An error known already.
  public init(meanSquaredError: Double) { self.meanSquaredError = meanSquaredError }

  /// The error of `image` against `original`.
  ///
  /// - Throws: `InversionError` if a length does not fit or a pixel is not a number.
  public init(
    of image: [Float], against original: [Float], shape: ImageShape
  ) throws(InversionError) {
    let (a, b) = (
      try shape.pixels(image, "the reconstruction"), try shape.pixels(original, "the original")
    )
    meanSquaredError = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(a.count)
  }

  /// `-10 log10 MSE` in dB for pixels from 0 to 1; infinite for an exact image.
  ///
  /// An error of 0.01 gives 20 dB.
  public var psnr: Double { -10 * log10(meanSquaredError) }

  /// The PSNR with a ceiling, so that one exact image does not make a batch's mean infinite.
  public var cappedPSNR: Double { min(psnr, Self.ceiling) }

  /// The PSNR that rounding to 8 bits leaves, `10 log10(12 255^2)` = 58.92 dB: images closer than
  /// that are equal for every purpose.
  public static let ceiling = 10 * log10(12.0 * 255 * 255)
}
