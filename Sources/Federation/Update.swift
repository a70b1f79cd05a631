public import Tensors

/// What one client sends in one round, and what the round knows about how it was made.
public struct Update: Codable, Sendable {
  /// The client, from 0.
  public var client: Int
  /// The round whose global model the client started from.
  public var startedRound: Int
  /// Local model minus received model; as long as the model.
  public var delta: Vector
  /// The weight the client claims in an average: its number of examples, or 1.
  public var weight: Double
  /// Which coordinates are sent; those of `delta` outside are 0.
  public var support: Support
  /// Optimiser steps taken.
  public var steps: Int
  /// What the learning rate times this many plain gradient steps would be: equal to `steps` for SGD
  /// without momentum, more with it.
  public var effectiveSteps: Double
  /// Training loss of the first batch, before its step.
  public var loss: Double
  /// For each step, the positions of its batch among the client's examples, where the task keeps
  /// them (`LocalTask.keepsBatches`); they never leave the client.
  public var batches: [[Int]]?

  /// An update of `client`; without `effectiveSteps` every step counts as one.
  public init(
    client: Int, startedRound: Int, delta: Vector, weight: Double, steps: Int, loss: Double,
    support: Support = .all, effectiveSteps: Double? = nil
  ) {
    self.client = client
    self.startedRound = startedRound
    self.delta = delta
    self.weight = weight
    self.steps = steps
    self.loss = loss
    self.support = support
    self.effectiveSteps = effectiveSteps ?? Double(steps)
  }

  /// Which coordinates of a model an update carries.
  public enum Support: Codable, Sendable, Hashable {
    /// Every one.
    case all
    /// These stretches, known to both sides: ascending and disjoint.
    case ranges([Range<Int>])
    /// These, ascending; the message says which.
    case coordinates([Int32])

    /// Bytes on the wire for an update of this support to a model of `dimension` parameters: 4 a
    /// value; for chosen coordinates also a count of 4 bytes and the shorter of a list of positions,
    /// each in as few bits as the dimension needs, and one bit a parameter.
    public func bytes(dimension: Int) -> Int {
      switch self {
      case .all: return 4 * dimension
      case .ranges(let ranges): return 4 * ranges.reduce(0) { $0 + $1.count }
      case .coordinates(let kept):
        let bits = Int.bitWidth - max(dimension - 1, 1).leadingZeroBitCount
        return 4 + 4 * kept.count + (min(kept.count * bits, dimension) + 7) / 8
      }
    }
  }
}
