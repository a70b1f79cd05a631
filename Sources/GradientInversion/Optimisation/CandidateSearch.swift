internal import Glibc
internal import Randomness

/// One restart: a candidate, the memory it is evaluated in, and the search that moves it.
///
/// `@unchecked Sendable`: a worker pool hands each restart to one thread at a time.
final class CandidateSearch<S: AttackPrecision>: @unchecked Sendable {
  let engine: MatchingEngine<S>
  private let settings: AttackSettings
  private let generator: Generator
  /// The one of the two that the settings name.
  private var adam: AdamSearch<S>?
  private var lbfgs: LBFGSSearch<S>?
  private(set) var variables: [S]
  private var gradient: [S]
  /// The variables of the lowest objective of the present attempt.
  private(set) var best: [S]
  private(set) var bestValue = Double.infinity
  private(set) var bestMatching = Double.infinity
  /// Distance and objective at the start of the present attempt.
  private(set) var firstMatching = Double.infinity
  private(set) var firstValue = Double.infinity
  /// Steps of the present attempt.
  private(set) var taken = 0
  /// Attempts that left the finite numbers.
  private(set) var broken = 0
  private(set) var isDone = false
  /// Whether no attempt stayed finite.
  private(set) var hasDiverged = false

  /// - Parameter workers: Threads of each step, beside those that other restarts have.
  init(
    _ core: MatchingCore<S>, _ settings: AttackSettings, workers: Int, generator: Generator
  ) throws {
    engine = try MatchingEngine(core, workers: workers)
    self.settings = settings
    self.generator = generator
    variables = [S](repeating: 0, count: engine.variableCount)
    gradient = variables
    best = variables
    begin()
  }

  private func prepareSearch() {
    switch settings.search {
    case .adam(let rate, let sign, let decay, let warmUp, let langevin, let weightDecay, let clip):
      adam = AdamSearch(
        rate: rate, sign: sign, decay: decay, warmUp: warmUp, langevin: langevin,
        weightDecay: weightDecay, clip: clip, variables: engine.variableCount,
        boxed: settings.box ? engine.inputCount : 0,
        noise: generator.fork("langevin", UInt64(broken)))
    case .lbfgs(let rate, let inner, let history):
      lbfgs = LBFGSSearch(
        rate: rate, inner: inner, history: history, variables: engine.variableCount)
    }
  }

  /// Draws a start and forgets the attempt before.
  private func begin() {
    var source = generator.fork("start", UInt64(broken))
    let count = engine.inputCount
    let core = engine.core
    switch settings.start {
    case .normal: for index in 0..<count { variables[index] = S(source.normal()) }
    case .zeros: for index in 0..<count { variables[index] = 0 }
    case .uniform(let bound):
      for index in 0..<count { variables[index] = S((2 * source.uniform() - 1) * bound) }
    case .tiled(let side):
      let priors = core.inputPriors
      let tile = (0..<(priors.channels * side * side)).map { _ in S(source.normal()) }
      for index in 0..<count {
        let (x, y) = (index % priors.width, index / priors.width % priors.height)
        let channel = index / (priors.width * priors.height) % priors.channels
        variables[index] = tile[(channel * side + y % side) * side + x % side]
      }
    }
    for index in count..<variables.count { variables[index] = S(source.normal()) }
    prepareSearch()
    (bestValue, bestMatching) = (.infinity, .infinity)
    (firstValue, firstMatching) = (.infinity, .infinity)
    taken = 0
  }

  /// Takes up to `count` steps of the `settings.steps` that there are.
  func advance(_ count: Int) throws {
    for _ in 0..<count where !isDone {
      let finite = try step()
      if !finite {
        broken += 1
        if broken > settings.retries {
          (isDone, hasDiverged) = (true, true)
        } else {
          begin()
        }
      } else if taken >= settings.steps {
        isDone = true
      }
    }
  }

  /// Takes all that are left.
  func finish() throws {
    while !isDone { try advance(settings.steps) }
    guard !hasDiverged else { return }
    // The last step's result has not been looked at yet.
    _ = try measure()
  }

  /// One step; whether all stayed finite.
  private func step() throws -> Bool {
    if adam != nil {
      guard try measure() else { return false }
      variables.withUnsafeMutableBufferPointer { x in
        gradient.withUnsafeMutableBufferPointer { gradient in
          if let x = x.baseAddress, let gradient = gradient.baseAddress {
            adam?.step(x, gradient, count: engine.variableCount, t: taken, total: settings.steps)
          }
        }
      }
    } else {
      let outcome = try variables.withUnsafeMutableBufferPointer { x in
        guard let x = x.baseAddress else { return LBFGSSearch<S>.Outcome.settled }
        return try lbfgs?.step(x) { x, gradient in
          let value = try engine.evaluate(x, into: gradient)
          note(value, x)
          return value
        } ?? .settled
      }
      if settings.box { clampVariables() }
      if outcome == .broken { return false }
      if outcome == .settled { isDone = true }
    }
    taken += 1
    return true
  }

  private func clampVariables() {
    variables.withUnsafeMutableBufferPointer { x in
      if let x = x.baseAddress { S.clamp(x, bound: 2, count: engine.inputCount) }
    }
  }

  /// Evaluates where the candidate is; whether all is finite.
  private func measure() throws -> Bool {
    let value = try variables.withUnsafeBufferPointer { x in
      try gradient.withUnsafeMutableBufferPointer { gradient in
        guard let x = x.baseAddress, let gradient = gradient.baseAddress else { return 0.0 }
        return try engine.evaluate(x, into: gradient)
      }
    }
    guard value.isFinite else { return false }
    variables.withUnsafeBufferPointer { x in
      if let x = x.baseAddress { note(value, x) }
    }
    return true
  }

  /// Keeps the point of the lowest objective.
  private func note(_ value: Double, _ x: UnsafePointer<S>) {
    if firstValue == .infinity { (firstValue, firstMatching) = (value, engine.matching) }
    guard value < bestValue else { return }
    (bestValue, bestMatching) = (value, engine.matching)
    best.withUnsafeMutableBufferPointer { best in
      best.baseAddress?.update(from: x, count: best.count)
    }
  }
}
