internal import Learning
internal import Tensors

/// Compares what is released before the noise with and without one example, for examples of every
/// kind and for batches of several sizes: one of a training that never saw the other.
struct NeighbourComparison {
  let examples: LabeledExamples
  let batchSize: Int
  let start: Vector

  func findings(
    _ trainer: (LabeledExamples) throws -> PrivateTrainer
  ) throws -> [Conformance.Finding] {
    var longest = (distance: 0.0, what: "")
    var nonFinite: String?
    let targets = Array(0..<min(4, examples.count))
    for scale in [Float(0), 1, 100, 1e10, 3e37, .infinity, .nan] {
      var trainer = try trainer(try changed(targets, by: scale))
      for target in targets {
        for size in [0, 1, batchSize / 4, batchSize] {
          let others = examples.count - size..<examples.count
          guard others.lowerBound > (targets.last ?? 0) else { continue }
          let without = try trainer.probe(Array(others), at: start)
          let with = try trainer.probe([target] + others, at: start)
          let what = "example \(target) times \(scale) beside \(size) others"
          guard with.allSatisfy(\.isFinite) else {
            nonFinite = nonFinite ?? what
            continue
          }
          var square = 0.0
          for (a, b) in zip(with, without) { square += (a - b) * (a - b) }
          if square.squareRoot() > longest.distance { longest = (square.squareRoot(), what) }
        }
      }
    }
    var findings: [Conformance.Finding] = []
    if longest.distance > 1 + GradientNoise.slack {
      findings.append(
        .init(
          .sensitivity,
          "\(longest.what) moves the sum by \(longest.distance) clipping norms, declared is 1"))
    }
    if let nonFinite {
      findings.append(.init(.finiteness, "\(nonFinite) makes a release that is not finite"))
    }
    return findings
  }

  /// The examples with some multiplied by `scale`, each feature.
  private func changed(_ targets: [Int], by scale: Float) throws -> LabeledExamples {
    var features = examples.features
    let width = examples.featureCount
    for target in targets {
      for place in target * width..<(target + 1) * width { features[place] *= scale }
    }
    return try LabeledExamples(
      features: features, labels: examples.labels, shape: examples.shape,
      classes: examples.classes)
  }
}
