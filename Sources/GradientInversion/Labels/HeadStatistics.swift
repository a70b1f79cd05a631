internal import Glibc
public import Learning
public import Randomness
public import Tensors

/// What a model does to noise, as a stand-in for what it does to the client's batch: the mean
/// softmax, and the mean sum of the features that reach the last layer.
public struct HeadStatistics: Sendable, Hashable {
  /// The mean softmax of each class.
  public let meanSoftmax: [Double]
  /// The mean over examples of the sum of the last layer's inputs.
  public let featureSum: Double

  /// Statistics known from elsewhere.
  public init(meanSoftmax: [Double], featureSum: Double) {
    self.meanSoftmax = meanSoftmax
    self.featureSum = featureSum
  }

  /// The statistics of `count` random images under a model; features are read off the head's
  /// gradient, `sum_j dL/dW_cj = dL/db_c sum_j a_j`.
  ///
  /// - Throws: `InversionError` for a model without a dense head with a bias.
  public init(
    network: Network, parameters: Vector, dummies count: Int = 100, noise: DummyNoise = .normal,
    using generator: inout Generator
  ) throws {
    var softmax = [Double](repeating: 0, count: network.classes)
    var features = 0.0
    let workspace = Workspace(for: network, batchSize: 1)
    var gradient = [Double](repeating: 0, count: network.parameterCount)
    let weights = parameters.array.map { Double($0) }
    for _ in 0..<count {
      let image = noise.image(network.inputs, using: &generator)
      try network.differentiate(
        parameters: weights, batch: Batch(inputs: image, labels: [0]), workspace: workspace,
        gradient: &gradient)
      let head = try HeadGradient(gradient, of: network)
      let bias = try head.requireBias("label statistics")
      for index in softmax.indices { softmax[index] += bias[index] + (index == 0 ? 1 : 0) }
      // The steadiest class to divide by is the label's own, whose entry is the largest.
      features += head.rowSums[0] / (bias[0] == 0 ? -Double.ulpOfOne : bias[0])
    }
    meanSoftmax = softmax.map { $0 / Double(count) }
    featureSum = features / Double(count)
  }

  /// The mean of two: at a client's start and after its training.
  public func averaged(with other: HeadStatistics) -> HeadStatistics {
    HeadStatistics(
      meanSoftmax: zip(meanSoftmax, other.meanSoftmax).map { ($0 + $1) / 2 },
      featureSum: (featureSum + other.featureSum) / 2)
  }

  /// `n_c = B (mean p_c - sum_j dL/dW_cj / O)` with the mean softmax and the feature sum `O` of
  /// dummies: for one gradient.
  ///
  /// Source: Geng et al., Towards general deep leakage in federated learning, 2021, section 3.2.
  public func geng(_ head: HeadGradient, batchSize: Int) -> LabelCounts {
    LabelCounts(rounding: estimates(head, examples: batchSize), total: batchSize)
  }

  /// The same for several local steps: `head` is of the mean gradient, `w` moved over rate times
  /// steps, and the counts are those of all the examples that the steps saw. Give the statistics
  /// averaged over the start and the end of training.
  ///
  /// Source: Dimitrov, Balunovic, Konstantinov, Vechev, Data leakage in federated averaging, TMLR
  /// 2022, section 4.3.
  public func dimitrov(_ head: HeadGradient, examplesSeen: Int) -> LabelCounts {
    LabelCounts(rounding: estimates(head, examples: examplesSeen), total: examplesSeen)
  }

  private func estimates(_ head: HeadGradient, examples: Int) -> [Double] {
    zip(meanSoftmax, head.rowSums).map { Double(examples) * ($0 - $1 / featureSum) }
  }
}

/// Random images of one kind.
public enum DummyNoise: Sendable, Hashable {
  /// Standard normal: for inputs normalised to mean 0 and deviation 1.
  case normal
  /// Uniform from 0 to 1: for plain pixels.
  case uniform

  func image(_ count: Int, using generator: inout Generator) -> [Double] {
    (0..<count).map { _ in self == .normal ? generator.normal() : generator.uniform() }
  }
}

/// The impact of one example and each class's offset, measured on the model itself.
///
/// For every class, batches of noise all under that label give the impact: the class's own row sum
/// times `(1 + 1/C) / B`, averaged; batches without the class give its offset.
///
/// Source: Wainakh et al., User-level label leakage from gradients, PoPETs 2022, section 4.2
/// (white-box).
public struct LabelImpact: Sendable, Hashable {
  /// What one example adds to its class's row sum; negative.
  public let impact: Double
  /// The row sum of each class in batches without it.
  public let offsets: [Double]

  /// Measures a model with `trials` batches a class.
  public init(
    network: Network, parameters: Vector, batchSize: Int, trials: Int = 1,
    noise: DummyNoise = .normal, using generator: inout Generator
  ) throws {
    let classes = network.classes
    let workspace = Workspace(for: network, batchSize: batchSize)
    var gradient = [Double](repeating: 0, count: network.parameterCount)
    let weights = parameters.array.map { Double($0) }
    var own = 0.0
    var others = [Double](repeating: 0, count: classes)
    for label in 0..<classes {
      for _ in 0..<trials {
        let inputs = (0..<batchSize).flatMap { _ in noise.image(network.inputs, using: &generator) }
        try network.differentiate(
          parameters: weights,
          batch: Batch(
            inputs: inputs, labels: [Int32](repeating: Int32(label), count: batchSize)),
          workspace: workspace, gradient: &gradient)
        let sums = try HeadGradient(gradient, of: network).rowSums
        for index in sums.indices {
          if index == label { own += sums[index] } else { others[index] += sums[index] }
        }
      }
    }
    let rounds = Double(classes * trials)
    impact = own / rounds * (1 + 1 / Double(classes)) / Double(batchSize)
    offsets = others.map { $0 / Double(max(1, (classes - 1) * trials)) }
  }

  /// Wainakh's white-box labels.
  public func wainakh(_ head: HeadGradient, batchSize: Int) -> LabelCounts {
    LabelRecovery.greedy(head.rowSums, impact: impact, offsets: offsets, batchSize: batchSize)
  }
}
