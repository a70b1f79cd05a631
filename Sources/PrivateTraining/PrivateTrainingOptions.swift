public import Accounting
public import Learning

/// A private training: DP-SGD (Abadi et al., CCS 2016, algorithm 1), or with Adam DP-Adam.
///
///     S = sum over the batch of clip(g_i),   w <- optimizer(w, (S + N(0, (z C)^2 I)) / B)
///
/// The sum is divided by the public batch size B, never by how many were drawn.
public struct PrivateTrainingOptions: Sendable, Hashable {
  /// B: examples in a batch, on average where batches vary.
  public var batchSize: Int
  /// How batches are drawn.
  public var sampling: BatchScheme
  /// How each example's gradient is bounded.
  public var clipping: ClippingRule
  /// z: the noise's standard deviation over the sensitivity. 0 is no noise and no guarantee.
  public var noiseMultiplier: Double
  /// What is done with the noisy gradient. `clippingNorm` in it clips that, which costs nothing.
  public var optimizer: OptimizerOptions
  /// Several views of each example; nil for the example itself.
  public var augmentation: Augmentation?
  /// The share of the averaged weights that stays in each step; nil for no averaging.
  public var averaging: Double?
  /// Examples whose activations are in memory together, on average.
  public var microBatch: Int

  /// Options; those left out have the values shown.
  public init(
    batchSize: Int, sampling: BatchScheme = .poisson, clipping: ClippingRule = .flat(norm: 1),
    noiseMultiplier: Double, optimizer: OptimizerOptions, augmentation: Augmentation? = nil,
    averaging: Double? = nil, microBatch: Int = 64
  ) {
    self.batchSize = batchSize
    self.sampling = sampling
    self.clipping = clipping
    self.noiseMultiplier = noiseMultiplier
    self.optimizer = optimizer
    self.augmentation = augmentation
    self.averaging = averaging
    self.microBatch = microBatch
  }

  /// What is charged for a step, for `population` examples; with `cyclic` batches, for a cycle.
  ///
  /// - Throws: `AccountingError` if a number is out of its range.
  public func event(population: Int) throws(AccountingError) -> PrivacyEvent {
    try PrivacyEvent(
      noiseMultiplier == 0 ? .nonPrivate : .gaussian(noiseMultiplier: noiseMultiplier),
      sampling: sampling.sampling(size: batchSize, population: population),
      adjacency: sampling.adjacency, unit: .record)
  }

  /// What `steps` steps are charged as, from the first on.
  ///
  /// - Throws: `AccountingError` if a number is out of its range.
  public func events(steps: Int, population: Int) throws(AccountingError) -> PrivacyEvent {
    try event(population: population).repeated(sampling.charges(steps: steps))
  }

  /// What `steps` steps promise at `delta`, for `population` examples and a model of `dimension`
  /// parameters, made with seeded noise.
  ///
  /// - Throws: `AccountingError` if a number is out of its range.
  public func report(
    steps: Int, population: Int, dimension: Int, delta: Double
  ) throws(AccountingError) -> TrainingPrivacy {
    try TrainingPrivacy(
      events: [events(steps: steps, population: population)], delta: delta,
      distance: PrivateTrainer.distance(releases: steps, dimension: dimension, self),
      randomness: "seeded", by: PLDAccountant())
  }

  /// Whole steps in which about `epochs` times as many examples are used as there are.
  public func steps(epochs: Double, population: Int) -> Int {
    if case .shuffled = sampling {
      return Int((epochs * Double(population / max(batchSize, 1))).rounded())
    }
    return Int((epochs * Double(population) / Double(max(batchSize, 1))).rounded())
  }

  /// Throws what keeps these options from training `network` on `examples` privately.
  public func check(
    network: Network, examples: LabeledExamples
  ) throws(PrivateTrainingError) {
    guard !network.mixesExamples else {
      throw .refused(
        what: "batch norm",
        reason: "it computes each example's output from the whole batch, so no bound on one "
          + "example's gradient bounds what that example changes",
        remedy: "use group norm, as in resnet20 with 'norm: group', or no norm")
    }
    guard batchSize >= 1, batchSize <= examples.count else {
      throw .invalid(
        "batch-size", "\(batchSize)",
        "must be from 1 to the number of examples, \(examples.count)")
    }
    if case .truncated(let cap) = sampling, cap < batchSize {
      throw .invalid(
        "cap", "\(cap)", "must be at least the expected batch of \(batchSize)")
    }
    if case .cyclic(let groups) = sampling {
      guard groups >= 2, groups <= examples.count / batchSize else {
        throw .invalid(
          "groups", "\(groups)",
          "must be from 2 to the \(examples.count / batchSize) batches of \(batchSize) that "
            + "\(examples.count) examples make")
      }
    }
    guard noiseMultiplier >= 0, noiseMultiplier.isFinite, noiseMultiplier < 1e12,
      noiseMultiplier == 0 || noiseMultiplier > 1e-6
    else {
      throw .invalid(
        "noise-multiplier", "\(noiseMultiplier)",
        "must be between 1e-6 and 1e12, or 0 for no noise and no guarantee")
    }
    guard (1...64).contains(microBatch) else {
      throw .invalid(
        "micro-batch", "\(microBatch)", "must be from 1 to 64, which bounds the rounding of sums")
    }
    if let averaging, !(averaging > 0 && averaging < 1) {
      throw .invalid("averaging", "\(averaging)", "must be between 0 and 1, such as 0.999")
    }
    try clipping.check()
    if case .adaptive(let adaptive) = clipping, noiseMultiplier > 0 {
      _ = try adaptive.sumMultiplier(noise: noiseMultiplier, batch: Double(batchSize))
    }
    try augmentation?.check(shape: examples.shape)
  }
}
