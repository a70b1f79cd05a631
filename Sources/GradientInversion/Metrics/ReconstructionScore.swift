/// How near one reconstruction is to its original, by every measure that needs no network.
public struct ReconstructionScore: Sendable, Hashable {
  /// The error pixel by pixel.
  public let error: PixelError
  /// Structural similarity; nil for an image smaller than its window.
  public let ssim: Double?
  /// Its multi-scale form; nil for an image smaller than the window.
  public let multiScaleSSIM: Double?
  /// Gradient magnitude similarity deviation; nil for an image of one row or column.
  public let gradientDeviation: Double?
  /// The error after the best small shift.
  public let registered: PixelError

  /// The scores of `image` against `original`.
  ///
  /// - Throws: `InversionError` if a length does not fit or a pixel is not a number.
  public init(
    of image: [Float], against original: [Float], shape: ImageShape
  ) throws(InversionError) {
    let side = min(shape.height, shape.width)
    error = try PixelError(of: image, against: original, shape: shape)
    let hasWindow = side >= StructuralSimilarity.windowSize
    ssim = hasWindow ? try StructuralSimilarity.ssim(image, original, shape: shape) : nil
    multiScaleSSIM =
      hasWindow ? try StructuralSimilarity.multiScale(image, original, shape: shape) : nil
    gradientDeviation =
      side >= 2 ? try GradientMagnitude.deviation(image, original, shape: shape) : nil
    registered = try ShiftRegistration(of: image, on: original, shape: shape).error
  }
}

/// The spread of one measure over a batch: never the mean alone.
public struct ScoreSpread: Sendable, Hashable {
  /// The lowest value.
  public let lowest: Double
  /// The middle value; of an even number, the mean of the middle two.
  public let median: Double
  /// The highest value.
  public let highest: Double
  /// The mean.
  public let mean: Double

  /// The spread of at least one value, none of them NaN; nil without values.
  public init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    let middle = sorted.count / 2
    lowest = first
    highest = last
    median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    mean = values.reduce(0, +) / Double(values.count)
  }
}

/// A batch's reconstructions, each matched one to one and scored against its own original.
public struct BatchScore: Sendable {
  /// Which reconstruction stands for which original.
  public let matching: ReconstructionMatching
  /// A score for each original; nil for one that has no reconstruction.
  public let scores: [ReconstructionScore?]

  /// Matches and scores.
  ///
  /// - Throws: `InversionError` if a length does not fit or a pixel is not a number.
  public init(
    of reconstructions: [[Float]], against originals: [[Float]], shape: ImageShape
  ) throws(InversionError) {
    matching = try ReconstructionMatching(of: reconstructions, to: originals, shape: shape)
    var scores: [ReconstructionScore?] = []
    for (original, index) in zip(originals, matching.reconstruction) {
      guard let index else {
        scores.append(nil)
        continue
      }
      scores.append(
        try ReconstructionScore(of: reconstructions[index], against: original, shape: shape))
    }
    self.scores = scores
  }

  /// The spread of PSNR in dB, an exact image counted at the ceiling; an original without a
  /// reconstruction counts as 0 dB. Nil without originals.
  public var psnr: ScoreSpread? { ScoreSpread(scores.map { $0?.error.cappedPSNR ?? 0 }) }

  /// The share of originals whose reconstruction passes a bar declared before the run: at least
  /// `psnr` dB and, if given, at least `ssim`. 0 without originals.
  public func leakageRate(psnr: Double, ssim: Double? = nil) -> Double {
    guard !scores.isEmpty else { return 0 }
    let passed = scores.count { score in
      guard let score, score.error.psnr >= psnr else { return false }
      guard let ssim else { return true }
      return (score.ssim ?? -1) >= ssim
    }
    return Double(passed) / Double(scores.count)
  }
}
