extension LabeledExamples {
  /// The same examples at another image size, by bilinear interpolation between pixel centres, each
  /// channel by itself (torch.nn.functional.interpolate, mode bilinear, align_corners false).
  ///
  /// - Parameters:
  ///   - height: Rows of the result, at least 1.
  ///   - width: Columns of the result, at least 1.
  /// - Throws: `LearningError` if the examples are not images `[channels, height, width]` or a size
  ///   is below 1.
  public func resized(height: Int, width: Int) throws(LearningError) -> LabeledExamples {
    guard shape.count == 3 else {
      throw .invalid(
        place: "resizing", what: "the examples' shape", got: NetworkCompiler.describe(shape),
        requirement: "must be an image, channels x height x width")
    }
    guard height >= 1, width >= 1 else {
      throw .invalid(
        place: "resizing", what: "the size", got: "\(height)x\(width)",
        requirement: "must be at least 1x1")
    }
    let (channels, oldHeight, oldWidth) = (shape[0], shape[1], shape[2])
    let rows = Self.weights(from: oldHeight, to: height)
    let columns = Self.weights(from: oldWidth, to: width)
    var resized: [Float] = []
    resized.reserveCapacity(count * channels * height * width)
    for example in 0..<count {
      let pixels = features(of: example)
      for channel in 0..<channels {
        let start = channel * oldHeight * oldWidth
        for row in rows {
          let (upper, lower) = (start + row.low * oldWidth, start + row.high * oldWidth)
          for column in columns {
            let above = mix(pixels[upper + column.low], pixels[upper + column.high], column.share)
            let below = mix(pixels[lower + column.low], pixels[lower + column.high], column.share)
            resized.append(mix(above, below, row.share))
          }
        }
      }
    }
    return try LabeledExamples(
      features: resized, labels: labels, shape: [channels, height, width], classes: classes)
  }

  /// For each new pixel the two old ones it lies between, and the share of the second.
  private static func weights(
    from old: Int, to new: Int
  ) -> [(low: Int, high: Int, share: Float)] {
    (0..<new).map { index in
      let centre = (Double(index) + 0.5) * Double(old) / Double(new) - 0.5
      let position = min(max(centre, 0), Double(old - 1))
      let low = Int(position)
      return (low, min(low + 1, old - 1), Float(position - Double(low)))
    }
  }
}

private func mix(_ first: Float, _ second: Float, _ share: Float) -> Float {
  (1 - share) * first + share * second
}
