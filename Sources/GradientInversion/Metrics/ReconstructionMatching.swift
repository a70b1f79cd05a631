/// Reconstructions, each matched to one original, in the originals' order.
public struct ReconstructionMatching: Sendable, Hashable {
  /// For each original the reconstruction that stands for it, nil where there are too few.
  public let reconstruction: [Int?]

  /// The one-to-one matching of least total mean squared error.
  ///
  /// - Parameters:
  ///   - reconstructions: Candidates, each an image of `shape`.
  ///   - originals: What they may show.
  /// - Throws: `InversionError` if a length does not fit or a pixel is not a number.
  public init(
    of reconstructions: [[Float]], to originals: [[Float]], shape: ImageShape
  ) throws(InversionError) {
    let flipped = reconstructions.count > originals.count
    let (few, many) = flipped ? (originals, reconstructions) : (reconstructions, originals)
    var costs: [[Double]] = []
    for image in few {
      var row: [Double] = []
      for other in many {
        row.append(try PixelError(of: image, against: other, shape: shape).meanSquaredError)
      }
      costs.append(row)
    }
    let assigned = try OneToOneAssignment.cheapest(costs)
    if flipped {
      reconstruction = assigned
    } else {
      var result = [Int?](repeating: nil, count: originals.count)
      for (candidate, original) in assigned.enumerated() { result[original] = candidate }
      reconstruction = result
    }
  }
}
