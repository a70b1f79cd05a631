internal import Accounting
internal import Components
internal import Datasets
internal import Learning
internal import PrivateTraining
internal import Randomness
internal import Synchronization
internal import Tensors

/// Central privacy in a run: what was fixed before it, and one release a round.
struct CentralRun: Sendable {
  let component: any CentralPrivacy
  let setting: ReleaseSetting
  /// z, as the ledger is told.
  let multiplier: Double
  /// How many releases the budget allows.
  let releases: Int
  /// m: what sums are divided by.
  let divisor: Double
  /// Whether the rule is the mean, of which a sum is made.
  let isMean: Bool
  private let training: TrainingOptions

  /// What changes from round to round.
  struct State: Codable, Sendable {
    /// C, before the round's unit.
    var norm: Double
    /// Releases made; with correlated noise the rounds up to the last release.
    var made = 0
    /// Whether the ledger was told of noise that is one mechanism for all of the run.
    var isTold = false
    /// The last round each client took part in.
    var last: [Int: Int] = [:]
    /// The component's own memory.
    var memory = Memory()
  }

  /// What a release did.
  enum Outcome {
    /// The aggregate is noised; what the ledger has to be told, if anything.
    case released(Mechanism?)
    /// Nothing may leave, for this reason.
    case stopped(String)
  }

  /// The central privacy of a scenario; nil without.
  ///
  /// - Throws: `FederationError.refused` if the promise cannot be kept.
  init?(_ scenario: Scenario) throws {
    try self.init(
      scenario.pipeline, training: scenario.training, clients: scenario.shares.count,
      dimension: scenario.network.parameterCount)
  }

  init?(
    _ pipeline: RoundPipeline, training: TrainingOptions, clients: Int, dimension: Int
  ) throws {
    guard let component = pipeline.privacy else { return nil }
    if let refusal = Planner.privacyRefusals(of: pipeline).first {
      throw FederationError.refused(refusal)
    }
    self.component = component
    self.training = training
    isMean = pipeline.aggregator.isWeightedMean
    var generator = Generator(seed: 0).fork("trial")
    var memory = Memory()
    var trial = try pipeline.sampler.sample(
      PopulationView(
        round: 0, available: Array(0..<clients),
        sampleCounts: clients == 0
          ? []
          : Array(
            repeating: 1, count: clients)), using: &generator, memory: &memory)
    trial.sampling.note(
      availability: Array(repeating: 1, count: clients), population: clients)
    let setting = ReleaseSetting(
      sampling: trial.sampling, separation: max(1, pipeline.sampler.separation(of: clients)),
      population: clients, rounds: training.rounds, dimension: dimension)
    self.setting = setting
    divisor =
      setting.sampling.size.map { Double($0.upperBound) }
      ?? Double(clients) * setting.sampling.probabilities.upperBound
    func refuse(_ reason: String, _ suggestion: String) -> FederationError {
      .refused(
        Refusal(component: component.cardName, reason: reason, suggestion: suggestion))
    }
    let terms = component.terms
    guard terms.delta < 1 / Double(max(clients, 1)) else {
      throw refuse(
        "with delta \(terms.delta) would allow publishing everything about one of the \(clients) "
          + "clients, drawn at random", "take a delta well below \(1 / Double(clients))")
    }
    do {
      (multiplier, releases) = try Self.calibrate(component, in: setting)
    } catch let error as AccountingError {
      throw refuse("has no accounting here: \(error)", "draw cohorts with poisson-sampling")
    } catch let error as PrivateTrainingError {
      throw refuse("\(error)", "allow a larger epsilon, or take fewer rounds")
    }
    // One coordinate's noise would be longer than the longest update.
    guard multiplier <= divisor else {
      throw refuse(
        "needs noise of \(Mechanism.text(multiplier)) times an update for its target, more in a "
          + "single coordinate of the mean of \(Mechanism.text(divisor)) clients than an update "
          + "may be long",
        "draw at least \(Int(multiplier.rounded(.up))) clients a round, allow a larger epsilon, "
          + "or take fewer rounds")
    }
    if terms.isAdaptive {
      do {
        _ = try terms.clipping.sumMultiplier(noise: multiplier, batch: divisor)
      } catch {
        throw refuse("\(error)", "set count-noise, draw more clients a round, or clip flat")
      }
    }
  }

  /// z and the number of releases that the terms allow.
  private static func calibrate(
    _ component: any CentralPrivacy, in setting: ReleaseSetting
  ) throws -> (multiplier: Double, releases: Int) {
    let terms = component.terms
    if let multiplier = terms.noiseMultiplier {
      guard multiplier > 0, let target = terms.targetEpsilon else {
        return (multiplier, setting.rounds)
      }
      let most = try greatest(upTo: setting.rounds) { count in
        try epsilon(component, multiplier, count, in: setting) <= target
      }
      guard most > 0 else {
        throw PrivateTrainingError.refused(
          what: "noise-multiplier \(multiplier)",
          reason: "a single release exceeds the epsilon of \(target)", remedy: "take more noise")
      }
      return (multiplier, most)
    }
    guard let target = terms.targetEpsilon else {
      throw PrivateTrainingError.invalid("target-epsilon", "none", "is needed, or noise-multiplier")
    }
    let question = Question(
      component: component.cardName, parameters: "\(component.parameters)", setting: setting)
    if let known = answers.withLock({ $0[question] }) { return (known, setting.rounds) }
    let distance =
      component.hasIndependentNoise
      ? AggregateNoise.distance(releases: setting.rounds, dimension: setting.dimension) : 0
    guard
      let rest = AggregateNoise.remaining(
        delta: terms.delta, epsilon: target, distance: distance)
    else {
      throw PrivateTrainingError.refused(
        what: "target-epsilon \(target) at delta \(terms.delta)",
        reason: "the noise's grid alone costs more delta than that", remedy: "ask for a smaller one"
      )
    }
    let probe = try component.events(noiseMultiplier: 1, releases: setting.rounds, in: setting)
    let found = try Calibration(.epsilon(target, delta: rest), by: accountant(for: probe))
      .leastNoise(in: 1e-3...1e6) { noise throws(AccountingError) in
        try component.events(noiseMultiplier: noise, releases: setting.rounds, in: setting)
      }
    answers.withLock { $0[question] = found.value }
    return (found.value, setting.rounds)
  }

  /// The accounted epsilon of `count` releases.
  private static func epsilon(
    _ component: any CentralPrivacy, _ multiplier: Double, _ count: Int, in setting: ReleaseSetting
  ) throws(AccountingError) -> Double {
    guard count > 0 else { return 0 }
    guard multiplier > 0 else { return .infinity }
    let events = try component.events(
      noiseMultiplier: multiplier, releases: count, in: setting)
    let distance =
      component.hasIndependentNoise
      ? AggregateNoise.distance(releases: count, dimension: setting.dimension) : 0
    return try AggregateNoise.epsilon(
      of: events, delta: component.terms.delta, distance: distance, by: accountant(for: events)
    ).upper
  }

  /// The tightest accountant that has a bound for `events`.
  private static func accountant(for events: [PrivacyEvent]) -> any PrivacyAccountant {
    Accountants.all.first { accountant in
      events.allSatisfy { accountant.refusal(of: $0) == nil }
    } ?? PLDAccountant()
  }

  /// The greatest number up to `limit` for which `holds`, which never holds again once it fails.
  private static func greatest(upTo limit: Int, _ holds: (Int) throws -> Bool) rethrows -> Int {
    var (low, high) = (0, limit + 1)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if try holds(middle) { low = middle } else { high = middle }
    }
    return low
  }

  private struct Question: Hashable {
    var component: String
    var parameters: String
    var setting: ReleaseSetting
  }

  private static let answers = Mutex<[Question: Double]>([:])

  // MARK: - In the run

  var freshState: State { State(norm: component.terms.clipping.norm) }

  /// C of a round, in the length of updates.
  func bound(round: Int, state: State) -> Double {
    state.norm * component.clippingUnit(training, round: round)
  }

  /// Makes of a round's aggregate what may leave.
  ///
  /// - Parameters:
  ///   - outcome: What the rule made; its aggregate becomes the release, zeros where nothing came.
  ///   - noise: A stream of the run; every release and use forks its own.
  func release(
    _ outcome: ServerStage.Outcome, into aggregate: inout Vector, cohort: Cohort, round: Int,
    state: inout State, noise root: Generator
  ) throws -> Outcome {
    // Correlated noise has a place for every round, released or not: how far apart a client takes
    // part is counted in rounds.
    let place = component.hasIndependentNoise ? state.made : round
    if place >= releases {
      return .stopped("the privacy budget is spent after \(releases) releases")
    }
    if let problem = note(cohort, round: round, state: &state) { return .stopped(problem) }
    let bound = bound(round: round, state: state)
    let unit: Double
    if isMean {
      aggregate.scale(by: Float(Double(outcome.rows) / divisor))
      unit = bound / divisor
    } else if outcome.rows == 0 {
      return .stopped("no update arrived, and \(component.cardName) knows no sensitivity then")
    } else if let sensitivity = outcome.sensitivity {
      unit = sensitivity
    } else {
      return .stopped("nothing bounds how far one client moves the aggregate")
    }
    let stream = root.fork("release", UInt64(place))
    if multiplier > 0 {
      let terms = component.terms
      let wide =
        terms.isAdaptive
        ? try terms.clipping.sumMultiplier(noise: multiplier, batch: divisor) : multiplier
      try addNoise(
        wide, unit: unit, to: &aggregate, place: place, stream: stream.fork("sum"), root: root,
        state: &state)
    }
    if component.terms.isAdaptive {
      try follow(outcome, state: &state, stream: stream.fork("count"))
    }
    defer { state.made = place + 1 }
    if multiplier == 0 { return .released(.nonPrivate) }
    if component.hasIndependentNoise { return .released(.gaussian(noiseMultiplier: multiplier)) }
    // Correlated noise is one mechanism for all of the run: told once.
    guard !state.isTold,
      let event = try component.events(
        noiseMultiplier: multiplier, releases: releases, in: setting
      ).first
    else { return .released(nil) }
    state.isTold = true
    return .released(event.mechanism)
  }

  private func addNoise(
    _ multiplier: Double, unit: Double, to aggregate: inout Vector, place: Int,
    stream: Generator, root: Generator, state: inout State
  ) throws {
    if component.hasIndependentNoise {
      try AggregateNoise.add(
        multiplier: multiplier, parts: setting.population + component.terms.canaries, unit: unit,
        to: &aggregate, using: stream)
      return
    }
    let noise = try component.noise(
      place, in: setting, root: root.fork("correlated"), memory: &state.memory)
    let scale = multiplier * unit * (1 + 0x1p-8)
    var values = aggregate.array
    for index in values.indices { values[index] += Float(noise[index] * scale) }
    aggregate = Vector(values)
  }

  /// Moves C along the noisy count of updates no longer than it.
  private func follow(
    _ outcome: ServerStage.Outcome, state: inout State, stream: Generator
  ) throws {
    let clipping = component.terms.clipping
    let exact = Double(outcome.short) - Double(outcome.rows) / 2
    let count =
      multiplier > 0
      ? try AggregateNoise.noised(
        exact, deviation: clipping.deviation(batch: divisor), using: stream) : exact
    state.norm = clipping.next(state.norm, below: count / divisor + 0.5)
  }

  /// Why accounting does not cover the round's cohort; nil if it does.
  private func note(_ cohort: Cohort, round: Int, state: inout State) -> String? {
    let (planned, drawn) = (setting.sampling, cohort.sampling)
    guard drawn.scheme == planned.scheme, drawn.draws.upperBound == 1 else {
      return "the cohort was drawn in another way than the accounting counted on"
    }
    switch planned.scheme {
    case .poisson:
      guard drawn.probabilities.upperBound <= planned.probabilities.upperBound else {
        return "clients were likelier to be drawn than the accounting counted on"
      }
    case .fixedSize:
      guard let size = drawn.size?.upperBound, let most = planned.size?.upperBound, size <= most,
        drawn.reachable.lowerBound >= planned.reachable.lowerBound
      else {
        return "of \(setting.population) clients only \(drawn.reachable.lowerBound) could be "
          + "reached, and the accounting counted on all"
      }
    case .everybody, .cyclic, .weighted, .withReplacement, .undeclared: break
    }
    guard setting.separation > 1 else { return nil }
    for client in cohort.clients {
      if let last = state.last[client], round - last < setting.separation {
        return "client \(client) took part \(round - last) rounds ago, and the accounting counted "
          + "on \(setting.separation)"
      }
      state.last[client] = round
    }
    return nil
  }

  /// What the releases made promise.
  func evidence(_ state: State, audit: PrivacyEvidence.Audit?) throws -> PrivacyEvidence {
    let terms = component.terms
    var evidence = PrivacyEvidence(
      mechanism: component.cardName, trust: .central, unit: .client, adjacency: setting.adjacency,
      delta: terms.delta)
    if multiplier > 0, state.made > 0 {
      let upper = try Self.epsilon(component, multiplier, state.made, in: setting)
      let events = try component.events(
        noiseMultiplier: multiplier, releases: state.made, in: setting)
      evidence.epsilonUpper = upper.isFinite ? upper : nil
      evidence.caps = try PrivacyEvidence.caps(of: events, by: Self.accountant(for: events))
      evidence.isGaussian = GaussianAccountant().isExact(for: events)
    } else if state.made == 0 {
      evidence.epsilonUpper = 0
    }
    var audit = audit
    audit?.truePositiveRateCap = evidence.cap(at: 0.1)
    evidence.audit = audit
    return evidence
  }
}
