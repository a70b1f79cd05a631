public import Learning
public import Randomness

/// Examples that are easy to remember: the worst case, on which an audit with few models already
/// shows what a mean over all examples hides.
///
/// Source: Aerni, Zhang, Tramer, "Evaluations of machine learning privacy defenses are misleading"
/// (arXiv 2404.17399), section 4: a few hundred canaries, all other examples in every model, every
/// model once the target.
public struct Canaries: Sendable {
  /// What makes them easy to remember.
  public enum Kind: String, CaseIterable, Sendable, Hashable {
    /// The label is another class than the true one.
    case mislabelled
    /// Ordinary examples that a model has several times, if it has them.
    case duplicated
    /// Uniform noise between the least and the greatest feature, with a random label.
    case outOfDistribution = "out-of-distribution"
  }

  /// All examples, canaries among them.
  public let data: LabeledExamples
  /// Where the canaries are, ascending.
  public let positions: [Int]
  /// How often a model has a canary that it has.
  public let copies: Int

  /// Makes canaries of `count` random examples.
  ///
  /// - Parameter copies: How often duplicated canaries are in; others once.
  /// - Throws: `MembershipError` if there are fewer examples, or one class only.
  public init(
    _ kind: Kind, count: Int, of examples: LabeledExamples, copies: Int = 4,
    using generator: inout Generator
  ) throws(MembershipError) {
    guard count >= 2, count <= examples.count else {
      throw .invalid(
        what: "the number of canaries", got: "\(count)",
        requirement: "must be from 2 to the number of examples, \(examples.count)")
    }
    guard examples.classes >= 2 else {
      throw .invalid(
        what: "the number of classes", got: "\(examples.classes)", requirement: "must be at least 2"
      )
    }
    positions = generator.choice(count, of: examples.count).sorted()
    self.copies = kind == .duplicated ? max(copies, 2) : 1
    do {
      switch kind {
      case .duplicated: data = examples
      case .mislabelled:
        var labels = examples.labels
        for position in positions {
          let other = generator.uniform(below: examples.classes - 1)
          labels[position] = Int32(other) + (Int32(other) >= labels[position] ? 1 : 0)
        }
        data = try examples.relabeled(labels)
      case .outOfDistribution:
        var (features, labels) = (examples.features, examples.labels)
        let width = examples.featureCount
        let least = Double(features.min() ?? 0)
        let greatest = Double(features.max() ?? 1)
        for position in positions {
          labels[position] = Int32(generator.uniform(below: examples.classes))
          for index in 0..<width {
            features[position * width + index] = Float(
              least + (greatest - least) * generator.uniform())
          }
        }
        data = try LabeledExamples(
          features: features, labels: labels, shape: examples.shape, classes: examples.classes)
      }
    } catch {
      throw .invalid(what: "canaries", got: "\(error)", requirement: "must be examples")
    }
  }
}
