internal import Learning
internal import Tensors

/// What every candidate of one attack shares: the model, the bound objective and the priors.
struct MatchingCore<S: AttackPrecision>: Sendable {
  let network: Network
  let parameters: S.Flat
  let mode: PassMode
  let objective: DefendedObjective<S>
  let parametrisation: Parametrisation<S>
  let inputForward: InputForward<S>
  let inputPriors: InputPriors<S>
  let activationPriors: ActivationPriors<S>
  let taskWeight: Double
  let flow: AttackSettings.DataFlow
  let training: LocalTraining?
  /// Fixed labels of the rows, epoch after epoch; nil if they are sought too.
  let labels: [Int32]?
  /// Examples of one epoch.
  let examples: Int
  /// Rows that are sought: `examples`, once for each epoch if each has its own.
  let rows: Int
  /// Rows' epochs, 1 unless each has its own.
  let epochs: Int

  init(
    _ problem: InversionProblem, _ settings: AttackSettings, examples: Int, labels: [Int32]?
  ) throws(InversionError) {
    network = problem.network
    parameters = S.Flat(problem.parameters.array.map { Double($0) })
    mode = problem.mode
    training = problem.knowledge.training
    flow = settings.flow
    taskWeight = settings.taskWeight
    self.examples = examples
    var observed = problem.observed.values
    if settings.flow == .gradient {
      observed = try problem.observed.meanGradient(training)
      epochs = 1
    } else {
      let training = try Self.training(problem, settings, examples: examples, labels: labels)
      observed = try problem.observed.meanGradient(training)
      epochs = settings.flow == .dummiesByEpoch ? training.epochs : 1
    }
    rows = examples * epochs
    let copies = epochs
    self.labels = labels.map { labels in (0..<copies).flatMap { _ in labels } }
    if settings.taskWeight > 0, labels == nil {
      throw .invalid(
        what: "the labels of an attack with a task term", got: "joint",
        requirement: "must be known or recovered")
    }
    objective = try DefendedObjective(
      settings.objective, observed: observed, pieces: problem.defensePieces(), network: network)
    parametrisation = try Parametrisation(
      settings: settings, knowledge: problem.knowledge, network: network)
    inputForward = try InputForward(
      settings.clientInputs, network: problem.network, rows: rows, labels: self.labels,
      flow: settings.flow)
    inputPriors = InputPriors(settings.priors, inputShape: network.inputShape)
    activationPriors = try ActivationPriors(
      settings.priors, network: network, parameters: parameters, knowledge: problem.knowledge,
      gradient: observed)
    if !activationPriors.isEmpty, settings.flow != .gradient {
      throw .invalid(
        what: "a prior on activations", got: "an attack on several steps",
        requirement: "needs a single gradient")
    }
  }

  private static func training(
    _ problem: InversionProblem, _ settings: AttackSettings, examples: Int, labels: [Int32]?
  ) throws(InversionError) -> LocalTraining {
    guard let training = problem.knowledge.training else {
      throw .notKnown(
        attack: "differentiating through local steps", missing: "the clients' hyper-parameters",
        alternative: "grant them, or treat the update as one gradient")
    }
    let perEpoch = training.examplesSeen / training.epochs
    guard perEpoch == examples else {
      throw .sizeMismatch(
        what: "examples of one local epoch", got: perEpoch, expected: "\(examples), the batch size")
    }
    guard labels != nil else {
      throw .invalid(
        what: "the labels of an attack on several steps", got: "joint",
        requirement: "must be known or recovered")
    }
    if settings.flow == .unroll, training.epochs > 1, !problem.knowledge.knowsOrder {
      throw .notKnown(
        attack: "unrolling several epochs", missing: "the order of the clients' batches",
        alternative: "use dummies by epoch, which need no order")
    }
    return training
  }
}
