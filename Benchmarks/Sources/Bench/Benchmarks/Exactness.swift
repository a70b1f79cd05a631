import Datasets
import Harness
import Learning
import Randomness
import Tensors

/// PyTorch's automatic differentiation as the judge of ours, from the same weights and batches.
enum ExactnessBenchmark: Benchmark {
  static let name = "exactness"
  static let summary = "derivatives, per-example norms and training curves against PyTorch"

  static func run(in session: Session) throws {
    guard session.peers.absence == nil else {
      try plainBLAS(session)
      return session.check("PyTorch", outcome: .absent, "nothing to compare with")
    }
    for line in [
      "largest errors, relative to the largest value, by PyTorch in Double: at most 1e-10 in",
      "Double, 1e-5 in Float; PyTorch: the worst of its own errors in Float",
      "H v: Hessian times a random direction v; mixed: d/dx <dL/dw, v>; norms: per example",
    ] { session.remark(line) }
    session.columns(ofFindings: DerivativesJudge.columns)
    for judge in DerivativesJudge.all { try judge.run(in: session) }
    for model in ["mlp", "cnn-431k"] { try curve(model, session) }
    try plainBLAS(session)
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
    let exchange = try ReferenceExchange(
      model: model, network: network, parameters: start, examples: digits)
    defer { exchange.remove() }
    struct Answer: Decodable { var losses: [Double] }
    // Momentum multiplies what a step does in the long run by 1 / (1 - 0.9): at a tenth of the rate
    // both curves move equally fast. At ten times that, training is chaotic and every rounding grows
    // without bound, so that no two programs agree.
    for (rate, momentum) in [(0.1, 0), (0.01, 0.9)] {
      var question = exchange.question("curve", in: .float32)
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

  private static func judge(
    _ label: String, _ error: Double, within tolerance: Double, _ session: Session,
    note: String = ""
  ) {
    session.check(
      label, outcome: error <= tolerance ? .passed : .failed,
      "largest error \(Figure.exponent(error)), at most \(Figure.exponent(tolerance))\(note)")
  }
}
