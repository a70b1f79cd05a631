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

  /// The losses of 50 steps on the embedded digits, beside those of PyTorch in Double.
  ///
  /// Training these models at common rates is chaotic: where a rectifier or a pool changes its mind,
  /// the last bit of a Float grows by five orders of magnitude within 50 steps, in PyTorch's own Float
  /// as in ours. So Double runs at the common rate, which leaves it a distance to the tolerance that
  /// chaos does not bridge, and Float at a tenth of it, where roundings do not grow. Momentum
  /// multiplies what a step does in the long run by 1 / (1 - 0.9), so it gets a tenth of the rate.
  private static func curve(_ model: String, _ session: Session) throws {
    var generator = Generator(seed: 1)
    var digits = try Digits().load(using: &generator).train
    let shape = try preparedShape(model, of: digits.shape)
    digits = try digits.resized(height: shape[1], width: shape[2])
    let network = try makeNetwork(model, shape: digits.shape, classes: digits.classes)
    let start = network.initialParameters(using: &generator)
    let exchange = try ReferenceExchange(
      model: model, network: network, parameters: start, examples: digits)
    defer { exchange.remove() }
    let workspace = Workspace(for: network, batchSize: Curve.batch)
    for (rate, momentum) in [(0.1, 0), (0.01, 0.9)] {
      let curve = Curve(rate: rate, momentum: momentum)
      var parameters = start.array.map(Double.init)
      var velocity = [Double](repeating: 0, count: start.count)
      let losses = try curve.losses { batch, options in
        try sgdStep(
          network: network, parameters: &parameters, velocity: &velocity, examples: digits,
          batch: batch.map { $0 % digits.count }, options: options, workspace: workspace)
      }
      try judge(curve, losses, of: model, in: "Double", exchange, within: 1e-8, session)
    }
    for (rate, momentum) in [(0.01, 0), (0.001, 0.9)] {
      let curve = Curve(rate: rate, momentum: momentum)
      var parameters = start
      var velocity = Vector(zeros: start.count)
      let losses = try curve.losses { batch, options in
        try sgdStep(
          network: network, parameters: &parameters, velocity: &velocity, examples: digits,
          batch: batch.map { $0 % digits.count }, options: options, workspace: workspace)
      }
      try judge(curve, losses, of: model, in: "Float", exchange, within: 1e-4, session)
    }
  }

  /// What the steps of a curve are.
  private struct Curve {
    static let batch = 32
    static let steps = 50
    var rate: Double
    var momentum: Double

    /// The loss before each step; step s takes examples s * batch and following.
    func losses(
      _ step: (_ batch: [Int], SGDOptions) throws -> Double
    ) rethrows -> [Double] {
      let options = SGDOptions(learningRate: rate, momentum: momentum)
      return try (0..<Self.steps).map { index in
        try step((0..<Self.batch).map { index * Self.batch + $0 }, options)
      }
    }

    /// PyTorch's.
    func reference(
      _ exchange: ReferenceExchange, in precision: ReferenceExchange.Precision, _ session: Session
    ) throws -> [Double] {
      struct Answer: Decodable { var losses: [Double] }
      var question = exchange.question("curve", in: precision)
      (question.batch, question.steps) = (Self.batch, Self.steps)
      (question.rate, question.momentum) = (rate, momentum)
      return try session.peers.ask(question, for: Answer.self).losses
    }
  }

  private static func judge(
    _ curve: Curve, _ losses: [Double], of model: String, in type: String,
    _ exchange: ReferenceExchange, within tolerance: Double, _ session: Session
  ) throws {
    let exact = try curve.reference(exchange, in: .float64, session)
    func error(_ losses: [Double]) -> Double {
      zip(losses, exact).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }
    let peer = try error(curve.reference(exchange, in: .float32, session))
    judge(
      "\(model), momentum \(Figure.plain(curve.momentum)), \(type)", error(losses),
      within: tolerance, session,
      note: "; PyTorch's Float \(Figure.exponent(peer)); rate \(Figure.plain(curve.rate)), loss "
        + "\(Figure.text(exact[0])) to \(Figure.text(exact[Curve.steps - 1]))")
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
