internal import Learning
internal import Randomness
internal import Tensors

/// A small classifier of two classes: features are standardised, then logistic regression or one
/// hidden layer is trained with Adam. The same seed gives the same bits.
struct BinaryClassifier {
  private let network: Network
  private let parameters: Vector
  private let centers: [Float]
  private let scales: [Float]

  /// Trains on rows of `width` features with labels 0 or 1.
  ///
  /// - Throws: `MembershipError` if there are not both kinds, or training diverges.
  init(
    features: [Float], labels: [Int32], width: Int, hidden: Int, epochs: Int, seed: UInt64
  ) throws(MembershipError) {
    let positives = labels.reduce(0) { $0 + Int($1) }
    guard positives > 0, positives < labels.count else {
      throw .tooFew(
        what: "members or non-members to learn from", got: min(positives, labels.count - positives),
        needed: 1, remedy: "give examples of both kinds")
    }
    var sums = [Double](repeating: 0, count: width)
    var squares = sums
    for (index, value) in features.enumerated() {
      sums[index % width] += Double(value)
      squares[index % width] += Double(value) * Double(value)
    }
    let n = Double(labels.count)
    let means = sums.map { $0 / n }
    centers = means.map { Float($0) }
    scales = zip(means, squares).map { mean, square in
      let variance = square / n - mean * mean
      return variance > 1e-12 * (1 + mean * mean) ? Float(1 / variance.squareRoot()) : 0
    }
    do {
      let layers: [Layer] =
        hidden > 0
        ? [.dense(outputs: hidden), .relu, .dense(outputs: 2)] : [.dense(outputs: 2)]
      let network = try Network(input: [width], layers)
      var generator = Generator(seed: seed).fork("binary classifier")
      var parameters = network.initialParameters(using: &generator)
      let examples = try LabeledExamples(
        features: Self.standardised(features, centers, scales), labels: labels, shape: [width],
        classes: 2)
      let batch = min(256, labels.count)
      // The rate falls twice, so that the end does not shake.
      var state = OptimizerState<Float>(for: network, options: Self.options(0.02))
      for (rate, share) in [(0.02, 0.5), (0.005, 0.25), (0.001, 0.25)] {
        try trainEpochs(
          network: network, parameters: &parameters, state: &state, examples: examples,
          epochs: max(1, Int(Double(epochs) * share)), batchSize: batch,
          options: Self.options(rate), workspace: Workspace(for: network, batchSize: batch),
          generator: &generator)
      }
      guard parameters.isFinite else {
        throw MembershipError.value(
          what: "the classifier's training", place: "a parameter", got: "no finite number",
          remedy: "features must be finite")
      }
      self.network = network
      self.parameters = parameters
    } catch let error as MembershipError {
      throw error
    } catch {
      throw .invalid(what: "the classifier", got: "\(error)", requirement: "must be trainable")
    }
  }

  private static func options(_ rate: Double) -> OptimizerOptions {
    OptimizerOptions(.adam(), learningRate: rate, weightDecay: 1e-4)
  }

  private static func standardised(
    _ features: [Float], _ centers: [Float], _ scales: [Float]
  ) -> [Float] {
    let width = centers.count
    return features.enumerated().map { index, value in
      (value - centers[index % width]) * scales[index % width]
    }
  }

  /// The log-odds of class 1 for rows of features.
  func logits(_ features: [Float]) throws(MembershipError) -> [Double] {
    let rows = features.count / centers.count
    do {
      let examples = try LabeledExamples(
        features: Self.standardised(features, centers, scales),
        labels: [Int32](repeating: 0, count: rows), shape: [centers.count], classes: 2)
      let logits = try network.predict(
        parameters: parameters, on: examples, workspace: Workspace(for: network)
      ).logits
      return (0..<rows).map { Double(logits[2 * $0 + 1]) - Double(logits[2 * $0]) }
    } catch {
      throw .invalid(what: "the classifier", got: "\(error)", requirement: "must fit its features")
    }
  }
}
