public import Components
public import Learning

/// A private training as configurations write it: `dp-sgd: {target-epsilon: 3, delta: 1e-5}`.
///
/// Batch size, optimiser and learning rate are those of the training options beside it. With
/// `target-epsilon` alone the noise is calibrated before the run; with `noise-multiplier` alone the
/// run says what it came to; with both the noise is as given and training stops when the next step
/// would exceed the target.
public struct DPSGDOptions: Hashable, Sendable {
  /// The epsilon that must not be exceeded.
  public var targetEpsilon: Double?
  /// The delta of every epsilon.
  public var delta = 1e-5
  /// The noise's standard deviation over the clipping norm; 0 is no noise and no guarantee.
  public var noiseMultiplier: Double?
  /// How long an example's gradient may be.
  public var clippingNorm = 1.0
  /// How gradients are clipped.
  public var clipping = Clipping.flat
  /// How batches are drawn.
  public var sampling = Drawing.poisson
  /// The most examples in a batch, for `truncated`.
  public var cap: Int?
  /// The groups that examples are dealt into, for `cyclic`.
  public var groups: Int?
  /// The share of gradients shorter than the clipping norm, for `adaptive`.
  public var quantile = 0.5
  /// How fast the clipping norm follows, for `adaptive`.
  public var clippingRate = 0.2
  /// Deviation of the noisy count, for `adaptive`; left out, a twentieth of the batch.
  public var countNoise: Double?
  /// Added to each norm, for `automatic`.
  public var stability = 0.01
  /// Views of each example whose gradients are averaged before the clip.
  public var multiplicity = 1
  /// The farthest that a view is moved, in pixels.
  public var shift = 0
  /// Whether half of the views are mirrored.
  public var flips = false
  /// The share of the averaged weights that stays in each step; left out, no averaging.
  public var averaging: Double?
  /// Examples whose activations are in memory together, on average.
  public var microBatch = 64

  /// How gradients are clipped.
  public enum Clipping: String, Codable, Hashable, Sendable, CaseIterable {
    /// The whole gradient.
    case flat
    /// Each layer's part.
    case perLayer = "per-layer"
    /// Every gradient to about the same length.
    case automatic
    /// To a quantile of the norms, found privately.
    case adaptive
  }

  /// How batches are drawn.
  public enum Drawing: String, Codable, Hashable, Sendable, CaseIterable {
    /// A coin for each example.
    case poisson
    /// A coin for each example, up to a cap.
    case truncated
    /// Passes in a random order, cut into batches.
    case shuffled
    /// A coin for each example of a group, one group after the other.
    case cyclic
  }

  /// A target to be set: everything else as by default.
  public init() {}

  /// Throws `ParameterError` naming every option out of range.
  public func validate() throws(ParameterError) {
    var check = ParameterCheck()
    check(
      "target-epsilon", targetEpsilon != nil || noiseMultiplier != nil,
      "is needed, or noise-multiplier", got: "neither")
    if let targetEpsilon {
      check.positive("target-epsilon", targetEpsilon)
      check(
        "noise-multiplier", noiseMultiplier != 0,
        "must be greater than 0 with target-epsilon, which no training without noise has", got: 0)
    }
    if let noiseMultiplier {
      check.notNegative("noise-multiplier", noiseMultiplier)
    }
    check("delta", delta > 0 && delta < 1, "must be between 0 and 1, such as 1e-5", got: delta)
    check.positive("clipping-norm", clippingNorm)
    check(
      "cap", (cap != nil) == (sampling == .truncated), "is for sampling truncated, which needs it",
      got: cap.map { "\($0)" } ?? "none")
    check(
      "groups", (groups != nil) == (sampling == .cyclic), "is for sampling cyclic, which needs it",
      got: groups.map { "\($0)" } ?? "none")
    if let groups { check("groups", groups >= 2, "must be 2 or more", got: groups) }
    check("quantile", quantile > 0 && quantile < 1, "must be in (0, 1)", got: quantile)
    check.positive("clipping-rate", clippingRate)
    check.positive("stability", stability)
    check.oneOrMore("multiplicity", multiplicity)
    check("shift", shift >= 0, "must be 0 or more", got: shift)
    check("micro-batch", (1...64).contains(microBatch), "must be from 1 to 64", got: microBatch)
    if let averaging {
      check("averaging", averaging > 0 && averaging < 1, "must be in (0, 1)", got: averaging)
    }
    try check.finish()
  }

  /// The training of `steps` steps that these options are on a data set and a network, the noise
  /// calibrated if it was not given.
  ///
  /// - Parameters:
  ///   - batchSize: The expected batch; data sets that are smaller are taken whole.
  ///   - dimension: Parameters of the network.
  /// - Throws: `PrivateTrainingError` if no noise is enough or delta promises nothing.
  public func training(
    batchSize: Int, optimizer: OptimizerOptions, steps: Int, population: Int, dimension: Int
  ) throws(PrivateTrainingError) -> PrivateTrainingOptions {
    try PrivacyTarget.check(delta: delta, population: population)
    let views = Augmentation(multiplicity: multiplicity, shift: shift, flips: flips)
    var options = PrivateTrainingOptions(
      batchSize: min(batchSize, population), sampling: scheme, clipping: rule,
      noiseMultiplier: noiseMultiplier ?? 1, optimizer: optimizer,
      augmentation: views == Augmentation(multiplicity: 1) ? nil : views, averaging: averaging,
      microBatch: microBatch)
    if noiseMultiplier == nil, let targetEpsilon {
      options.noiseMultiplier = try PrivacyTarget.noiseMultiplier(
        epsilon: targetEpsilon, delta: delta, steps: steps, population: population,
        dimension: dimension, options: options)
    }
    return options
  }

  /// How batches are drawn, as a training knows it.
  public var scheme: BatchScheme {
    switch sampling {
    case .poisson: .poisson
    case .truncated: .truncated(cap: cap ?? 1)
    case .shuffled: .shuffled
    case .cyclic: .cyclic(groups: groups ?? 2)
    }
  }

  private var rule: ClippingRule {
    switch clipping {
    case .flat: .flat(norm: clippingNorm)
    case .perLayer: .perLayer(norm: clippingNorm)
    case .automatic: .automatic(norm: clippingNorm, stability: stability)
    case .adaptive:
      .adaptive(
        AdaptiveClipping(
          norm: clippingNorm, quantile: quantile, rate: clippingRate, countNoise: countNoise))
    }
  }
}

/// Options at their defaults are not written, so that the names under which results are stored stay
/// what they were when options are added.
extension DPSGDOptions: Codable {
  private enum CodingKeys: String, CodingKey {
    case targetEpsilon, delta, noiseMultiplier, clippingNorm, clipping, sampling, cap, groups
    case quantile, clippingRate, countNoise, stability, multiplicity, shift, flips, averaging
    case microBatch
  }

  /// Reads options; those left out have their defaults.
  public init(from decoder: any Decoder) throws {
    let keyed = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
      if let written = try keyed.decodeIfPresent(Value.self, forKey: key) { value = written }
    }
    self.init()
    targetEpsilon = try keyed.decodeIfPresent(Double.self, forKey: .targetEpsilon)
    try read(.delta, &delta)
    noiseMultiplier = try keyed.decodeIfPresent(Double.self, forKey: .noiseMultiplier)
    try read(.clippingNorm, &clippingNorm)
    try read(.clipping, &clipping)
    try read(.sampling, &sampling)
    cap = try keyed.decodeIfPresent(Int.self, forKey: .cap)
    groups = try keyed.decodeIfPresent(Int.self, forKey: .groups)
    try read(.quantile, &quantile)
    try read(.clippingRate, &clippingRate)
    countNoise = try keyed.decodeIfPresent(Double.self, forKey: .countNoise)
    try read(.stability, &stability)
    try read(.multiplicity, &multiplicity)
    try read(.shift, &shift)
    try read(.flips, &flips)
    averaging = try keyed.decodeIfPresent(Double.self, forKey: .averaging)
    try read(.microBatch, &microBatch)
  }

  /// Writes the options that are not at their defaults.
  public func encode(to encoder: any Encoder) throws {
    var keyed = encoder.container(keyedBy: CodingKeys.self)
    let defaults = DPSGDOptions()
    func write<Value: Encodable & Equatable>(
      _ key: CodingKeys, _ value: KeyPath<DPSGDOptions, Value>
    ) throws {
      if self[keyPath: value] != defaults[keyPath: value] {
        try keyed.encode(self[keyPath: value], forKey: key)
      }
    }
    try write(.targetEpsilon, \.targetEpsilon)
    try write(.delta, \.delta)
    try write(.noiseMultiplier, \.noiseMultiplier)
    try write(.clippingNorm, \.clippingNorm)
    try write(.clipping, \.clipping)
    try write(.sampling, \.sampling)
    try write(.cap, \.cap)
    try write(.groups, \.groups)
    try write(.quantile, \.quantile)
    try write(.clippingRate, \.clippingRate)
    try write(.countNoise, \.countNoise)
    try write(.stability, \.stability)
    try write(.multiplicity, \.multiplicity)
    try write(.shift, \.shift)
    try write(.flips, \.flips)
    try write(.averaging, \.averaging)
    try write(.microBatch, \.microBatch)
  }
}
