public import Learning

/// What one client's world does to examples: feature skew and concept shift.
///
/// A shift is data: it says everything, streams included, so that test examples meet the same one,
/// and it does the same to an example wherever that stands among others. Images are shifted at the
/// size that the model gets.
public struct DomainShift: Sendable, Hashable {
  /// One change.
  public enum Change: Sendable, Hashable {
    /// Class `c` is called `permutation[c]`: same features, another label.
    case relabel([Int32])
    /// Gaussian noise on all features or on one patch of an image.
    case noise(GaussianNoise)
    /// An image turned counter-clockwise about its centre, by bilinear interpolation, with zeros from
    /// outside; multiples of 90 degrees are exact on square images.
    case rotate(degrees: Double)
    /// Contrast and brightness: `gains[c] x + offsets[c]` on each value of channel `c`.
    case channels(gains: [Float], offsets: [Float])
  }

  /// Changes, the first one first.
  public var changes: [Change]

  /// These changes in this order.
  public init(_ changes: [Change]) { self.changes = changes }

  /// `examples` after all changes.
  ///
  /// - Throws: `LearningError` if a change does not fit the examples' shape or classes.
  public func applied(to examples: LabeledExamples) throws -> LabeledExamples {
    try changes.reduce(examples) { examples, change in try change.applied(to: examples) }
  }
}

extension DomainShift.Change {
  func applied(to examples: LabeledExamples) throws(LearningError) -> LabeledExamples {
    switch self {
    case .relabel(let permutation):
      guard permutation.count == examples.classes else {
        throw .sizeMismatch(
          place: "relabelled examples", what: "classes", got: permutation.count,
          expected: examples.classes)
      }
      return try examples.relabeled(examples.labels.map { permutation[Int($0)] })
    case .noise(let noise):
      return try noise.applied(to: examples)
    case .rotate(let degrees):
      return try examples.rotated(degrees: degrees)
    case .channels(let gains, let offsets):
      return try examples.withChannels(gains: gains, offsets: offsets)
    }
  }
}

extension LabeledExamples {
  /// Channels, height and width of images.
  ///
  /// - Throws: `LearningError` if the examples are none.
  func imageShape(
    for place: String
  ) throws(LearningError) -> (channels: Int, height: Int, width: Int) {
    guard shape.count == 3 else {
      throw .invalid(
        place: place, what: "the examples' shape",
        got: shape.map(String.init).joined(separator: "x"),
        requirement: "must be an image, channels x height x width")
    }
    return (shape[0], shape[1], shape[2])
  }

  /// The same labels with `change` made to the features of each example.
  func mappingFeatures(_ change: (inout [Float]) -> Void) throws(LearningError) -> LabeledExamples {
    var all: [Float] = []
    all.reserveCapacity(count * featureCount)
    for index in 0..<count {
      var own = features(of: index)
      change(&own)
      all += own
    }
    return try LabeledExamples(features: all, labels: labels, shape: shape, classes: classes)
  }

  /// Each value `x` of channel `c` as `gains[c] x + offsets[c]`.
  func withChannels(gains: [Float], offsets: [Float]) throws(LearningError) -> LabeledExamples {
    let (channels, height, width) = try imageShape(for: "brightness and contrast")
    guard gains.count == channels, offsets.count == channels else {
      throw .sizeMismatch(
        place: "brightness and contrast", what: "channels", got: min(gains.count, offsets.count),
        expected: channels)
    }
    return try mappingFeatures { pixels in
      for channel in 0..<channels {
        for place in (channel * height * width)..<((channel + 1) * height * width) {
          pixels[place] = gains[channel] * pixels[place] + offsets[channel]
        }
      }
    }
  }
}
