import Datasets
import Harness
import Learning
import Randomness
import Tensors

/// PyTorch's automatic differentiation as the judge of ours, from the same weights and batches.
enum ExactnessBenchmark: Benchmark {
  static let name = "exactness"
  static let summary = "losses, gradients and training curves against PyTorch"

  /// The models and the shapes they are judged at.
  private static let models: [(name: String, shape: [Int], classes: Int)] = [
    ("logistic", [1, 28, 28], 10), ("mlp", [1, 28, 28], 10), ("cnn-431k", [1, 28, 28], 10),
    ("cnn-mcmahan", [1, 28, 28], 10), ("lenet-zhu", [3, 32, 32], 100),
  ]

  static func run(in session: Session) throws {
    try plainBLAS(session)
    guard session.peers.absence == nil else {
      return session.check("PyTorch", outcome: .absent, "nothing to compare with")
    }
    for (name, shape, classes) in models where hasModel(name) {
      let clients = try Clients(model: name, shape: shape, classes: classes, count: 1, examples: 8)
      for precision in ReferenceExchange.Precision.allCases {
        let exchange = try ReferenceExchange(
          model: name, network: clients.network, parameters: clients.start,
          examples: clients.data[0], precision: precision)
        defer { exchange.remove() }
        try gradient(clients.start, exchange, session)
      }
    }
    for name in ["mlp", "cnn-431k"] where hasModel(name) { try curve(name, session) }
  }

  /// Loss and gradient of one batch.
  private static func gradient(
    _ parameters: Vector, _ exchange: ReferenceExchange, _ session: Session
  ) throws {
    struct Answer: Decodable { var loss: Double }
    let answer = try session.peers.ask(exchange.question("gradient"), for: Answer.self)
    let expected = try exchange.read("gradient")
    let network = exchange.network
    let workspace = Workspace(for: network, batchSize: exchange.examples.count)
    let batch = Array(0..<exchange.examples.count)
    let loss: Double
    let found: [Double]
    switch exchange.precision {
    case .float64:
      var gradient = [Double](repeating: 0, count: network.parameterCount)
      loss = try network.lossAndGradient(
        parameters: parameters.array.map(Double.init), examples: exchange.examples, batch: batch,
        workspace: workspace, gradient: &gradient)
      found = gradient
    case .float32:
      var gradient = Vector(zeros: network.parameterCount)
      loss = try network.lossAndGradient(
        parameters: parameters, examples: exchange.examples, batch: batch, workspace: workspace,
        gradient: &gradient)
      found = gradient.array.map(Double.init)
    }
    let precision = exchange.precision
    let errors = (
      loss: abs(loss - answer.loss) / max(1, abs(answer.loss)),
      gradient: relativeError(found, expected)
    )
    judge(
      "\(exchange.model), \(precision.label), loss", errors.loss, within: precision.tolerance,
      session)
    judge(
      "\(exchange.model), \(precision.label), gradient", errors.gradient,
      within: precision.tolerance, session)
  }

  /// Whether the OpenBLAS baseline of `local-sgd` does the work it is measured by.
  private static func plainBLAS(_ session: Session) throws {
    let clients = try Clients(model: "mlp", count: 1, examples: 25)
    let plain = PlainBLAS(clients.data[0], start: clients.start, batch: 10)
    _ = plain.epoch()
    let workspace = Workspace(for: clients.network, batchSize: 10)
    var parameters = clients.start
    var velocity = Vector(zeros: parameters.count)
    for first in [0, 10, 20] {
      try sgdStep(
        network: clients.network, parameters: &parameters, velocity: &velocity,
        examples: clients.data[0], batch: Array(first..<min(first + 10, 25)),
        options: SGDOptions(learningRate: 0.01), workspace: workspace)
    }
    let start = clients.start.array
    func moved(_ values: [Float]) -> [Double] { zip(values, start).map { Double($0 - $1) } }
    judge(
      "plain OpenBLAS, three steps", relativeError(moved(plain.result), moved(parameters.array)),
      within: 1e-4, session)
  }

  /// The losses of 50 steps on the embedded digits.
  private static func curve(_ model: String, _ session: Session) throws {
    var generator = Generator(seed: 1)
    var digits = try Digits().load(using: &generator).train
    let shape = try preparedShape(model, of: digits.shape)
    digits = try digits.resized(height: shape[1], width: shape[2])
    let network = try makeNetwork(model, shape: digits.shape, classes: digits.classes)
    let start = network.initialParameters(using: &generator)
    let batch = 32
    let steps = 50
    let rate = 0.1
    let exchange = try ReferenceExchange(
      model: model, network: network, parameters: start, examples: digits, precision: .float32)
    defer { exchange.remove() }
    struct Answer: Decodable { var losses: [Double] }
    for momentum in [0, 0.9] {
      var question = exchange.question("curve")
      question.training = nil
      question.batch = batch
      question.steps = steps
      question.rate = rate
      question.momentum = momentum
      let expected = try session.peers.ask(question, for: Answer.self).losses
      let workspace = Workspace(for: network, batchSize: batch)
      let options = SGDOptions(learningRate: rate, momentum: momentum)
      var parameters = start
      var velocity = Vector(zeros: start.count)
      var error = 0.0
      for step in 0..<steps {
        let loss = try sgdStep(
          network: network, parameters: &parameters, velocity: &velocity, examples: digits,
          batch: (0..<batch).map { (step * batch + $0) % digits.count }, options: options,
          workspace: workspace)
        error = max(error, abs(loss - expected[step]))
      }
      judge(
        "\(model), \(steps) steps, momentum \(Figure.plain(momentum))", error, within: 1e-4,
        session,
        note: "; loss \(Figure.text(expected[0])) to \(Figure.text(expected[steps - 1]))")
    }
  }

  /// The largest difference, relative to the largest expected value.
  static func relativeError(_ found: [Double], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    let error = zip(found, expected).reduce(0) { worst, pair in
      let difference = abs(pair.0 - pair.1)
      return difference.isNaN ? .infinity : max(worst, difference)
    }
    return scale == 0 ? error : error / scale
  }

  static func judge(
    _ label: String, _ error: Double, within tolerance: Double, _ session: Session,
    note: String = ""
  ) {
    session.check(
      label, outcome: error <= tolerance ? .passed : .failed,
      "largest error \(Figure.exponent(error)), at most \(Figure.exponent(tolerance))\(note)")
  }
}
