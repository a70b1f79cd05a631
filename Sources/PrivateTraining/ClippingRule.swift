internal import Glibc
internal import Learning

/// How each example's gradient is bounded before the sum.
public enum ClippingRule: Sendable, Hashable {
  /// The whole gradient to norm `norm` at most.
  case flat(norm: Double)
  /// Each layer's part to an equal share, so that the whole has norm `norm` at most.
  case perLayer(norm: Double)
  /// Every gradient to about norm `norm`, whatever its length (AUTO-S).
  case automatic(norm: Double, stability: Double = 0.01)
  /// To a norm that follows a quantile of the gradients' norms.
  case adaptive(AdaptiveClipping)

  /// The rule's first clip, for a network with `layers` layers that have parameters.
  func clip(layers: Int) -> ExampleClip {
    switch self {
    case .flat(let norm): .flat(norm)
    case .perLayer(let norm):
      .perLayer(Array(repeating: norm / Double(max(layers, 1)).squareRoot(), count: layers))
    case .automatic(let norm, let stability): .automatic(norm, stability: stability)
    case .adaptive(let adaptive): .flat(adaptive.norm)
    }
  }

  func check() throws(PrivateTrainingError) {
    func require(_ name: String, _ value: Double) throws(PrivateTrainingError) {
      guard value > 0, value.isFinite else {
        throw .invalid(name, "\(value)", "must be a finite number greater than 0")
      }
    }
    switch self {
    case .flat(let norm), .perLayer(let norm): try require("clipping-norm", norm)
    case .automatic(let norm, let stability):
      try require("clipping-norm", norm)
      try require("stability", stability)
    case .adaptive(let adaptive):
      try require("clipping-norm", adaptive.norm)
      try require("clipping-rate", adaptive.rate)
      guard adaptive.quantile > 0, adaptive.quantile < 1 else {
        throw .invalid("quantile", "\(adaptive.quantile)", "must be between 0 and 1")
      }
      if let noise = adaptive.countNoise { try require("count-noise", noise) }
    }
  }
}

/// A clipping norm C that follows a quantile of the norms, found from noisy counts:
///
///     b~ = (sum over the batch of (b_i - 1/2) + N(0, s^2)) / B + 1/2,   b_i = 1 if |g_i| <= C
///     C <- C e^(-rate (b~ - quantile))
///
/// The counts are centred, so an example moves them by 1/2; B is the public expected batch. Counts
/// and sum are one Gaussian release of multiplier z if the sum gets the multiplier
/// `(z^-2 - (2 s)^-2)^(-1/2)`, a little more than z: that is what the sum is noised with, and z is
/// what the ledger is told.
///
/// Source: Andrew, Thakkar, McMahan and Ramaswamy, Differentially Private Learning with Adaptive
/// Clipping, NeurIPS 2021, algorithm 1 and theorem 1.
public struct AdaptiveClipping: Sendable, Hashable {
  /// C at first.
  public var norm: Double
  /// The share of gradients that should be shorter than C.
  public var quantile: Double
  /// How fast C follows.
  public var rate: Double
  /// s; nil is a twentieth of the expected batch.
  public var countNoise: Double?

  /// The paper's values but for the norm.
  public init(
    norm: Double = 1, quantile: Double = 0.5, rate: Double = 0.2, countNoise: Double? = nil
  ) {
    self.norm = norm
    self.quantile = quantile
    self.rate = rate
    self.countNoise = countNoise
  }

  /// s for batches of `batch` examples.
  package func deviation(batch: Double) -> Double { countNoise ?? batch / 20 }

  /// The multiplier of the sum's noise that makes sum and counts a release of multiplier `noise`.
  ///
  /// - Throws: If the counts alone reveal more than that.
  package func sumMultiplier(noise: Double, batch: Double) throws(PrivateTrainingError) -> Double {
    let deviation = deviation(batch: batch)
    let rest = 1 / (noise * noise) - 1 / (4 * deviation * deviation)
    guard rest > 0 else {
      throw .refused(
        what: "adaptive clipping",
        reason:
          "its noisy counts (standard deviation \(deviation)) alone reveal more than noise of "
          + "multiplier \(noise) allows",
        remedy: "set count-noise above \(noise / 2), take larger batches, or clip flat")
    }
    return (1 / rest.squareRoot()).nextUp
  }

  /// C after a step in which a share `below` of the expected batch was found to be shorter.
  package func next(_ norm: Double, below: Double) -> Double {
    min(max(norm * exp(-rate * (below - quantile)), 1e-30), 1e30)
  }
}
