public import Accounting
public import Learning
internal import NoiseSamplers
internal import Randomness
public import Tensors

/// Trains with differential privacy, step by step, and charges each step before it is taken.
///
///     var trainer = try PrivateTrainer(
///       network: network, examples: examples, options: options,
///       filter: PrivacyFilter(epsilon: 3, delta: 1e-5), randomness: .operatingSystem)
///     var weights = start
///     while try trainer.step(&weights) { }     // until the budget is spent
///     try trainer.report(delta: 1e-5).epsilon.upper
///
/// The examples' number and the batch size are public, and so is everything in the options: none of
/// it may have been chosen by looking at these examples, unless that was charged, too.
public struct PrivateTrainer {
  /// The options in force.
  public let options: PrivateTrainingOptions
  /// What each step is charged as; with `cyclic` batches, each cycle at its first step.
  public let event: PrivacyEvent
  /// The budget and everything charged to it.
  public private(set) var filter: PrivacyFilter
  /// Steps taken.
  public private(set) var steps = 0
  /// The clipping norm in force; adaptive clipping moves it.
  public private(set) var clippingNorm: Double
  /// Averaged weights, if the options ask for them: as private as the weights themselves.
  public private(set) var averaged: Vector?
  /// Examples drawn whose gradient was not finite. A fact about the data that no guarantee covers:
  /// for the eyes of whoever holds the data only.
  public private(set) var excluded = 0

  private let network: Network
  private let randomness: TrainingRandomness
  private var state: OptimizerState<Float>
  private var sampler: BatchSampler
  private let batchSum: BatchSum
  private let sum: GridSum
  private let noise: GradientNoise?
  private let countNoise: GridGaussian?
  private var clip: ExampleClip
  private var gradient: Vector
  private let fault: TrainingFault?
  /// Called after each step with what it did.
  package var recorder: ((StepRecord) -> Void)?

  /// A training that has taken no step.
  ///
  /// - Parameters:
  ///   - filter: The budget, with what has been spent of it before.
  ///   - workspace: Scratch memory made for `network`; a fresh one by default.
  /// - Throws: `PrivateTrainingError` if the network mixes examples, a number is out of its range
  ///   or model and data do not fit.
  public init(
    network: Network, examples: LabeledExamples, options: PrivateTrainingOptions,
    filter: PrivacyFilter, randomness: TrainingRandomness, workspace: Workspace? = nil
  ) throws(PrivateTrainingError) {
    try self.init(
      network: network, examples: examples, options: options, filter: filter,
      randomness: randomness, workspace: workspace, fault: nil)
  }

  package init(
    network: Network, examples: LabeledExamples, options: PrivateTrainingOptions,
    filter: PrivacyFilter, randomness: TrainingRandomness, workspace: Workspace? = nil,
    fault: TrainingFault?
  ) throws(PrivateTrainingError) {
    try options.check(network: network, examples: examples)
    event = try PrivateTrainingError.accounting { () throws(AccountingError) in
      try options.event(population: examples.count)
    }
    self.options = options
    self.filter = filter
    self.network = network
    self.randomness = randomness
    self.fault = fault
    clip = options.clipping.clip(layers: network.parameterLayers.count)
    clippingNorm = clip.sensitivity
    state = OptimizerState(for: network, options: options.optimizer)
    sampler = BatchSampler(
      fault == .replacedAdjacency ? .shuffled : options.sampling,
      size: fault == .wrongRate ? min(2 * options.batchSize, examples.count) : options.batchSize,
      population: examples.count)
    batchSum = BatchSum(
      network: network, examples: examples, options: options,
      workspace: workspace ?? Workspace(for: network, batchSize: min(options.microBatch, 64)))
    (noise, countNoise) = try Self.noise(options, network.parameterCount, fault)
    sum = GridSum(count: network.parameterCount, step: noise?.step ?? 0x1p-36)
    gradient = Vector(zeros: network.parameterCount)
  }

  private static func noise(
    _ options: PrivateTrainingOptions, _ dimension: Int, _ fault: TrainingFault?
  ) throws(PrivateTrainingError) -> (GradientNoise?, GridGaussian?) {
    var multiplier = options.noiseMultiplier
    guard multiplier > 0 else { return (nil, nil) }
    var deviation: Double?
    if case .adaptive(let adaptive) = options.clipping {
      let batch = Double(options.batchSize)
      multiplier = try adaptive.sumMultiplier(noise: multiplier, batch: batch)
      deviation = adaptive.deviation(batch: batch)
    }
    if fault == .halfNoise { multiplier /= 2 }
    return try PrivateTrainingError.noise { () throws(NoiseError) in
      let noise = try GradientNoise(multiplier: multiplier, dimension: dimension)
      guard let deviation else { return (noise, nil) }
      let exponent = Int(deviation.exponent) - 36
      return (noise, try GridGaussian(standardDeviation: deviation, stepExponent: exponent))
    }
  }

  /// Takes one step if the budget allows it; whether it does.
  ///
  /// - Parameters:
  ///   - learningRate: The step's learning rate; nil for that of the options.
  /// - Throws: `PrivateTrainingError`; nothing was released then, though the step may be charged.
  public mutating func step(
    _ parameters: inout Vector, learningRate: Double? = nil
  ) throws(PrivateTrainingError) -> Bool {
    guard try charge() else { return false }
    let batch = try drawBatch()
    let (findings, before) = try sumUp(batch, at: parameters)
    excluded += findings.excluded
    try release(batch, findings, noise?.noise)
    let scale = clippingNorm / Double(options.batchSize)
    try update(&parameters, learningRate)
    let count = try adapt(findings)
    if let recorder, let before {
      recorder(
        StepRecord(
          batch: batch, sum: before, noised: sum.snapshot(gradient), released: gradient.array,
          gridStep: sum.step, scale: scale, count: count, event: event))
    }
    steps += 1
    return true
  }

  /// Pays for the coming step, unless its cycle is paid for; false if the budget does not allow it.
  private mutating func charge() throws(PrivateTrainingError) -> Bool {
    guard steps % options.sampling.cycle == 0 else { return true }
    let event = event
    var filter = filter
    let isPaid = try PrivateTrainingError.accounting { () throws(AccountingError) in
      try filter.spend(event)
    }
    if isPaid { self.filter = filter }
    return isPaid
  }

  /// What the steps taken promise at `delta`.
  ///
  /// - Throws: `AccountingError`, as the filter's accountant.
  public func report(delta: Double) throws(AccountingError) -> TrainingPrivacy {
    // Of a cycle's steps, one is charged, and the noise of all is imperfect.
    let distance = Self.distance(
      releases: filter.count * options.sampling.cycle, dimension: network.parameterCount, options)
    return try TrainingPrivacy(
      events: filter.events, delta: delta, distance: distance, randomness: randomness.name,
      by: filter.accountant)
  }

  /// How far the releases' noise can be from ideal noise.
  static func distance(
    releases: Int, dimension: Int, _ options: PrivateTrainingOptions
  ) -> Double {
    options.noiseMultiplier > 0
      ? GradientNoise.distance(releases: releases, dimension: dimension + 1) : 0
  }

  private mutating func drawBatch() throws(PrivateTrainingError) -> [Int] {
    let (randomness, step) = (randomness, steps)
    let population = sampler.population
    var sampler = sampler
    let batch = try PrivateTrainingError.noise { () throws(NoiseError) in
      var coins = randomness.reader("dp-batch", step)
      return try sampler.draw(step: step, coins: &coins) { pass throws(NoiseError) in
        try randomness.permutation("dp-order", pass, count: population)
      }
    }
    self.sampler = sampler
    return batch
  }

  private mutating func sumUp(
    _ batch: [Int], at parameters: Vector
  ) throws(PrivateTrainingError) -> (BatchSum.Findings, [Int64]?) {
    let (randomness, step) = (randomness, steps)
    let stream = try PrivateTrainingError.noise { () throws(NoiseError) in
      try randomness.generator("dp-pass", step)
    }
    sum.clear()
    do throws(LearningError) {
      let findings = try batchSum.add(
        batch, at: parameters, clip: clip, to: sum, part: &gradient, noise: stream, fault: fault)
      return (findings, recorder == nil ? nil : sum.snapshot(gradient))
    } catch {
      throw .learning(error)
    }
  }

  /// Makes the gradient that leaves: the sum with its noise, over the public batch size.
  private mutating func release(
    _ batch: [Int], _ findings: BatchSum.Findings, _ noise: GridGaussian?
  ) throws(PrivateTrainingError) {
    let share = fault == .meanInsteadOfSum ? max(batch.count, 1) : options.batchSize
    do throws(NoiseError) {
      var reader = randomness.reader("dp-noise", fault == .reusedNoise ? 0 : steps)
      try sum.write(
        to: &gradient, scale: clippingNorm / Double(share), noise: noise, using: &reader)
    } catch {
      throw .noise(error)
    }
    if fault == .nonFiniteUpdate, findings.excluded > 0 { gradient[0] = .nan }
  }

  /// What a step on `batch` would release at `parameters` were there no noise, in units of what one
  /// example may change: for whoever compares neighbours.
  package mutating func probe(
    _ batch: [Int], at parameters: Vector
  ) throws(PrivateTrainingError) -> [Double] {
    let (findings, _) = try sumUp(batch, at: parameters)
    try release(batch, findings, nil)
    let unit = clippingNorm / Double(options.batchSize)
    return gradient.array.map { Double($0) / unit }
  }

  private mutating func update(
    _ parameters: inout Vector, _ learningRate: Double?
  ) throws(PrivateTrainingError) {
    var optimizer = options.optimizer
    if let learningRate { optimizer.learningRate = learningRate }
    do throws(LearningError) {
      try network.update(&parameters, along: gradient, state: &state, options: optimizer)
    } catch {
      throw .learning(error)
    }
    guard let keep = options.averaging else { return }
    // As many steps as an average can know: (1 + t) / (10 + t) at first.
    let share = min(keep, Double(1 + steps) / Double(10 + steps))
    if averaged == nil {
      averaged = parameters
    } else {
      averaged?.scale(by: Float(share))
      averaged?.add(parameters, scale: Float(1 - share))
    }
  }

  /// Moves the clipping norm along the noisy count; the count before and after its noise.
  private mutating func adapt(
    _ findings: BatchSum.Findings
  ) throws(PrivateTrainingError) -> (exact: Double, noised: Double)? {
    guard case .adaptive(let adaptive) = options.clipping else { return nil }
    let exact = Double(findings.short) - Double(findings.total) / 2
    var count = exact
    if let countNoise, fault != .bareCount {
      do throws(NoiseError) {
        var reader = randomness.reader("dp-count", steps)
        count = try countNoise.release([count], using: &reader).values[0]
      } catch {
        throw .noise(error)
      }
    }
    clippingNorm = adaptive.next(
      clippingNorm, below: count / Double(options.batchSize) + 0.5)
    clip = .flat(clippingNorm)
    return (exact, count)
  }
}
