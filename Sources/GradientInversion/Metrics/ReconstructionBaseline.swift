public import Randomness

/// What an attacker without the gradient would hand in: the figures that stand beside every score.
public enum ReconstructionBaseline {
  /// An image of constant gray, 0.5.
  public static func gray(_ shape: ImageShape) -> [Float] {
    [Float](repeating: 0.5, count: shape.count)
  }

  /// The mean of public images, or of those of one class: what is typical.
  ///
  /// - Throws: `InversionError` without an image, or if their lengths differ.
  public static func mean(of images: [[Float]]) throws(InversionError) -> [Float] {
    guard let first = images.first else {
      throw .invalid(what: "the public images", got: "none", requirement: "need at least one")
    }
    var sum = [Double](repeating: 0, count: first.count)
    for image in images {
      guard image.count == first.count else {
        throw .sizeMismatch(
          what: "pixels of a public image", got: image.count, expected: "\(first.count)")
      }
      for index in image.indices { sum[index] += Double(image[index]) }
    }
    return sum.map { Float($0 / Double(images.count)) }
  }

  /// One of the public images at random.
  ///
  /// - Throws: `InversionError` without an image.
  public static func other(
    of images: [[Float]], using generator: inout Generator
  ) throws(InversionError) -> [Float] {
    guard !images.isEmpty else {
      throw .invalid(what: "the public images", got: "none", requirement: "need at least one")
    }
    return images[generator.uniform(below: images.count)]
  }
}
