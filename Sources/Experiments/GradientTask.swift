public import Components
public import FileFormats
internal import Learning
internal import Tensors

/// The gradient of a model's mean cross-entropy on one batch, from files to values: what an attacker
/// who sees gradients sees, and what other programs can be compared with.
///
/// The batch tells the input's shape, the last layer's weights tell the classes. Normalisation
/// layers and dropout work as in evaluation. Weights that are all float64 make the computation
/// double precision; examples are single precision always.
public struct GradientTask: Sendable {
  /// What came out.
  public struct Result: Sendable {
    /// Mean cross-entropy over the batch.
    public var loss: Double
    /// The Euclidean norm of the whole gradient.
    public var norm: Double
    /// The gradient by each parameter, under the parameter's name and in its shape; running
    /// statistics have none.
    public var gradient: [NamedTensor]
  }

  /// The model with the parameters that differ from its defaults: `mlp(hidden=[64])`.
  public let model: String
  /// What the user should know: that images are resized, if they are.
  public let note: String?
  /// Number of examples in the batch.
  public var examples: Int { batch.count }
  /// The shape of one example as the model takes it.
  public var inputShape: [Int] { batch.shape }
  /// Number of classes.
  public var classes: Int { batch.classes }
  /// Number of parameters.
  public var parameterCount: Int { network.parameterCount }
  /// Whether the computation is in double precision.
  public var isDouble: Bool { if case .double = parameters { true } else { false } }

  private enum Parameters {
    case single(Vector)
    case double([Double])
  }

  private let network: Network
  private let parameters: Parameters
  private let batch: LabeledExamples

  /// A task from its parts, checked.
  ///
  /// - Parameters:
  ///   - model: The model as an experiment names it.
  ///   - weights: An array for every parameter, by name, in PyTorch's layouts.
  ///   - batch: Arrays `x`, one example a row, and `y`, the labels.
  /// - Throws: `ConfigurationError` with everything that is wrong, each with file and array.
  public init(model node: ConfigurationNode, weights: TensorArchive, batch: TensorArchive) throws {
    let component = try Catalogue.standard.component(node, role: .model)
    guard let family = component.component as? any ModelFamily else {
      throw ConfigurationError("'\(component.label)' is no model", at: component.position)
    }
    model = component.label
    let batch = try GradientBatch(batch)
    let shape = family.preparedShape(batch.shape)
    let classes = try Self.classes(family, shape: shape, weights: weights)
    do {
      network = try family.network(inputShape: shape, classes: classes)
    } catch let error as LearningError {
      throw ConfigurationError(
        "\(batch.file): x: \(error) (its examples have shape \(batch.shape))", at: nil)
    }
    parameters = try Self.parameters(weights, of: network)
    if case .embedding(let vocabulary, _)? = network.layers.first {
      try batch.checkTokens(vocabulary: vocabulary)
    }
    let examples = try batch.examples(classes: classes)
    if shape != batch.shape, shape.count == 3 {
      self.batch = try examples.resized(height: shape[1], width: shape[2])
      note =
        "images of \(batch.file) are resized from \(batch.shape[1])x\(batch.shape[2]) to "
        + "\(shape[1])x\(shape[2]), bilinearly, for model \(model)"
    } else {
      self.batch = examples
      note = nil
    }
  }

  /// Computes loss and gradient.
  ///
  /// - Throws: `GradientOverflow` if they are not finite.
  public func run() throws -> Result {
    let workspace = Workspace(for: network)
    let loss: Double
    let squaredNorm: Double
    let tensors: [NamedTensor]
    switch parameters {
    case .single(let values):
      var gradient = Vector(zeros: values.count)
      loss = try network.lossAndGradient(
        parameters: values, examples: batch, workspace: workspace, gradient: &gradient)
      squaredNorm = gradient.squaredNorm
      tensors = try network.layout.named(gradient).map {
        NamedTensor(name: $0.name, shape: $0.shape, values: .float32($0.values))
      }
    case .double(let values):
      var gradient = [Double](repeating: 0, count: values.count)
      loss = try network.lossAndGradient(
        parameters: values, examples: batch, workspace: workspace, gradient: &gradient)
      squaredNorm = gradient.reduce(0) { $0 + $1 * $1 }
      tensors = try network.layout.named(gradient).map {
        NamedTensor(name: $0.name, shape: $0.shape, values: .float64($0.values))
      }
    }
    guard loss.isFinite, squaredNorm.isFinite else { throw GradientOverflow(loss: loss) }
    let trained = Set(network.layout.segments.filter(\.isTrained).map(\.name))
    return Result(
      loss: loss, norm: squaredNorm.squareRoot(),
      gradient: tensors.filter { trained.contains($0.name) })
  }

  /// The classes that the last layer's weights have room for; without them, any number will do to
  /// find out what is missing.
  static func classes(
    _ family: any ModelFamily, shape: [Int], weights: TensorArchive
  ) throws -> Int {
    let probe: Network
    do {
      probe = try family.network(inputShape: shape, classes: 2)
    } catch LearningError.sizeMismatch(_, "outputs of the last layer", let fixed, expected: 2) {
      return fixed
    } catch {
      return 2
    }
    let heads = probe.layout.segments(of: .head)
    for segment in heads where [.weight, .bias].contains(segment.kind) {
      // An empty array may claim any shape.
      guard let tensor = weights[segment.name], tensor.values.count > 0,
        let classes = tensor.shape.first
      else { continue }
      guard classes >= 2, classes <= Int(Int32.max) else {
        throw ConfigurationError(
          "\(weights.file): \(segment.name): has shape \(tensor.shape); expected the number of "
            + "classes, at least 2, as its first size", at: nil)
      }
      return classes
    }
    return 2
  }

  private static func parameters(
    _ weights: TensorArchive, of network: Network
  ) throws(ConfigurationError) -> Parameters {
    let tensors = weights.tensors.filter { !$0.isBatchCount }
    if !tensors.isEmpty, tensors.allSatisfy({ $0.values.type == .float64 }) {
      return .double(try doubles(weights, of: network))
    }
    return try fitting(weights.file) {
      let named = try tensors.map { tensor in
        NamedParameter(name: tensor.name, shape: tensor.shape, values: try tensor.floats)
      }
      return .single(try network.layout.parameters(from: named))
    }
  }

  /// The arrays of `archive` in the order of the model's parameters, in double precision.
  ///
  /// - Throws: `ConfigurationError` with everything that does not fit, each with file and array.
  static func doubles(
    _ archive: TensorArchive, of network: Network
  ) throws(ConfigurationError) -> [Double] {
    try fitting(archive.file) {
      let named = try archive.tensors.filter { !$0.isBatchCount }.map { tensor in
        NamedParameter(name: tensor.name, shape: tensor.shape, values: try tensor.doubles)
      }
      return try network.layout.parameters(from: named)
    }
  }

  private static func fitting<Values>(
    _ file: String, _ body: () throws -> Values
  ) throws(ConfigurationError) -> Values {
    do {
      return try body()
    } catch LearningError.parametersDoNotFit(let problems) {
      throw ConfigurationError(problems.map { ConfigurationIssue("\(file): \($0)", at: nil) })
    } catch let error as TensorFileError {
      throw ConfigurationError("\(error.inFile(file))", at: nil)
    } catch {
      throw ConfigurationError("\(file): \(error)", at: nil)
    }
  }
}

extension NamedTensor {
  /// Whether it counts the batches that a batch norm has seen, which no computation needs.
  fileprivate var isBatchCount: Bool { name.hasSuffix("num_batches_tracked") }
}

extension Segment {
  /// Whether training changes it by its gradient.
  fileprivate var isTrained: Bool { kind != .statistics && kind != .counter }
}

/// A loss or gradient beyond the numbers.
public struct GradientOverflow: Error, Sendable, Hashable, CustomStringConvertible {
  /// The loss.
  public var loss: Double

  /// One line.
  public var description: String {
    "the loss is \(loss) and the gradient is not finite: weights or examples are too large; "
      + "nothing was written"
  }
}

/// The arrays `x` and `y` of a batch, checked against each other.
private struct GradientBatch {
  let file: String
  let shape: [Int]
  private let features: [Float]
  private let labels: [Int64]

  init(_ archive: TensorArchive) throws(ConfigurationError) {
    file = archive.file
    do throws(TensorFileError) {
      let x = try archive.tensor("x")
      let y = try archive.tensor("y")
      if x.values.type == .uint8 {
        throw TensorFileError(
          member: "x", "holds uint8 values",
          expected: "float32 ones, scaled as the model was trained: (x / 255).astype('float32')")
      }
      features = try x.floats
      labels = try y.integers
      guard x.shape.count >= 2 else {
        throw TensorFileError(
          member: "x", "has shape \(x.shape)",
          expected: "[examples, channels, height, width] or [examples, features]")
      }
      shape = Array(x.shape.dropFirst())
      guard x.shape[0] > 0, !features.isEmpty else {
        throw TensorFileError(member: "x", "has shape \(x.shape)", expected: "at least one example")
      }
      guard y.shape == [x.shape[0]] else {
        throw TensorFileError(
          member: "y", "has shape \(y.shape)",
          expected: "[\(x.shape[0])], one label for each example of x")
      }
      if let index = features.firstIndex(where: { !$0.isFinite }) {
        throw TensorFileError(
          member: "x",
          "has the value \(features[index]) at flat index \(index) "
            + "(example \(index / (features.count / x.shape[0])))", expected: "finite numbers")
      }
    } catch {
      throw ConfigurationError("\(error.inFile(archive.file))", at: nil)
    }
  }

  func checkTokens(vocabulary: Int) throws(ConfigurationError) {
    let isToken = { (value: Float) in
      value >= 0 && value < Float(vocabulary) && value == value.rounded()
    }
    if let index = features.firstIndex(where: { !isToken($0) }) {
      throw ConfigurationError(
        "\(file): x: has the value \(features[index]) at flat index \(index); expected token "
          + "numbers, 0 to \(vocabulary - 1)", at: nil)
    }
  }

  func examples(classes: Int) throws -> LabeledExamples {
    if let index = labels.firstIndex(where: { $0 < 0 || $0 >= classes }) {
      throw ConfigurationError(
        "\(file): y: example \(index) has label \(labels[index]); expected 0 to \(classes - 1), "
          + "for the \(classes) classes of the last layer's weights", at: nil)
    }
    return try LabeledExamples(
      features: features, labels: labels.map { Int32($0) }, shape: shape, classes: classes)
  }
}

extension TensorFileError {
  /// The error with its file, if it has none.
  fileprivate func inFile(_ file: String) -> TensorFileError {
    TensorFileError(file: self.file ?? file, member: member, problem, expected: expected)
  }
}
