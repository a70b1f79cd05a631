import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// What PyTorch says about one model of the catalogue: `learning_models_pytorch.json`.
struct ModelReferenceCase: Decodable, Sendable, CustomTestStringConvertible {
  /// A long vector in a few numbers.
  struct Summary: Decodable, Sendable {
    let norm: Double
    let inner: Double
    let entries: [Double]
  }

  let name: String
  let shape: [Int]
  let classes: Int
  let rows: Int
  let training: Bool
  let parameters: Int
  let loss: Double
  let gradient: Summary
  let parameterProduct: Summary
  let inputGradient: Summary?
  let inputProduct: Summary?
  let norms: [Double]?

  var testDescription: String { "\(name) \(shape)\(training ? " in training" : "")" }

  static let all: [ModelReferenceCase] = {
    do {
      return try VectorFile<ModelReferenceCase>(named: "learning_models_pytorch").cases
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  /// The largest models take a second a pass where nothing is optimised.
  var isLarge: Bool { parameters > 190_000 || shape.last == 32 && name.hasPrefix("resnet") }

  func network() throws -> Network {
    switch name {
    case "logistic": try Logistic().network(inputShape: shape, classes: classes)
    case "mlp": try MLP(.init(hidden: [13, 7])).network(inputShape: shape, classes: classes)
    case "mlp 200": try MLP(MLP.defaults).network(inputShape: shape, classes: classes)
    case "cnn-431k": try CNN431K().network(inputShape: shape, classes: classes)
    case "cnn-mcmahan": try CNNMcMahan().network(inputShape: shape, classes: classes)
    case "lenet-zhu": try LeNetZhu().network(inputShape: shape, classes: classes)
    case "resnet-20, group norm": try ResNet20().network(inputShape: shape, classes: classes)
    case "resnet-20, batch norm":
      try ResNet20(.init(norm: .batch)).network(inputShape: shape, classes: classes)
    default:
      try TextClassifier(.init(vocabulary: 11, dimension: 6)).network(
        inputShape: shape, classes: classes)
    }
  }

  func parameters(of network: Network) -> [Double] {
    var values = formula(1, count: network.parameterCount)
    for segment in network.layout.segments {
      for index in segment.range {
        values[index] = Self.start(segment, values[index])
      }
    }
    return values
  }

  /// A tensor's value from that of the formula; the factors are powers of two.
  private static func start(_ segment: Segment, _ value: Double) -> Double {
    switch segment.kind {
    case .weight:
      if segment.name.hasPrefix("embedding") { return value }
      var fanIn = segment.shape.dropFirst().reduce(1, *)
      var factor = 1.0
      while fanIn >= 4 { (fanIn, factor) = (fanIn / 4, factor / 2) }
      return factor * value
    case .normScale: return 1 + value / 4
    case .bias, .normShift: return value / 8
    default: return segment.name.hasSuffix("mean") ? value / 4 : 1 + value / 2
    }
  }

  func direction(of network: Network) -> [Double] {
    var values = formula(4, count: network.parameterCount)
    for segment in network.layout.segments where segment.kind == .statistics {
      for index in segment.range { values[index] = 0 }
    }
    return values
  }

  var inputs: [Double] {
    let count = rows * shape.reduce(1, *)
    return name == "text"
      ? (0..<count).map { Double(hash(2, $0) % 11) } : formula(2, count: count)
  }

  var labels: [Int32] { (0..<rows).map { Int32(hash(3, $0) % UInt64(classes)) } }

  func examples(for network: Network) throws -> LabeledExamples {
    try LabeledExamples(
      features: inputs.map { Float($0) }, labels: labels, shape: shape, classes: classes)
  }
}

/// The formula of `make-learning-models.py`.
private func hash(_ stream: UInt64, _ index: Int) -> UInt64 {
  let low: UInt64 = 0xFFFF_FFFF
  var h = ((UInt64(index) + 1) * 2_654_435_761 + stream * 668_265_263) & low
  h = ((h ^ (h >> 15)) * 2_246_822_519) & low
  h = ((h ^ (h >> 13)) * 3_266_489_917) & low
  return h ^ (h >> 16)
}

private func formula(_ stream: UInt64, count: Int) -> [Double] {
  var values = [Double](repeating: 0, count: count)
  for index in 0..<count { values[index] = Double(hash(stream, index) >> 8) / 8_388_608 - 1 }
  return values
}

/// Every model of the catalogue against PyTorch, at small sizes and, in optimised builds, its own.
@Suite("Models against PyTorch")
struct ModelReferenceTests {
  static let cases = ModelReferenceCase.all.filter { isOptimizedBuild || !$0.isLarge }

  @Test("all derivatives agree to 1e-10 in double precision", arguments: cases)
  func double(_ reference: ModelReferenceCase) throws {
    let network = try reference.network()
    #expect(network.parameterCount == reference.parameters)
    let workspace = Workspace(for: network, batchSize: reference.rows)
    let parameters = reference.parameters(of: network)
    let batch = Batch(inputs: reference.inputs, labels: reference.labels)
    let mode = reference.training ? PassMode.training(noise: testGenerator()) : .evaluation
    var gradient = [Double](repeating: .nan, count: network.parameterCount)
    var inputs = [Double](repeating: .nan, count: batch.inputs.count)
    try network.inputGradient(
      parameters: parameters, batch: batch, mode: mode, workspace: workspace, into: &inputs)
    let loss = try network.differentiate(
      parameters: parameters, batch: batch, mode: mode, workspace: workspace, gradient: &gradient)
    var products = LossProducts<Double>(
      for: network, rows: reference.rows, parameters: true, inputs: true)
    try network.products(
      along: reference.direction(of: network), parameters: parameters, workspace: workspace,
      into: &products)
    let tolerance = 1e-10
    #expect(isClose(loss, reference.loss, tolerance: tolerance))
    reference.gradient.expect(gradient, tolerance, "gradient")
    reference.parameterProduct.expect(products.parameters, tolerance, "Hessian-vector product")
    reference.inputGradient?.expect(inputs, tolerance, "input gradient")
    reference.inputProduct?.expect(products.inputs, tolerance, "mixed product")
    guard let norms = reference.norms else { return }
    let got = try network.perExampleNorms(
      parameters: parameters, examples: reference.examples(for: network),
      batch: Array(0..<reference.rows), workspace: workspace)
    expectClose(got, norms, tolerance: tolerance, "norms")
  }

  @Test("all derivatives agree to 1e-5 in single precision", arguments: cases)
  func single(_ reference: ModelReferenceCase) throws {
    let network = try reference.network()
    let workspace = Workspace(for: network, batchSize: reference.rows)
    let parameters = Vector(reference.parameters(of: network).map { Float($0) })
    let batch = Batch(inputs: reference.inputs.map { Float($0) }, labels: reference.labels)
    let mode = reference.training ? PassMode.training(noise: testGenerator()) : .evaluation
    var gradient = Vector([Float](repeating: .nan, count: network.parameterCount))
    var inputs = [Float](repeating: .nan, count: batch.inputs.count)
    try network.inputGradient(
      parameters: parameters, batch: batch, mode: mode, workspace: workspace, into: &inputs)
    let loss = try network.differentiate(
      parameters: parameters, batch: batch, mode: mode, workspace: workspace, gradient: &gradient)
    var products = LossProducts<Float>(
      for: network, rows: reference.rows, parameters: true, inputs: true)
    try network.products(
      along: Vector(reference.direction(of: network).map { Float($0) }), parameters: parameters,
      workspace: workspace, into: &products)
    let tolerance = 1e-5
    #expect(isClose(loss, reference.loss, tolerance: tolerance))
    reference.gradient.expect(gradient.array, tolerance, "gradient")
    reference.parameterProduct.expect(products.parameters, tolerance, "Hessian-vector product")
    reference.inputGradient?.expect(inputs, tolerance, "input gradient")
    reference.inputProduct?.expect(products.inputs, tolerance, "mixed product")
    guard let norms = reference.norms else { return }
    let got = try network.perExampleNorms(
      parameters: parameters, examples: reference.examples(for: network),
      batch: Array(0..<reference.rows), workspace: workspace)
    expectClose(got, norms, tolerance: tolerance, "norms")
  }
}

extension ModelReferenceCase.Summary {
  /// Expects norm, inner product and entries to agree relative to the norm: an error of that size
  /// in any direction shows in one of them.
  fileprivate func expect<Value: BinaryFloatingPoint>(
    _ values: [Value], _ tolerance: Double, _ what: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var (square, inner) = (0.0, 0.0)
    for (value, weight) in zip(values, formula(9, count: values.count)) {
      square += Double(value) * Double(value)
      inner += Double(value) * weight
    }
    #expect(
      abs(square.squareRoot() - norm) <= tolerance * norm, "\(what): norm",
      sourceLocation: sourceLocation)
    #expect(
      abs(inner - self.inner) <= tolerance * norm, "\(what): inner product",
      sourceLocation: sourceLocation)
    let last = values.count - 1
    let picked = (0..<20).map { Double(values[$0 * last / 19]) }
    #expect(
      largestDifference(picked, entries) <= tolerance * norm, "\(what): entries",
      sourceLocation: sourceLocation)
  }
}
