public import Tensors

/// How well a model does on data.
public struct Evaluation: Sendable, Hashable {
  /// Mean loss, without label smoothing.
  public let loss: Double
  /// Examples whose label has the largest logit; the first class wins a tie.
  public let correct: Int
  /// Examples evaluated.
  public let count: Int

  /// A result over `count` examples, at least one.
  public init(loss: Double, correct: Int, count: Int) {
    self.loss = loss
    self.correct = correct
    self.count = count
  }

  /// The fraction that is correct.
  public var accuracy: Double { Double(correct) / Double(count) }
  /// Whether the loss is a number: a diverged model's is not.
  public var isFinite: Bool { loss.isFinite }
}

/// What a model says about each example.
public struct Predictions: Sendable, Hashable {
  /// The class with the largest logit, the first of equals.
  public let classes: [Int32]
  /// The loss of each example under its label.
  public let losses: [Double]
  /// Logits, row-major, one row per example.
  public let logits: [Float]
}

extension Network {
  /// Mean loss and accuracy on data.
  ///
  /// - Throws: `LearningError` if anything does not fit or there is no example.
  public func evaluate(
    parameters: Vector, on examples: LabeledExamples, workspace: Workspace
  ) throws(LearningError) -> Evaluation {
    var loss = 0.0
    var correct = 0
    try sweep(parameters: parameters, on: examples, workspace: workspace, place: "evaluation") {
      block, scratch, top in
      for (row, index) in block.enumerated() {
        loss += scratch.losses[row]
        correct += top[row] == examples.labels[index] ? 1 : 0
      }
    }
    return Evaluation(
      loss: loss / Double(examples.count), correct: correct, count: examples.count)
  }

  /// Class, loss and logits of each example.
  ///
  /// - Throws: `LearningError` if anything does not fit or there is no example.
  public func predict(
    parameters: Vector, on examples: LabeledExamples, workspace: Workspace
  ) throws(LearningError) -> Predictions {
    var chosen: [Int32] = []
    var losses: [Double] = []
    var logits: [Float] = []
    try sweep(parameters: parameters, on: examples, workspace: workspace, place: "prediction") {
      block, scratch, top in
      let output = scratch.outputs
      chosen += UnsafeBufferPointer(start: top, count: block.count)
      losses += UnsafeBufferPointer(start: scratch.losses, count: block.count)
      logits += UnsafeBufferPointer(start: output, count: block.count * classes)
    }
    return Predictions(classes: chosen, losses: losses, logits: logits)
  }

  /// Runs forward and loss over all examples, block by block, and hands each block to `body` with
  /// its top classes.
  private func sweep(
    parameters: Vector, on examples: LabeledExamples, workspace: Workspace, place: String,
    _ body: (Range<Int>, Scratch<Float>, UnsafeMutablePointer<Int32>) -> Void
  ) throws(LearningError) {
    check(workspace)
    try check(examples, parameters: parameters.count, place: place)
    let scratch = workspace.float
    scratch.reserve(rows: min(self.block, examples.count), .activations)
    parameters.withUnsafeBufferPointer { source in
      let source = source.baseAddress ?? UnsafePointer(scratch.vector(.gradient))
      for start in stride(from: 0, to: examples.count, by: self.block) {
        let block = start..<min(start + self.block, examples.count)
        scratch.load(block, of: examples)
        forward(source, scratch, rows: block.count, mode: .evaluation)
        lossValues(scratch, rows: block.count)
        Float.topClass(
          scratch.outputs, into: scratch.labels, rows: block.count, classes: classes)
        body(block, scratch, scratch.labels)
      }
    }
  }
}
