import Glibc

/// The learning rate as a function of how far training is.
///
/// A schedule counts in whatever unit its caller counts: single steps in a loop of one's own, rounds
/// in a federation. It holds no state, so that a run may resume anywhere.
///
///     var options = OptimizerOptions(learningRate: 0.1)
///     let schedule = LearningRateSchedule(.cosine(), warmUp: 5)
///     for step in 0..<1000 {
///       options.learningRate = schedule.rate(at: step, of: 1000, base: 0.1)
///       ...
///     }
public struct LearningRateSchedule: Sendable, Hashable, Codable {
  /// What follows the warm-up; `t` counts from its end.
  public enum Shape: Sendable, Hashable {
    /// The base rate throughout.
    case constant
    /// `base factor^floor(t / every)`: torch.optim.lr_scheduler.StepLR.
    case step(StepDecay = StepDecay())
    /// `minimum + (base - minimum) (1 + cos(pi t / length)) / 2` and, from `length` on, the minimum:
    /// torch.optim.lr_scheduler.CosineAnnealingLR, which would rise again.
    case cosine(CosineDecay = CosineDecay())
  }

  /// A drop every so often.
  public struct StepDecay: Sendable, Hashable, Codable {
    /// How long a rate lasts, at least 1.
    public var every: Int
    /// What the rate is multiplied by then, greater than 0.
    public var factor: Double

    /// A drop to `factor` of the rate after every `every` indices.
    public init(every: Int = 30, factor: Double = 0.1) {
      self.every = every
      self.factor = factor
    }
  }

  /// Half a cosine wave down.
  public struct CosineDecay: Sendable, Hashable, Codable {
    /// How long it takes to the minimum, at least 1; nil: as long as training lasts after the
    /// warm-up.
    public var length: Int?
    /// The rate at the end, from 0 to the base rate.
    public var minimum: Double

    /// Down to `minimum` over `length` indices.
    public init(length: Int? = nil, minimum: Double = 0) {
      self.length = length
      self.minimum = minimum
    }
  }

  /// What follows the warm-up.
  public var shape: Shape
  /// For how many indices the rate rises first, by equal steps: at index `i` of a warm-up of `w` it
  /// is `base (i + 1) / (w + 1)`. Index `w` is the shape's first.
  public var warmUp: Int

  /// A schedule; `warmUp` is 0 for none.
  public init(_ shape: Shape = .constant, warmUp: Int = 0) {
    self.shape = shape
    self.warmUp = warmUp
  }

  /// The learning rate at an index.
  ///
  /// - Parameters:
  ///   - index: Steps or rounds before this one, from 0.
  ///   - count: How many there are in all; only a cosine without a length asks.
  ///   - base: The learning rate that the schedule scales.
  public func rate(at index: Int, of count: Int, base: Double) -> Double {
    if index < warmUp { return base * Double(index + 1) / Double(warmUp + 1) }
    let t = index - warmUp
    switch shape {
    case .constant: return base
    case .step(let step): return base * step.factor.power(t / max(step.every, 1))
    case .cosine(let cosine):
      let length = max(cosine.length ?? (count - warmUp), 1)
      guard t < length else { return cosine.minimum }
      let share = (1 + cos(Double.pi * Double(t) / Double(length))) / 2
      return cosine.minimum + (base - cosine.minimum) * share
    }
  }
}

extension Double {
  /// The power of this number by an exponent of at least 0, by squaring: the same bits everywhere.
  func power(_ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, self, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
