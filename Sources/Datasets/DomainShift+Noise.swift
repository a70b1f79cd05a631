import Learning
import Randomness

/// Gaussian noise on the features of examples, a pure function of itself and of the example: equal
/// features get equal noise, in training and test data and in every subset of them.
public struct GaussianNoise: Sendable, Hashable {
  /// One cell of a square grid over an image.
  public struct Patch: Sendable, Hashable {
    /// Cells along each side.
    public var grid: Int
    /// The cell, row by row.
    public var cell: Int

    /// A cell of a grid.
    ///
    /// - Precondition: `0 <= cell < grid^2`.
    public init(grid: Int, cell: Int) {
      precondition(grid >= 1 && (0..<grid * grid).contains(cell), "no such cell")
      self.grid = grid
      self.cell = cell
    }

    /// The rows of an image this high, from `floor(r height / grid)`.
    func rows(_ height: Int) -> Range<Int> { range(cell / grid, of: height) }
    /// The columns of an image this wide.
    func columns(_ width: Int) -> Range<Int> { range(cell % grid, of: width) }

    private func range(_ index: Int, of size: Int) -> Range<Int> {
      (index * size / grid)..<((index + 1) * size / grid)
    }
  }

  /// Standard deviation, in units of the features as the model gets them; at least 0.
  public var standardDeviation: Float
  /// Where in an image, all channels of it; nil for everywhere.
  public var patch: Patch?
  /// What makes the noise of one client differ from that of another.
  public var seed: UInt64

  /// Noise of this strength.
  public init(standardDeviation: Float, patch: Patch? = nil, seed: UInt64) {
    self.standardDeviation = standardDeviation
    self.patch = patch
    self.seed = seed
  }

  func applied(to examples: LabeledExamples) throws(LearningError) -> LabeledExamples {
    guard standardDeviation != 0 else { return examples }
    let root = Generator(seed: seed)
    guard let patch else {
      return try examples.mappingFeatures { features in
        var stream = root.fork("noise", Self.digest(features))
        let noise = stream.normals(features.count, standardDeviation: standardDeviation)
        for place in features.indices { features[place] += noise[place] }
      }
    }
    let (channels, height, width) = try examples.imageShape(for: "noise on a patch")
    let (rows, columns) = (patch.rows(height), patch.columns(width))
    return try examples.mappingFeatures { features in
      var stream = root.fork("noise", Self.digest(features))
      let noise = stream.normals(
        channels * rows.count * columns.count, standardDeviation: standardDeviation)
      var next = 0
      for channel in 0..<channels {
        for row in rows {
          for column in columns {
            features[(channel * height + row) * width + column] += noise[next]
            next += 1
          }
        }
      }
    }
  }

  /// A number that tells examples apart: FNV-1a over the bits of the features, a word at a time, with
  /// a final mix.
  private static func digest(_ features: [Float]) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for feature in features {
      hash = (hash ^ UInt64(feature.bitPattern)) &* 0x0000_0100_0000_01B3
      hash ^= hash >> 29
    }
    return hash
  }
}
