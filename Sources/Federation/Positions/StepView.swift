public import Components
public import Learning
public import Randomness
public import Tensors

/// Position *training step*: what a client does to the batch and to the gradient of each of its
/// steps (augmentation, mixing, pruning of a layer's gradient), whatever its trainer.
///
/// Views run in the order they are named, both ways.
public protocol StepView: RoundComponent {
  /// Throws if the model is none that this works on. Asked before anything runs.
  func check(_ network: Network) throws

  /// The batch that the step's gradient is taken at, made of the one that was drawn.
  func view(
    _ batch: Batch<Float>, of network: Network, using generator: inout Generator
  ) throws -> Batch<Float>

  /// Changes the step's gradient, taken at `parameters` and at `batch` as all views left it. Use
  /// another workspace than the client's: running statistics are read from that afterwards.
  func adjust(
    _ gradient: inout Vector, at parameters: Vector, batch: Batch<Float>, of network: Network,
    using generator: inout Generator) throws
}

extension StepView {
  /// Every model will do.
  public func check(_ network: Network) throws {}

  /// The batch as it is.
  public func view(
    _ batch: Batch<Float>, of network: Network, using generator: inout Generator
  ) throws -> Batch<Float> { batch }

  /// The gradient as it is.
  public func adjust(
    _ gradient: inout Vector, at parameters: Vector, batch: Batch<Float>, of network: Network,
    using generator: inout Generator
  ) throws {}
}

/// The null view: steps as they are.
public struct PlainStep: StepView {
  /// Name and meaning.
  public static let card = Card(
    name: "plain-step", summary: "Clients take their training steps as they are.")

  /// No change.
  public init(_ parameters: NoParameters = NoParameters()) {}
}

extension LocalTask {
  /// Mean loss and gradient of one step, through the step views and with the objectives' terms.
  ///
  /// - Parameters:
  ///   - batch: Positions in the client's examples; nil for all of them.
  ///   - noise: The stream of the step's dropout.
  ///   - step: The step, from 0: the views' streams depend on it.
  ///   - generator: The client's training stream; it is forked, not drawn from.
  /// - Throws: `LearningError` or what a view throws.
  public func stepGradient(
    at parameters: Vector, batch: [Int]?, noise: Generator, step: Int, using generator: Generator,
    into gradient: inout Vector
  ) throws -> Double {
    let mode = PassMode.training(noise: noise)
    let loss: Double
    if stepViews.isEmpty {
      loss = try network.lossAndGradient(
        parameters: parameters, examples: examples, batch: batch, mode: mode,
        workspace: workspace, gradient: &gradient)
    } else {
      var streams = stepViews.indices.map {
        generator.fork("step view", indices: [UInt64($0), UInt64(step)])
      }
      var viewed = try examples.batch(batch ?? Array(0..<examples.count))
      for (index, view) in stepViews.enumerated() {
        viewed = try view.view(viewed, of: network, using: &streams[index])
      }
      loss = try network.differentiate(
        parameters: parameters, batch: viewed, mode: mode, workspace: workspace,
        gradient: &gradient)
      for (index, view) in stepViews.enumerated() {
        try view.adjust(
          &gradient, at: parameters, batch: viewed, of: network, using: &streams[index])
      }
    }
    for objective in objectives {
      objective.addGradient(at: parameters, reference: received, to: &gradient)
    }
    return loss
  }
}
