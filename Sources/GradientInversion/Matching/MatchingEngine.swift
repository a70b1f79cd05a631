internal import Learning

/// Value and gradient of one candidate's objective, in memory of its own that is reused from step
/// to step: the gradient flow allocates nothing.
final class MatchingEngine<S: AttackPrecision> {
  let core: MatchingCore<S>
  /// What a group of candidates agrees on, for the group prior.
  var consensus: [S]?
  /// The last value without priors: the distance of the gradients.
  private(set) var matching = Double.nan

  private let workspace: Workspace
  /// Shares of a large batch among threads; nil where one thread has it all, as where activations are
  /// looked at or examples are mixed.
  private let shared: S.Shared?
  private var batch: Batch<S>
  private var gradient: S.Flat
  private var direction: S.Flat
  private var products: LossProducts<S>
  private var probabilities: [S] = []
  /// The examples before the client's own changes, where it makes any.
  private var plain: [S] = []
  /// The labels and the weights of mixtures.
  private var mixedTargets: [S] = []
  private var mixture: [S] = []
  private var task: [S]
  private var classes: [Int32]
  private let unrolled: UnrolledMatching<S>?
  private var defenseScratch: DefendedObjective<S>.Scratch
  private var priorScratch: ActivationPriors<S>.Scratch
  /// The activation priors' value, and the factor of their gradients, in the pass that runs.
  private var pulled = 0.0
  private var pullScale = 1.0
  /// The factor of the last distance's derivatives.
  private var scale = 1.0
  /// Made once: a closure made in every step would be an allocation in every step.
  private lazy var pull: (Int, UnsafePointer<S>, UnsafeMutablePointer<S>) -> Void = {
    [unowned self] step, activation, gradient in
    pulled += core.activationPriors.pull(
      step: step, activation, gradient, rows: core.rows, classes: classes, scale: pullScale,
      scratch: &priorScratch)
  }

  /// - Parameter workers: Threads; what is found does not depend on them.
  init(_ core: MatchingCore<S>, workers: Int = 1) throws {
    self.core = core
    let (network, rows) = (core.network, core.rows)
    let isWhole =
      core.flow != .gradient || !core.activationPriors.isEmpty || !network.batchNormSites.isEmpty
    shared = isWhole ? nil : S.shared(network, rows: rows, workers: workers)
    workspace = Workspace(for: network, batchSize: rows)
    batch = Batch(
      inputs: [S](repeating: 0, count: rows * network.inputs), labels: core.labels ?? [])
    gradient = S.Flat(zeros: network.parameterCount)
    direction = S.Flat(zeros: network.parameterCount)
    mixture = [S](repeating: 0, count: core.inputForward.variables(rows: rows))
    products = LossProducts(
      for: network, rows: rows, inputs: true, targets: core.labels == nil || !mixture.isEmpty)
    task = [S](repeating: 0, count: core.taskWeight > 0 ? rows * network.inputs : 0)
    classes = core.labels ?? [Int32](repeating: 0, count: rows)
    if core.labels == nil {
      probabilities = [S](repeating: 0, count: rows * network.classes)
    }
    defenseScratch = core.objective.scratch(count: network.parameterCount)
    if !mixture.isEmpty { mixedTargets = [S](repeating: 0, count: rows * network.classes) }
    if !core.inputForward.isIdentity {
      plain = [S](repeating: 0, count: rows * network.inputs)
    }
    priorScratch = core.activationPriors.scratch()
    unrolled = core.flow == .gradient ? nil : try UnrolledMatching(core, workspace: workspace)
  }

  /// Free variables of the inputs.
  var inputCount: Int { core.rows * core.network.inputs }
  /// All free variables: those of the inputs, then the logits of joint labels or of a mixture.
  var variableCount: Int { inputCount + probabilities.count + mixture.count }

  /// The objective with priors, and its gradient by the variables.
  func evaluate(
    _ variables: UnsafePointer<S>, into out: UnsafeMutablePointer<S>
  ) throws -> Double {
    setInputs(variables)
    var value: Double
    if let unrolled {
      let (distance, gradient) = try unrolled.evaluate(batch.inputs, core: core)
      matching = distance
      value = distance
      for index in 0..<inputCount { out[index] = gradient[index] }
    } else {
      value = try evaluateGradient(variables, into: out)
    }
    if plain.isEmpty {
      pullBackInputs(out, batch.inputs)
    } else {
      core.inputForward.pullBack(
        out, plain: plain, rows: core.rows, byTargets: products.targets.map { $0 * S(scale) },
        weights: mixture, logits: out + inputCount)
      pullBackInputs(out, plain)
    }
    value += core.inputPriors.add(
      variables, to: out, rows: core.rows, epochs: core.epochs, consensus: consensus)
    return value
  }

  /// The model inputs of variables, through what the client does to its examples.
  private func setInputs(_ variables: UnsafePointer<S>) {
    func apply(_ inputs: inout [S]) {
      inputs.withUnsafeMutableBufferPointer { inputs in
        if let inputs = inputs.baseAddress {
          core.parametrisation.apply(variables, into: inputs, rows: core.rows)
        }
      }
    }
    guard !plain.isEmpty else { return apply(&batch.inputs) }
    apply(&plain)
    core.inputForward.apply(
      plain, weights: variables + inputCount, rows: core.rows, into: &batch.inputs,
      targets: &mixedTargets, weights: &mixture)
    if !mixture.isEmpty { batch.targets = .dense(mixedTargets) }
  }

  private func pullBackInputs(_ out: UnsafeMutablePointer<S>, _ inputs: [S]) {
    inputs.withUnsafeBufferPointer { inputs in
      if let inputs = inputs.baseAddress {
        core.parametrisation.pullBack(out, x: inputs, rows: core.rows)
      }
    }
  }

  private func evaluateGradient(
    _ variables: UnsafePointer<S>, into out: UnsafeMutablePointer<S>
  ) throws -> Double {
    if core.labels == nil { setTargets(variables + inputCount) }
    var value = 0.0
    if core.taskWeight > 0 {
      value +=
        core.taskWeight
        * (try S.inputGradient(
          core.network, core.parameters, batch, core.mode, workspace, &task))
    }
    if let shared {
      _ = try S.differentiate(shared, core.parameters, batch, core.mode, &gradient)
    } else {
      _ = try S.differentiate(
        core.network, core.parameters, batch, core.mode, workspace, &gradient)
    }
    let (distance, factor) = core.objective.evaluate(
      &gradient, into: &direction, scratch: &defenseScratch)
    matching = distance
    value += distance
    if let shared {
      try S.products(shared, direction, core.parameters, &products)
    } else if core.activationPriors.isEmpty {
      try S.products(
        core.network, direction, core.parameters, workspace, &products, pull: nil)
    } else {
      (pulled, pullScale) = (0, 1 / factor)
      try S.products(
        core.network, direction, core.parameters, workspace, &products, pull: pull)
      value += pulled
    }
    scale = factor
    let scale = S(factor)
    products.inputs.withUnsafeBufferPointer { inputs in
      for index in inputs.indices { out[index] = scale * inputs[index] }
    }
    if core.taskWeight > 0 {
      let weight = S(core.taskWeight)
      for index in task.indices { out[index] += weight * task[index] }
    }
    if core.labels == nil { pullBackTargets(out + inputCount, scale: scale) }
    return value
  }

  /// Dense targets of free logits; the likeliest classes are noted for priors by class.
  private func setTargets(_ logits: UnsafePointer<S>) {
    let width = core.network.classes
    // The batch lets go of the array while it is written, so that it is not copied.
    batch.targets = .labels([])
    probabilities.withUnsafeMutableBufferPointer { probabilities in
      guard let p = probabilities.baseAddress else { return }
      for row in 0..<core.rows {
        Parametrisation<S>.softmax(logits + row * width, into: p + row * width, count: width)
        var best = 0
        for c in 1..<max(1, width) where p[row * width + c] > p[row * width + best] { best = c }
        classes[row] = Int32(best)
      }
    }
    batch.targets = .dense(probabilities)
  }

  private func pullBackTargets(_ out: UnsafeMutablePointer<S>, scale: S) {
    let width = core.network.classes
    for index in probabilities.indices { out[index] = scale * products.targets[index] }
    probabilities.withUnsafeBufferPointer { probabilities in
      guard let p = probabilities.baseAddress else { return }
      for row in 0..<core.rows {
        Parametrisation<S>.softmaxPullBack(
          out + row * width, probabilities: p + row * width, count: width)
      }
    }
  }

  /// The candidate that variables stand for: model inputs, and the likeliest labels.
  func candidate(_ variables: UnsafePointer<S>) -> (inputs: [Float], labels: [Int32]) {
    var inputs = [S](repeating: 0, count: inputCount)
    inputs.withUnsafeMutableBufferPointer { inputs in
      if let inputs = inputs.baseAddress {
        core.parametrisation.apply(variables, into: inputs, rows: core.rows)
      }
    }
    if core.labels == nil { setTargets(variables + inputCount) }
    return (inputs.map { Float($0) }, classes)
  }
}
