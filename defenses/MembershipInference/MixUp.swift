public import Components
public import Federation
internal import Learning
public import Randomness
public import Tensors

/// Clients train on mixtures of two examples and of their labels: no example is learned as it is.
///
///     x' = λ x_i + (1 - λ) x_j,  q' = λ one-hot(y_i) + (1 - λ) one-hot(y_j),  λ ~ Beta(α, α)
///
/// One λ a batch, j a permutation of it, as the paper's implementation has it.
///
/// Source: Zhang, Cissé, Dauphin, Lopez-Paz 2018, *mixup: Beyond Empirical Risk Minimization*,
/// section 2.
public struct MixUp: LocalDescent {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The shape α of the distribution of mixtures; small ones hardly mix.
    public var alpha = 1.0

    /// α = 1.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "mixup",
    summary: "Clients train on mixtures of two examples and of their labels.",
    formula: "x' = λ x_i + (1 - λ) x_j, labels likewise, λ ~ Beta(α, α)",
    citation: "Zhang et al. 2018, section 2",
    parameters: [.init("alpha", "shape of the mixtures", range: "greater than 0")])

  /// α = 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Mixtures by `parameters.alpha`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "alpha", parameters.alpha > 0 && parameters.alpha.isFinite,
      "must be a finite number greater than 0", got: parameters.alpha)
    try check.finish()
    self.parameters = parameters
  }

  /// Steps on mixed batches.
  public func descend(
    _ task: LocalTask, from parameters: inout Vector, using generator: inout Generator
  ) throws -> DescentOutcome {
    let alpha = self.parameters.alpha
    return try task.descend(from: &parameters, using: &generator) { batch, generator in
      let (a, b) = (generator.gamma(shape: alpha), generator.gamma(shape: alpha))
      let share = Float(a + b > 0 ? a / (a + b) : 0.5)
      let order = generator.permutation(batch.count)
      func mixed(_ values: [Float], width: Int) -> [Float] {
        var result = values
        for (row, other) in order.enumerated() {
          for index in 0..<width {
            result[row * width + index] =
              share * values[row * width + index] + (1 - share) * values[other * width + index]
          }
        }
        return result
      }
      let inputs = try batch.inputs()
      return Batch(
        inputs: mixed(inputs, width: inputs.count / batch.count),
        targets: .dense(mixed(batch.oneHot, width: batch.classes)))
    }
  }
}
