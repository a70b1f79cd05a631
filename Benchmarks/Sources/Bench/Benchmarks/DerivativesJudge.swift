import Harness
import Learning
import Randomness
import Tensors

/// Everything derived from a loss on one batch, ours in both scalar types against PyTorch's.
struct DerivativesJudge {
  /// The model by the peers' name.
  let model: String
  /// How it is called in the table.
  let label: String
  let shape: [Int]
  let classes: Int
  /// Whether norms work as in training.
  var isTraining = false
  /// Whether per-example norms are judged.
  var hasNorms = false

  /// What is judged.
  static let all = [
    DerivativesJudge(model: "logistic", label: "logistic", shape: [1, 28, 28], classes: 10),
    DerivativesJudge(model: "mlp", label: "mlp", shape: [1, 28, 28], classes: 10, hasNorms: true),
    DerivativesJudge(
      model: "cnn-431k", label: "cnn-431k", shape: [1, 28, 28], classes: 10, hasNorms: true),
    DerivativesJudge(model: "cnn-mcmahan", label: "cnn-mcmahan", shape: [1, 28, 28], classes: 10),
    DerivativesJudge(model: "lenet-zhu", label: "lenet-zhu", shape: [3, 32, 32], classes: 100),
    DerivativesJudge(
      model: "resnet-20-group", label: "resnet-20 group norm", shape: [3, 32, 32], classes: 10,
      hasNorms: true),
    DerivativesJudge(
      model: "resnet-20-batch", label: "resnet-20 batch norm", shape: [3, 32, 32], classes: 10),
    DerivativesJudge(
      model: "resnet-20-batch", label: "batch norm in training", shape: [3, 32, 32], classes: 10,
      isTraining: true),
    DerivativesJudge(model: "text", label: "text", shape: [20], classes: 4),
  ]

  /// What `run` finds, of one program in one scalar type.
  private struct Findings {
    var loss = 0.0
    /// Of each way to ask for it.
    var gradients: [[Double]] = []
    var hessianProduct: [Double] = []
    var mixedProduct: [Double] = []
    var norms: [Double] = []

    /// The largest errors beside `judge`, by column; what neither has is left out.
    func errors(against judge: Findings) -> [String: Double] {
      var errors = ["loss": abs(loss - judge.loss) / max(1, abs(judge.loss))]
      errors["gradient"] = gradients.map { relativeError($0, judge.gradients[0]) }.max()
      for (name, found, expected) in [
        ("H v", hessianProduct, judge.hessianProduct), ("mixed", mixedProduct, judge.mixedProduct),
        ("norms", norms, judge.norms),
      ] where !found.isEmpty || !expected.isEmpty {
        errors[name] = relativeError(found, expected)
      }
      return errors
    }
  }

  private static let names = ["loss", "gradient", "H v", "mixed", "norms"]

  /// The columns of a finding.
  static let columns = names + ["PyTorch"]

  func run(in session: Session) throws {
    let clients = try Clients(model: model, shape: shape, classes: classes, count: 1, examples: 8)
    let (network, batch) = (clients.network, clients.data[0])
    var generator = Generator(seed: 2)
    let parameters = moved(clients.start, of: network, using: &generator)
    let direction = Vector((0..<network.parameterCount).map { _ in Float(generator.normal()) })
    let exchange = try ReferenceExchange(
      model: model, network: network, parameters: parameters, examples: batch)
    defer { exchange.remove() }
    try exchange.write(direction.array, "v")

    let judge = try peer(exchange, .float64, session)
    let single = try peer(exchange, .float32, session).errors(against: judge)
    try report(
      "Double", inDouble(network, parameters, direction, batch).errors(against: judge),
      within: 1e-10, in: session)
    try report(
      "Float", inFloat(network, parameters, direction, batch).errors(against: judge),
      within: 1e-5, peer: single.values.max(), in: session)
  }

  private func report(
    _ type: String, _ errors: [String: Double], within tolerance: Double, peer: Double? = nil,
    in session: Session
  ) throws {
    let isRight = errors.values.allSatisfy { $0 <= tolerance }
    let values = Self.names.map { errors[$0] } + (peer.map { [$0] } ?? [])
    session.check(
      "\(label), \(type)", outcome: isRight ? .passed : .failed,
      Table.finding(values.map { $0.map(Figure.exponent) }), values: errors)
  }

  /// Norms start as the identity, which would hide mistakes: every such value is moved.
  private func moved(
    _ start: Vector, of network: Network, using generator: inout Generator
  ) -> Vector {
    var values = start.array
    for segment in network.layout.segments {
      for index in segment.range {
        switch segment.kind {
        case .normScale, .normShift: values[index] += Float(0.1 * generator.normal())
        case .statistics: values[index] += Float(generator.uniform() - 0.5)
        case .weight, .bias, .counter: break
        }
      }
    }
    return Vector(values)
  }

  private var mode: PassMode { isTraining ? .training(noise: Generator(seed: 3)) : .evaluation }
  private var hasTokens: Bool { shape.count == 1 }

  private func peer(
    _ exchange: ReferenceExchange, _ precision: ReferenceExchange.Precision, _ session: Session
  ) throws -> Findings {
    struct Answer: Decodable { var loss: Double }
    var question = exchange.question("derivatives", in: precision)
    question.training = isTraining
    question.tokens = hasTokens
    question.norms = hasNorms
    let answer = try session.peers.ask(question, for: Answer.self)
    return Findings(
      loss: answer.loss, gradients: [try exchange.read("gradient")],
      hessianProduct: try exchange.read("hvp"),
      mixedProduct: hasTokens ? [] : try exchange.read("mixed"),
      norms: hasNorms ? try exchange.read("norms") : [])
  }

  private func inDouble(
    _ network: Network, _ parameters: Vector, _ direction: Vector, _ examples: LabeledExamples
  ) throws -> Findings {
    let workspace = Workspace(for: network, batchSize: examples.count)
    let parameters = parameters.array.map(Double.init)
    let all = Array(0..<examples.count)
    var gradient = [Double](repeating: 0, count: network.parameterCount)
    var findings = Findings()
    findings.loss = try network.lossAndGradient(
      parameters: parameters, examples: examples, batch: all, mode: mode, workspace: workspace,
      gradient: &gradient)
    findings.gradients.append(gradient)
    if hasNorms {
      findings.norms = try network.perExampleNorms(
        parameters: parameters, examples: examples, batch: all, workspace: workspace)
    }
    try network.differentiate(
      parameters: parameters,
      batch: Batch(inputs: examples.features.map(Double.init), labels: examples.labels),
      mode: mode, workspace: workspace, gradient: &gradient)
    findings.gradients.append(gradient)
    var products = LossProducts<Double>(
      for: network, rows: examples.count, parameters: true, inputs: !hasTokens)
    try network.products(
      along: direction.array.map(Double.init), parameters: parameters, workspace: workspace,
      into: &products)
    findings.hessianProduct = products.parameters
    findings.mixedProduct = products.inputs
    return findings
  }

  private func inFloat(
    _ network: Network, _ parameters: Vector, _ direction: Vector, _ examples: LabeledExamples
  ) throws -> Findings {
    let workspace = Workspace(for: network, batchSize: examples.count)
    let all = Array(0..<examples.count)
    var gradient = Vector(zeros: network.parameterCount)
    var findings = Findings()
    findings.loss = try network.lossAndGradient(
      parameters: parameters, examples: examples, batch: all, mode: mode, workspace: workspace,
      gradient: &gradient)
    findings.gradients.append(gradient.array.map(Double.init))
    if hasNorms {
      findings.norms = try network.perExampleNorms(
        parameters: parameters, examples: examples, batch: all, workspace: workspace)
    }
    try network.differentiate(
      parameters: parameters, batch: examples.batch(all), mode: mode, workspace: workspace,
      gradient: &gradient)
    findings.gradients.append(gradient.array.map(Double.init))
    var products = LossProducts<Float>(
      for: network, rows: examples.count, parameters: true, inputs: !hasTokens)
    try network.products(
      along: direction, parameters: parameters, workspace: workspace, into: &products)
    findings.hessianProduct = products.parameters.map(Double.init)
    findings.mixedProduct = products.inputs.map(Double.init)
    return findings
  }
}

/// The largest difference, relative to the largest expected value.
func relativeError(_ found: [Double], _ expected: [Double]) -> Double {
  guard found.count == expected.count else { return .infinity }
  let scale = expected.reduce(0) { max($0, abs($1)) }
  let error = zip(found, expected).reduce(0) { worst, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(worst, difference)
  }
  return scale == 0 ? error : error / scale
}
