import Foundation
import Learning
import PrivateTraining
import Randomness
import Tensors
import TestSupport
import Testing

/// One example more must not move the sum by more than the clipping norm, whatever it is. The sums
/// are those of the real trainer: the same batch is drawn, with and without the example's data.
@Suite("No example moves the sum by more than it may")
struct SensitivityTests {
  /// The longest distance in units of the clipping norm between the sums with `replacement` as
  /// example 0 and with an example that adds nothing, over the first steps in which it is drawn.
  private func movement(
    _ problem: PrivateProblem, _ replacement: [Float], _ generator: Generator,
    fault: TrainingFault? = nil
  ) throws -> (distance: Double, isFinite: Bool) {
    func sums(_ first: [Float]) throws -> [StepRecord] {
      var features = problem.examples.features
      features.replaceSubrange(0..<first.count, with: first)
      var changed = problem
      changed.examples = try LabeledExamples(
        features: features, labels: problem.examples.labels, shape: problem.examples.shape,
        classes: problem.examples.classes)
      // Of one step only: the steps after it start from different weights.
      return try changed.records(1, generator, fault: fault)
    }
    let with = try sums(replacement)
    let without = try sums([Float](repeating: .nan, count: replacement.count))
    var longest = 0.0
    var isFinite = true
    for (a, b) in zip(with, without) {
      #expect(a.batch == b.batch)
      var square = 0.0
      for (x, y) in zip(a.sum, b.sum) {
        let difference = Double(x - y) * a.gridStep
        square += difference * difference
      }
      longest = max(longest, square.squareRoot())
      isFinite = isFinite && a.released.allSatisfy(\.isFinite)
    }
    return (longest, isFinite)
  }

  private static let rules: [ClippingRule] = [
    .flat(norm: 0.01), .flat(norm: 1), .flat(norm: 100), .perLayer(norm: 0.3),
    .automatic(norm: 0.5), .adaptive(AdaptiveClipping(norm: 0.2)),
  ]

  @Test("non-finite, huge, tiny and zero inputs under every rule", arguments: rules)
  func extremes(_ rule: ClippingRule) throws {
    var generator = testGenerator()
    var problem = try PrivateProblem(batchSize: 120, using: &generator)
    problem.options.clipping = rule
    let ones = [Float](repeating: 1, count: 8)
    var inputs: [[Float]] = [
      0, 1, -1, 1e-30, .leastNonzeroMagnitude, 1e10, 1e18, 1e19, 1e25, 3e38, -3e38,
    ].map { scale in ones.map { $0 * scale } }
    for bad in [Float.nan, .infinity, -.infinity] {
      inputs.append([Float](repeating: bad, count: 8))
      inputs.append([bad] + ones.dropFirst())
    }
    inputs.append((0..<8).map { $0 % 2 == 0 ? 3e38 : -3e38 })
    for input in inputs {
      let found = try movement(problem, input, generator)
      #expect(found.distance <= 1 + 1e-5, "\(rule) \(input[0])")
      #expect(found.isFinite)
    }
  }

  @Test("a search for the longest movement, on dense layers and on convolutions")
  func search() throws {
    var generator = testGenerator()
    var dense = try PrivateProblem(batchSize: 120, using: &generator)
    dense.options.clipping = .flat(norm: 0.05)
    var images = dense
    images.network = try Network(
      input: [1, 4, 4],
      [
        .convolution(Convolution(outputs: 3, kernel: 3)), .activation(.tanh), .flatten,
        .dense(outputs: 3),
      ])
    images.start = images.network.initialParameters(using: &generator)
    images.examples = try LabeledExamples(
      features: (0..<60 * 16).map { _ in Float(generator.normal()) },
      labels: (0..<60).map { Int32($0 % 3) }, shape: [1, 4, 4], classes: 3)
    images.options.batchSize = 60
    for problem in [dense, images] {
      let width = problem.examples.featureCount
      var best = (0..<width).map { _ in Float(generator.normal()) }
      var longest = try movement(problem, best, generator).distance
      #expect(longest > 0.99)
      for round in 0..<60 {
        let scale = pow(10, Double(generator.uniform() * 30 - 6))
        var tried = best.map { value in
          generator.bernoulli(0.5) ? value : Float(Double(value) + scale * generator.normal())
        }
        if round % 10 == 0 { tried = tried.map { $0 * Float(scale) } }
        guard tried.allSatisfy(\.isFinite) else { continue }
        let found = try movement(problem, tried, generator).distance
        if found > longest { (best, longest) = (tried, found) }
      }
      #expect(longest <= 1 + 1e-5)
    }
  }

  @Test("several views of an example still count once")
  func augmented() throws {
    var generator = testGenerator()
    var problem = try PrivateProblem(batchSize: 120, using: &generator)
    problem.options.clipping = .flat(norm: 0.05)
    problem.options.augmentation = Augmentation(multiplicity: 4)
    for input in [[Float](repeating: 1e6, count: 8), [Float](repeating: .nan, count: 8)] {
      #expect(try movement(problem, input, generator).distance <= 1 + 1e-5)
    }
  }

  @Test("without the clip, and with weights, the same search finds more")
  func caught() throws {
    var generator = testGenerator()
    var problem = try PrivateProblem(batchSize: 120, using: &generator)
    problem.options.clipping = .flat(norm: 0.05)
    let input = [Float](repeating: 30, count: 8)
    #expect(try movement(problem, input, generator, fault: .noClip).distance > 2)
    #expect(
      try !movement(problem, [.nan] + input.dropFirst(), generator, fault: .nonFiniteUpdate)
        .isFinite)
  }
}
