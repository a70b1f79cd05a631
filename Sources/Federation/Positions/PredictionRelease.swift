internal import Glibc
public import Learning
public import Randomness
public import Tensors

/// Position *prediction*: what whoever holds the trained model answers to those who may only ask
/// it.
///
/// It changes nothing of the training; who sees parameters or updates does not meet it.
public protocol PredictionRelease: RoundComponent {
  /// The answers to queries, in place of the model's own class probabilities.
  ///
  /// - Parameters:
  ///   - probabilities: One row a query, each the model's softmax or what an earlier release made
  ///     of
  ///     it.
  ///   - holder: What the model's holder has.
  ///   - generator: All the chance there is; a query asked twice in one call may get two answers.
  /// - Returns: As many positive values, rows that sum to 1.
  func release(
    _ probabilities: [Double], by holder: ModelHolder, using generator: inout Generator
  ) throws -> [Double]
}

/// What the holder of a trained model has.
public struct ModelHolder: Sendable {
  /// The model's structure.
  public let network: Network
  /// The model.
  public let parameters: Vector
  /// What it was trained on.
  public let members: LabeledExamples
  /// Examples like them that it was not trained on.
  public let references: LabeledExamples

  /// A holder.
  package init(
    network: Network, parameters: Vector, members: LabeledExamples, references: LabeledExamples
  ) {
    self.network = network
    self.parameters = parameters
    self.members = members
    self.references = references
  }

  /// The model's own class probabilities on examples, row-major.
  ///
  /// - Throws: `LearningError` if the examples do not fit.
  public func probabilities(on examples: LabeledExamples) throws -> [Double] {
    let logits = try network.predict(
      parameters: parameters, on: examples, workspace: Workspace(for: network)
    ).logits
    return Self.softmax(logits.map(Double.init), classes: network.classes)
  }

  /// The softmax of each row; never below 1e-300.
  public static func softmax(_ logits: [Double], classes: Int) -> [Double] {
    var result = logits
    for start in stride(from: 0, to: logits.count, by: classes) {
      let row = start..<(start + classes)
      let top = logits[row].max() ?? 0
      var sum = 0.0
      for index in row {
        result[index] = max(exp(logits[index] - top), 1e-300)
        sum += result[index]
      }
      for index in row { result[index] /= sum }
    }
    return result
  }
}
