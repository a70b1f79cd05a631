internal import Learning
public import Randomness
internal import Tensors

/// Gradient inversion by optimisation: looks for inputs whose gradient, or whose local training,
/// gives what was observed.
///
///     let attack = GradientMatchingAttack(InversionPreset.invertingGradients.settings)
///     let found = try attack.run(on: problem, workers: 2, using: generator)
///     let pixels = problem.knowledge.inputRange?.pixels(found.inputs[0])
///
/// Restarts run on worker threads, each with a stream of its own, and workers beyond the restarts
/// share the examples of a step; the answer is chosen by the objective: the number of workers changes
/// no bit, and the truth is not known here.
///
/// Source: Zhu, Liu, Han, DLG, NeurIPS 2019; Geiping et al., Inverting Gradients, NeurIPS 2020.
public struct GradientMatchingAttack: Sendable {
  /// In which precision to compute.
  public enum Arithmetic: Sendable, Hashable {
    /// `Float`: for attacks.
    case single
    /// `Double`: for checks, and where a distance must fall below what `Float` resolves.
    case double
  }

  /// Every choice.
  public let settings: AttackSettings
  /// In which precision.
  public let arithmetic: Arithmetic

  /// An attack of these settings.
  public init(_ settings: AttackSettings, arithmetic: Arithmetic = .single) {
    self.settings = settings
    self.arithmetic = arithmetic
  }

  /// Runs all restarts.
  ///
  /// - Parameters:
  ///   - problem: What was observed, and what is known.
  ///   - workers: Threads, at least 1.
  ///   - generator: Draws starts and noise; a function of its key only.
  /// - Throws: `InversionError` if the knowledge does not suffice, or something does not fit.
  public func run(
    on problem: InversionProblem, workers: Int = 1, using generator: Generator
  ) throws -> Reconstruction {
    guard settings.steps >= 1, settings.restarts >= 1 else {
      throw InversionError.invalid(
        what: "steps and restarts", got: "\(settings.steps) and \(settings.restarts)",
        requirement: "must be at least 1")
    }
    switch arithmetic {
    case .single: return try search(problem, Float.self, workers, generator)
    case .double: return try search(problem, Double.self, workers, generator)
    }
  }

  private func search<S: AttackPrecision>(
    _ problem: InversionProblem, _ scalar: S.Type, _ workers: Int, _ generator: Generator
  ) throws -> Reconstruction {
    let examples = try problem.examples(for: "gradient matching")
    var labelNoise = generator.fork("labels", 0)
    let labels = try problem.labels(from: settings.labels, examples: examples, using: &labelNoise)
    let core = try MatchingCore<S>(problem, settings, examples: examples, labels: labels)
    let searches = try (0..<settings.restarts).map {
      try CandidateSearch(
        core, settings, workers: max(1, workers / settings.restarts),
        generator: generator.fork("restart", UInt64($0)))
    }
    if needsConsensus {
      for _ in stride(from: 0, to: settings.steps, by: 10) {
        try WorkerPool.forEach(searches.count, workers: workers) { index, _ in
          try searches[index].advance(10)
        }
        agree(searches)
      }
    }
    try WorkerPool.forEach(searches.count, workers: workers) { index, _ in
      try searches[index].finish()
    }
    return conclude(searches, core)
  }

  private var needsConsensus: Bool {
    settings.priors.contains { if case .group = $0 { true } else { false } }
  }

  /// Hands every search the mean of all that are finite.
  private func agree<S: AttackPrecision>(_ searches: [CandidateSearch<S>]) {
    let alive = searches.filter { !$0.hasDiverged }
    guard let first = alive.first else { return }
    var mean = [S](repeating: 0, count: first.engine.inputCount)
    for search in alive {
      for index in mean.indices { mean[index] += search.variables[index] / S(alive.count) }
    }
    for search in searches { search.engine.consensus = mean }
  }

  private func conclude<S: AttackPrecision>(
    _ searches: [CandidateSearch<S>], _ core: MatchingCore<S>
  ) -> Reconstruction {
    let candidates = searches.enumerated().map { restart, search in
      let (inputs, labels) = search.best.withUnsafeBufferPointer { best in
        best.baseAddress.map { search.engine.candidate($0) } ?? ([], [])
      }
      return InversionCandidate(
        restart: restart, inputs: inputs, labels: labels, objective: search.bestValue,
        matching: search.bestMatching, startObjective: search.firstValue,
        startMatching: search.firstMatching, steps: search.taken, brokenAttempts: search.broken,
        hasDiverged: search.hasDiverged)
    }
    let finite = candidates.filter { !$0.hasDiverged && $0.objective.isFinite }
    guard let best = finite.min(by: { $0.objective < $1.objective }) else {
      return Reconstruction(
        candidates: candidates,
        outcome: .attackFailed(
          "every restart left the finite numbers; try a smaller step or another start"),
        inputs: [], labels: [])
    }
    guard best.objective < best.startObjective else {
      return Reconstruction(
        candidates: candidates,
        outcome: .attackFailed(
          "the best restart's objective is no lower than at its start, \(best.startObjective)"),
        inputs: [], labels: [])
    }
    let pooling = CandidatePooling(
      width: core.network.inputs, examples: core.examples, epochs: core.epochs)
    return Reconstruction(
      candidates: candidates, outcome: .found,
      inputs: pooling.pool(finite, best: best, settings.pooling),
      labels: Array(best.labels.prefix(core.examples)))
  }
}
