public import Learning
public import Tensors

/// What models of one structure say about a fixed set of examples, for whoever has their
/// parameters: a server that sees clients' models, a client that sees the global one.
public struct ExampleProbe {
  /// The models' structure.
  public let network: Network
  /// What is asked about.
  public let examples: LabeledExamples
  private let workspace: Workspace

  /// A probe; its scratch memory belongs to one thread at a time.
  public init(_ network: Network, _ examples: LabeledExamples) {
    self.network = network
    self.examples = examples
    workspace = Workspace(for: network)
  }

  /// The negated loss of each example: larger for what was learned.
  ///
  /// - Throws: `LearningError` if the examples do not fit the network; `MembershipError.value` for
  ///   a model that diverged.
  public func negatedLosses(_ parameters: Vector) throws -> [Double] {
    let losses = try network.predict(
      parameters: parameters, on: examples, workspace: workspace
    ).losses
    guard losses.allSatisfy(\.isFinite) else {
      throw MembershipError.value(
        what: "a model under attack", place: "a loss", got: "no finite number",
        remedy: "leave models that diverged out, or lower the learning rate")
    }
    return losses.map { -$0 }
  }

  /// The logits of each example, row-major.
  public func logits(_ parameters: Vector) throws -> [Double] {
    try network.predict(parameters: parameters, on: examples, workspace: workspace)
      .logits.map(Double.init)
  }

  /// Calls `body` with each example's number and its own gradient of the loss by the parameters,
  /// with norms and dropout as in evaluation.
  ///
  /// - Complexity: One pass of a batch of one each.
  public func forEachGradient(
    at parameters: Vector, _ body: (_ example: Int, _ gradient: Vector) throws -> Void
  ) throws {
    var gradient = Vector(zeros: parameters.count)
    for example in 0..<examples.count {
      _ = try network.lossAndGradient(
        parameters: parameters, examples: examples, batch: [example], workspace: workspace,
        gradient: &gradient)
      try body(example, gradient)
    }
  }

  /// For each direction, the cosine of each example's gradient with it: directions x examples.
  public func cosines(
    at parameters: Vector, with directions: [UpdateDirection]
  ) throws -> [[Double]] {
    try table(at: parameters, directions) { $0.cosine(with: $1) }
  }

  /// For each direction, how much of it each example's gradient explains (Grad-Diff).
  public func differences(
    at parameters: Vector, with directions: [UpdateDirection]
  ) throws -> [[Double]] {
    try table(at: parameters, directions) { $0.difference(with: $1) }
  }

  /// The negated norm of each example's gradient; no gradient is formed.
  public func negatedNorms(at parameters: Vector) throws -> [Double] {
    var norms: [Double] = []
    for start in stride(from: 0, to: examples.count, by: network.block) {
      norms += try network.perExampleNorms(
        parameters: parameters, examples: examples,
        batch: Array(start..<min(start + network.block, examples.count)), workspace: workspace)
    }
    return norms.map { -$0 }
  }

  /// The mean loss's gradient over all examples: up which an active attacker moves the model.
  public func meanGradient(at parameters: Vector) throws -> Vector {
    var gradient = Vector(zeros: parameters.count)
    _ = try network.lossAndGradient(
      parameters: parameters, examples: examples, workspace: workspace, gradient: &gradient)
    return gradient
  }

  private func table(
    at parameters: Vector, _ directions: [UpdateDirection],
    _ measure: (UpdateDirection, Vector) -> Double
  ) throws -> [[Double]] {
    var rows = directions.map { _ in [Double](repeating: 0, count: examples.count) }
    try forEachGradient(at: parameters) { example, gradient in
      for (index, direction) in directions.enumerated() {
        rows[index][example] = measure(direction, gradient)
      }
    }
    return rows
  }
}
