import GradientInversion
import Harness
import Learning
import Randomness
import Tensors

/// Whether both sides of `inversion` do the same: the objective at the start, its gradient, and
/// where a search ends, from the same weights, the same batch and the same start.
///
/// Searches start at zero inputs and run without signs, so that no rounding decides about a step. A
/// first step of L-BFGS goes along the gradient itself and shows its size, which Adam hides; a
/// thousand times the objective keeps that gradient above what counts as a solution's.
enum InversionJudge {
  private struct Case {
    let label: String
    let batch: Int
    let steps: Int
    let objective: MatchingObjective.Form
    var variation = 0.0
    /// What the objective is multiplied by.
    var weight = 1.0
    /// Adam's rate, or nil for one step along the gradient.
    var rate: Double?

    var settings: AttackSettings {
      var settings = AttackSettings(
        objective: MatchingObjective(objective),
        search: rate.map { .adam(rate: $0) } ?? .lbfgs(rate: 1, inner: 1, history: 1),
        steps: steps)
      settings.priors = variation > 0 ? [.totalVariation(variation)] : []
      settings.start = .zeros
      return settings
    }
  }

  private struct Answer: Decodable {
    var start: Double
    var lowest: Double
  }

  private static let cases = [1, 8].flatMap { batch in
    [
      Case(
        label: "squared distance, gradient", batch: batch, steps: 1,
        objective: .squared(factor: 1000), weight: 1000),
      Case(
        label: "squared distance, 20 steps", batch: batch, steps: 20, objective: .squared(),
        rate: 0.1),
      Case(
        label: "cosine and variation, 20 steps", batch: batch, steps: 20, objective: .cosine,
        variation: 0.01, rate: 0.1),
    ]
  }

  static func run(in session: Session) throws {
    guard session.peers.absence == nil else {
      return session.check("PyTorch", outcome: .absent, "nothing to compare with")
    }
    session.remark(
      "objective and inputs at a batch of 1 and 8 against PyTorch in Double; largest relative errors"
    )
    for one in cases { try judge(one, in: session) }
  }

  private static func judge(_ one: Case, in session: Session) throws {
    let clients = try Clients(
      model: "lenet-zhu", shape: [3, 32, 32], classes: 100, count: 1, examples: one.batch)
    let (network, batch) = (clients.network, clients.data[0])
    let exchange = try ReferenceExchange(
      model: "lenet-zhu", network: network, parameters: clients.start, examples: batch)
    defer { exchange.remove() }
    var question = exchange.question("inversion", in: .float64)
    question.steps = one.steps
    question.rate = one.rate
    question.variation = one.variation
    question.weight = one.weight
    question.objective = one.objective == .cosine ? "cosine" : "squared"
    let answer = try session.peers.ask(question, for: Answer.self)

    var gradient = [Double](repeating: 0, count: network.parameterCount)
    try network.differentiate(
      parameters: clients.start.array.map(Double.init),
      batch: Batch(inputs: batch.features.map(Double.init), labels: batch.labels),
      workspace: Workspace(for: network, batchSize: one.batch), gradient: &gradient)
    let problem = try InversionProblem(
      network: network, parameters: clients.start,
      observed: ObservedUpdate(gradient, unit: .gradient),
      knowledge: AttackerKnowledge(batchSize: one.batch, labels: .known(batch.labels)))
    // One minus a cosine is as exact as one is.
    let unit = one.objective == .cosine ? 1.0 : 0
    for arithmetic in [GradientMatchingAttack.Arithmetic.double, .single] {
      let found = try GradientMatchingAttack(one.settings, arithmetic: arithmetic)
        .run(on: problem, workers: 2, using: Generator(seed: 3))
      guard let best = found.best else { throw BenchError.failure("no attempt stayed finite") }
      let errors = [
        "start": relativeError([unit + best.startObjective], [unit + answer.start]),
        "objective": relativeError([unit + best.objective], [unit + answer.lowest]),
        "inputs": relativeError(
          best.inputs.map(Double.init), try exchange.read("inputs")),
      ]
      // Inputs are handed over in Float; and Float's roundings have grown over the steps.
      let isRight =
        arithmetic == .double
        ? errors["start", default: 1] <= 1e-10 && errors["objective", default: 1] <= 1e-8
          && errors["inputs", default: 1] <= 2e-7
        : errors.values.allSatisfy { $0 <= 2e-3 }
      session.check(
        "\(one.label), \(one.batch), \(arithmetic == .double ? "Double" : "Float")",
        outcome: isRight ? .passed : .failed,
        ["start", "objective", "inputs"].map {
          "\($0) \(Figure.exponent(errors[$0, default: .nan]))"
        }.joined(separator: ", "), values: errors)
    }
  }
}
