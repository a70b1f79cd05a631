package import Learning
package import Randomness

/// Several views of each image whose gradients are averaged before the clip, so that an example
/// still counts once.
///
/// Source: De, Berrada, Hayes, Smith and Balle, Unlocking High-Accuracy Differentially Private
/// Image Classification through Scale, 2022, section 3.2 (augmentation multiplicity).
public struct Augmentation: Sendable, Hashable {
  /// Views of each example, K.
  public var multiplicity: Int
  /// The farthest that a view is moved, in pixels either way; what comes in from outside is 0.
  public var shift: Int
  /// Whether half of the views are mirrored, left to right.
  public var flips: Bool

  /// Views of this kind.
  public init(multiplicity: Int, shift: Int = 0, flips: Bool = false) {
    self.multiplicity = multiplicity
    self.shift = shift
    self.flips = flips
  }

  func check(shape: [Int]) throws(PrivateTrainingError) {
    guard multiplicity >= 1 else {
      throw .invalid("multiplicity", "\(multiplicity)", "must be 1 or more")
    }
    guard shift >= 0 else { throw .invalid("shift", "\(shift)", "must be 0 or more") }
    guard shape.count == 3 || (shift == 0 && !flips) else {
      throw .refused(
        what: "augmentation", reason: "examples of shape \(shape) are no images to move or mirror",
        remedy: "leave out shift and flips")
    }
    if shape.count == 3, shift >= min(shape[1], shape[2]) {
      throw .invalid("shift", "\(shift)", "must be less than the image's size of \(shape)")
    }
  }

  /// K views of one example.
  package func views(
    of index: Int, in examples: LabeledExamples, using generator: inout Generator
  ) throws(LearningError) -> LabeledExamples {
    let image = examples.features(of: index)
    var features: [Float] = []
    features.reserveCapacity(image.count * multiplicity)
    for _ in 0..<multiplicity {
      let down = shift == 0 ? 0 : generator.uniform(below: 2 * shift + 1) - shift
      let right = shift == 0 ? 0 : generator.uniform(below: 2 * shift + 1) - shift
      let isMirrored = flips && generator.bernoulli(0.5)
      features += Self.moved(
        image, shape: examples.shape, down: down, right: right, isMirrored: isMirrored)
    }
    return try LabeledExamples(
      features: features, labels: Array(repeating: examples.labels[index], count: multiplicity),
      shape: examples.shape, classes: examples.classes)
  }

  /// An image moved by whole pixels, then mirrored.
  static func moved(
    _ image: [Float], shape: [Int], down: Int, right: Int, isMirrored: Bool
  ) -> [Float] {
    guard shape.count == 3, down != 0 || right != 0 || isMirrored else { return image }
    let (height, width) = (shape[1], shape[2])
    var out = [Float](repeating: 0, count: image.count)
    for channel in 0..<shape[0] {
      for y in 0..<height where (0..<height).contains(y - down) {
        for x in 0..<width where (0..<width).contains(x - right) {
          let column = isMirrored ? width - 1 - x : x
          out[(channel * height + y) * width + column] =
            image[(channel * height + y - down) * width + x - right]
        }
      }
    }
    return out
  }
}
