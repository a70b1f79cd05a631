/// What training minimises: the mean over a batch of each example's loss, as PyTorch defines them.
public enum Loss: Sendable, Hashable {
  /// `-sum_c q_c log softmax(z)_c` for a class or a distribution `q`, which label smoothing mixes
  /// with the uniform one: `(1 - labelSmoothing) q + labelSmoothing / classes`.
  case crossEntropy(labelSmoothing: Double = 0)
  /// The mean over the outputs of `(z - t)^2`; a class stands for its one-hot vector.
  case meanSquaredError
  /// The mean over the outputs of `log(1 + e^z) - t z`; a class stands for its one-hot vector.
  case binaryCrossEntropy

  func check(place: String) throws(LearningError) {
    if case .crossEntropy(let smoothing) = self, !(smoothing >= 0 && smoothing < 1) {
      throw .invalid(
        place: place, what: "the label smoothing", got: "\(smoothing)",
        requirement: "must be at least 0 and below 1")
    }
  }
}
