internal import Randomness

/// The scores of every example that an attack went for, and what a run says of them: worst, median
/// and best, never the mean alone, beside what an attacker without the gradient would hand in.
///
/// A batch whose attack failed has no reconstruction, which is no protection: it counts among the
/// failures and has no part in the figures.
public struct InversionScores: Sendable {
  /// One original beside its reconstruction, pixels from 0 to 1.
  public struct Example: Sendable {
    /// How near the reconstruction is; nil if the batch gave fewer than there are examples.
    public let score: ReconstructionScore?
    /// What constant gray would reach.
    public let gray: PixelError
    /// What the mean of public images would; nil without any.
    public let typical: PixelError?
    /// What one of the public images, drawn at random, would; nil without any.
    public let random: PixelError?

    /// PSNR in dB, at most the ceiling; without a reconstruction that of gray, which is what is left to
    /// hand in.
    public var psnr: Double { score?.error.cappedPSNR ?? gray.cappedPSNR }
    /// How much better than gray, in dB.
    public var gain: Double { psnr - gray.cappedPSNR }
    /// How much better than the better of gray and the mean image, in dB: at 0 the gradient was of no
    /// use.
    public var margin: Double { psnr - max(gray.cappedPSNR, typical?.cappedPSNR ?? -.infinity) }
  }

  /// The figure that attacks are held to.
  public static let headline = "PSNR above gray and mean image in dB, median"

  /// The declared bar of ``leakageRate``, in dB of PSNR: at 20 dB the error is a tenth of the range.
  public static let leakageBar = 20.0

  /// Every original of the batches whose attack found something.
  public private(set) var examples: [Example] = []
  /// The share of right labels of each batch, as a multiset.
  public private(set) var overlaps: [Double] = []
  /// Batches whose attack found nothing.
  public private(set) var failures = 0
  /// Batches in all.
  public private(set) var batches = 0
  private let shape: ImageShape
  private let classes: Int
  private let typical: [Float]?
  private let others: [[Float]]

  /// No scores yet.
  ///
  /// - Parameters:
  ///   - shape: Of every image.
  ///   - classes: How many labels there are.
  ///   - typical: The mean of public images, if there are any.
  ///   - others: Public images, of which each example is compared with one: which, is a function of
  ///     how many examples came before it.
  public init(
    shape: ImageShape, classes: Int, typical: [Float]? = nil, others: [[Float]] = []
  ) {
    (self.shape, self.classes, self.typical) = (shape, classes, typical)
    self.others = others
  }

  /// Notes a batch whose attack failed.
  public mutating func addFailure() {
    batches += 1
    failures += 1
  }

  /// Scores a batch, matched one to one.
  ///
  /// - Parameters:
  ///   - reconstructions: Pixels, in any order, as many as were found.
  ///   - labels: What the attack says their labels are; empty if it does not say.
  ///   - originals: The true pixels.
  ///   - trueLabels: Their labels.
  /// - Returns: For each original the reconstruction that stands for it; nil where there are too few.
  /// - Throws: `InversionError` if a length does not fit or a pixel is not a number.
  @discardableResult
  public mutating func add(
    _ reconstructions: [[Float]], labels: [Int32] = [], originals: [[Float]],
    trueLabels: [Int32] = []
  ) throws(InversionError) -> [Int?] {
    let batch = try BatchScore(of: reconstructions, against: originals, shape: shape)
    for (original, score) in zip(originals, batch.scores) {
      let gray = try PixelError(
        of: ReconstructionBaseline.gray(shape), against: original, shape: shape)
      var mean: PixelError?
      if let typical { mean = try PixelError(of: typical, against: original, shape: shape) }
      var random: PixelError?
      if !others.isEmpty {
        var generator = Generator(seed: 0).fork("random image", UInt64(examples.count))
        random = try PixelError(
          of: ReconstructionBaseline.other(of: others, using: &generator), against: original,
          shape: shape)
      }
      examples.append(Example(score: score, gray: gray, typical: mean, random: random))
    }
    if !labels.isEmpty, labels.count == trueLabels.count {
      overlaps.append(
        try LabelOverlap.share(
          counts: LabelCounts(of: trueLabels, classes: classes).counts,
          recovered: LabelCounts(of: labels, classes: classes).counts))
    }
    batches += 1
    return batch.matching.reconstruction
  }

  /// The share of originals within the declared bar.
  public var leakageRate: Double {
    guard !examples.isEmpty else { return 0 }
    return Double(examples.count { $0.score.map { $0.error.psnr >= Self.leakageBar } ?? false })
      / Double(examples.count)
  }

  /// The figures by name, with their units; without a batch that found something, failures alone.
  public var figures: [String: Double] {
    var figures: [String: Double] = ["attacks failed, share": 0]
    if batches > 0 { figures["attacks failed, share"] = Double(failures) / Double(batches) }
    func spread(_ name: String, _ values: [Double], higherIsBetter: Bool = true) {
      guard let spread = ScoreSpread(values) else { return }
      figures["\(name), median"] = spread.median
      figures["\(name), worst"] = higherIsBetter ? spread.lowest : spread.highest
      figures["\(name), best"] = higherIsBetter ? spread.highest : spread.lowest
    }
    spread("PSNR in dB", examples.map(\.psnr))
    spread("PSNR above gray in dB", examples.map(\.gain))
    spread("PSNR above gray and mean image in dB", examples.map(\.margin))
    spread("gray's PSNR in dB", examples.map(\.gray.cappedPSNR))
    spread("mean image's PSNR in dB", examples.compactMap { $0.typical?.cappedPSNR })
    spread("random image's PSNR in dB", examples.compactMap { $0.random?.cappedPSNR })
    let scores = examples.compactMap(\.score)
    spread("MSE", scores.map(\.error.meanSquaredError), higherIsBetter: false)
    spread("registered PSNR in dB", scores.map(\.registered.cappedPSNR))
    spread("SSIM", scores.compactMap(\.ssim))
    spread("MS-SSIM", scores.compactMap(\.multiScaleSSIM))
    spread("GMSD", scores.compactMap(\.gradientDeviation), higherIsBetter: false)
    if !examples.isEmpty {
      figures["PSNR in dB, mean"] = examples.reduce(0) { $0 + $1.psnr } / Double(examples.count)
      figures["leakage rate at 20 dB"] = leakageRate
      figures["examples"] = Double(examples.count)
    }
    if !overlaps.isEmpty {
      figures["label overlap"] = overlaps.reduce(0, +) / Double(overlaps.count)
    }
    return figures
  }
}
