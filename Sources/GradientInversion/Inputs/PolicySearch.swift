internal import Glibc
public import Learning
public import Randomness
public import Tensors

/// Looks for transformations that make gradients say little of the images and training lose little.
///
/// A policy is judged on examples x without training anything. **Privacy**: on the way from noise to
/// the transformed image x̃, how far the gradient is from x̃'s all the way,
///
///     S_pri = mean over examples of the area under  t -> mean over tensors of cos(g(t x̃ + (1 - t) u), g(x̃)),
///
/// at the labels of the examples and the weights of a trained model: small where a search by gradients
/// gets no lead until it has arrived. **Accuracy**: with the correlations of the examples' Jacobians
/// d(sum of logits)/dx̃, of eigenvalues λ, at untrained weights,
///
///     S_acc = -Σ (log(λ + k) + 1 / (λ + k)),   k = 1e-5:
///
/// large where a model tells the transformed images apart.
///
///     let search = try PolicySearch(
///       of: network, trained: weights, untrained: start, on: examples)
///     let best = PolicySearch.best(2, of: try search.candidates(200, using: generator))
///     let ats = try ATS(policies: best.map(\.text).joined(separator: " + "))
///
/// The source keeps candidates of an S_acc above -85, which belongs to its hundred images and models; here
/// the better half by S_acc is kept, whatever its scale.
///
/// Source: Gao, Guo, Zhang, Qiu, Wen, Liu 2021, *Privacy-preserving Collaborative Learning with Automatic
/// Transformation Search*, section 4, with the tensors' mean, the 20 steps and k of its published code.
public struct PolicySearch: Sendable {
  /// A policy with its scores.
  public struct Score: Sendable, Hashable {
    /// The changes, first to last.
    public let policy: [ImageTransformation]
    /// S_pri, in [-1, 1]; smaller is more private.
    public let privacy: Double
    /// S_acc; larger is more accurate.
    public let accuracy: Double

    /// As it is written: `translate-x 0.2, contrast 1.5`.
    public var text: String { policy.map(\.description).joined(separator: ", ") }
  }

  /// Steps from noise to image.
  private static let steps = 20

  private let network: Network
  private let summing: Network
  private let trained: Vector
  private let untrained: Vector
  private let examples: LabeledExamples
  private let shape: ImageShape
  private let noise: ClosedRange<Float>

  /// A search for one model and data.
  ///
  /// - Parameters:
  ///   - network: The model that clients train, on images and without batch norm.
  ///   - trained: Weights after some training, which gradients are taken at.
  ///   - untrained: Weights at the start, which Jacobians are taken at.
  ///   - examples: At least two labelled images; the source takes 100.
  ///   - noise: The range that the noise is uniform on, that of the images.
  /// - Throws: `InversionError` if the model takes no images, weights do not fit or are not finite, or
  ///   there are fewer than two examples.
  public init(
    of network: Network, trained: Vector, untrained: Vector, on examples: LabeledExamples,
    noise: ClosedRange<Float> = 0...1
  ) throws(InversionError) {
    shape = try ImageShape(network.inputShape)
    for (weights, name) in [(trained, "trained"), (untrained, "untrained")] {
      guard weights.count == network.parameterCount else {
        throw .sizeMismatch(
          what: "\(name) weights", got: weights.count,
          expected: "\(network.parameterCount), the model's parameters")
      }
      guard weights.isFinite else {
        throw .notFinite(
          what: "the \(name) weights", index: weights.array.firstIndex { !$0.isFinite } ?? 0)
      }
    }
    guard examples.count >= 2 else {
      throw .invalid(
        what: "the examples", got: "\(examples.count)",
        requirement: "must be at least 2, whose Jacobians are compared")
    }
    do {
      summing = try network.with(loss: .meanSquaredError)
    } catch {
      throw .unsuitableModel(method: "a search for policies", reason: "\(error)")
    }
    self.network = network
    self.trained = trained
    self.untrained = untrained
    self.examples = examples
    self.noise = noise
  }

  /// Judges a policy, its signs drawn for each example.
  ///
  /// - Throws: `LearningError` if an example does not fit the model.
  /// - Complexity: 21 gradients an example, and the eigenvalues of as many rows as examples.
  public func score(
    _ policy: [ImageTransformation], using generator: Generator
  ) throws -> Score {
    var generator = generator.fork("policy")
    var images: [Float] = []
    for example in 0..<examples.count {
      let drawn = try ImageTransformation.drawingSigns(of: policy, using: &generator)
      images += ImageMap(drawn, shape: shape).apply(Array(examples.features(of: example)))
    }
    return Score(
      policy: policy, privacy: try privacy(images, using: &generator),
      accuracy: try accuracy(images))
  }

  /// Draws policies and judges them, in the order they are drawn.
  ///
  /// - Parameters:
  ///   - count: How many; the source takes 1,500.
  ///   - changes: Most changes in a policy, at least 1.
  ///   - workers: Threads; the result does not depend on them.
  /// - Throws: What ``score(_:using:)`` throws.
  public func candidates(
    _ count: Int, changes: Int = 3, workers: Int = 1, using generator: Generator
  ) throws -> [Score] {
    precondition(changes >= 1 && workers >= 1, "a policy changes something, and somebody works")
    return try WorkerPool.map(count, workers: workers) { index, _ in
      var stream = generator.fork("candidate", UInt64(index))
      let policy = try (0...stream.uniform(below: changes)).map { _ in try Self.draw(&stream) }
      return try score(policy, using: stream)
    }
  }

  /// The most private among the more accurate half, best first.
  public static func best(_ count: Int, of candidates: [Score]) -> [Score] {
    let accurate = candidates.sorted { $0.accuracy > $1.accuracy }
      .prefix((candidates.count + 1) / 2)
    return Array(accurate.sorted { $0.privacy < $1.privacy }.prefix(count))
  }

  /// A change of random kind and amount.
  private static func draw(_ generator: inout Generator) throws -> ImageTransformation {
    let kinds = ImageTransformation.Kind.allCases
    let kind = kinds[generator.uniform(below: kinds.count)]
    // Ten strengths, up to the largest that leaves some of the image.
    let strength = Double(1 + generator.uniform(below: 10)) / 10
    return switch kind {
    case .translateX, .translateY, .shearX, .shearY:
      try ImageTransformation(kind, 0.45 * strength)
    case .rotate: try ImageTransformation(kind, 45 * strength)
    case .flip: try ImageTransformation(kind, 1)
    case .contrast: try ImageTransformation(kind, 1 + strength)
    }
  }

  private func privacy(_ images: [Float], using generator: inout Generator) throws -> Double {
    let workspace = Workspace(for: network, batchSize: 1)
    func gradient(_ image: [Float], _ label: Int32) throws -> [Float] {
      var gradient = Vector(zeros: network.parameterCount)
      try network.differentiate(
        parameters: trained, batch: Batch(inputs: image, labels: [label]), workspace: workspace,
        gradient: &gradient)
      return gradient.array
    }
    var sum = 0.0
    for example in 0..<examples.count {
      let image = Array(images[(example * shape.count)..<((example + 1) * shape.count)])
      let label = examples.labels[example]
      let aim = try gradient(image, label)
      let start = image.map { _ in
        noise.lowerBound + Float(generator.uniform()) * (noise.upperBound - noise.lowerBound)
      }
      let similarities = try (0...Self.steps).map { step in
        let share = Float(step) / Float(Self.steps)
        let between = zip(start, image).map { (1 - share) * $0 + share * $1 }
        return similarity(try gradient(between, label), aim)
      }
      // The trapezoid rule.
      let inner = similarities.dropFirst().dropLast().reduce(0, +)
      sum += (inner + (similarities[0] + similarities[Self.steps]) / 2) / Double(Self.steps)
    }
    return sum / Double(examples.count)
  }

  /// The mean over the tensors of the cosine of two gradients; a tensor without gradient counts 0.
  private func similarity(_ left: [Float], _ right: [Float]) -> Double {
    let segments = network.layout.segments
    let cosines = segments.map { segment in
      var (product, a, b) = (0.0, 0.0, 0.0)
      for place in segment.range {
        let (x, y) = (Double(left[place]), Double(right[place]))
        product += x * y
        a += x * x
        b += y * y
      }
      return a > 0 && b > 0 ? product / (a * b).squareRoot() : 0
    }
    return cosines.reduce(0, +) / Double(segments.count)
  }

  private func accuracy(_ images: [Float]) throws -> Double {
    let rows = examples.count
    let transformed = try LabeledExamples(
      features: images, labels: examples.labels, shape: network.inputShape,
      classes: examples.classes)
    let workspace = Workspace(for: summing, batchSize: rows)
    let logits = try summing.predict(
      parameters: untrained, on: transformed, workspace: workspace
    ).logits
    // The mean squared error has slope 2 (z - t) / (classes rows) at each output: here 1.
    let half = Float(summing.classes * rows) / 2
    var slopes = [Float](repeating: 0, count: images.count)
    try summing.inputGradient(
      parameters: untrained,
      batch: Batch(inputs: images, targets: .dense(logits.map { $0 - half })),
      workspace: workspace, into: &slopes)
    let width = shape.count
    let jacobians = (0..<rows).map { row -> [Double] in
      let values = slopes[(row * width)..<((row + 1) * width)].map { Double($0) }
      let mean = values.reduce(0, +) / Double(width)
      let centred = values.map { $0 - mean }
      let norm = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return norm > 0 ? centred.map { $0 / norm } : centred
    }
    let correlations = jacobians.map { left in
      jacobians.map { right in zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    guard let eigen = SmallMatrix(correlations).symmetricEigen else { return -.infinity }
    let k = 1e-5
    return eigen.values.reduce(0) { sum, value in
      let positive = max(value, 0) + k
      return sum - (log(positive) + 1 / positive)
    }
  }
}
