public import Tensors

/// What one client sends in one round, and what the round knows about how it was made.
public struct Update: Sendable {
  /// The client, from 0.
  public var client: Int
  /// The round whose global model the client started from.
  public var startedRound: Int
  /// Local model minus received model; as long as the model.
  public var delta: Vector
  /// The weight the client claims in an average: its number of examples, or 1.
  public var weight: Double
  /// Optimiser steps taken.
  public var steps: Int
  /// Training loss of the first batch, before its step.
  public var loss: Double

  /// An update of `client`.
  public init(
    client: Int, startedRound: Int, delta: Vector, weight: Double, steps: Int, loss: Double
  ) {
    self.client = client
    self.startedRound = startedRound
    self.delta = delta
    self.weight = weight
    self.steps = steps
    self.loss = loss
  }
}
