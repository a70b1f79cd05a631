public import Components
public import Randomness
public import Tensors

/// Position *local descent*, part of local training: how a client's steps are taken, in place of
/// gradient steps on the mean loss of its batches.
///
/// Whatever the algorithm does before and after (weights, corrections, what is sent) stays as it
/// is: a trainer that descends by the task's options descends this way. Objectives' gradients are
/// added to each step. The null descent is none.
public protocol LocalDescent: RoundComponent {
  /// Throws `ParameterError` naming every training option that would be without effect or sense
  /// here; by default all are fine.
  func check(_ training: TrainingOptions) throws(ParameterError)

  /// Trains from `parameters`, which it changes; at most `task.maximumSteps` steps.
  func descend(
    _ task: LocalTask, from parameters: inout Vector, using generator: inout Generator
  ) throws -> DescentOutcome
}

extension LocalDescent {
  /// All options are fine.
  public func check(_ training: TrainingOptions) throws(ParameterError) {}
}

/// How a local training went.
public struct DescentOutcome: Sendable, Hashable {
  /// Optimiser steps taken.
  public var steps: Int
  /// Loss of the first batch, before its step.
  public var loss: Double

  /// An outcome.
  public init(steps: Int, loss: Double) {
    self.steps = steps
    self.loss = loss
  }
}
