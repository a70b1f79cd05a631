public import Randomness

/// What the layers do that behave differently in training.
public enum PassMode: Sendable {
  /// Batch norm uses the batch's statistics, dropout drops: `noise` is the step's own stream.
  case training(noise: Generator)
  /// Batch norm uses its running statistics, dropout does nothing.
  case evaluation
}
