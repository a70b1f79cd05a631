package import Tensors

/// Adds the gradient of a function of activations while the tangents of gradients run backward: the
/// cheap way to give a gradient-matching attack a prior on what happens inside the network, since the
/// tangent-backward pass is affine in what comes in, with the ordinary backward pass as linear part.
///
/// Called with a step's number, the activation it reads, and the gradient by that, to add to.
package typealias ActivationPull<Value> = (
  _ step: Int, _ activation: UnsafePointer<Value>, _ gradient: UnsafeMutablePointer<Value>
) -> Void

/// A step at which a prior may pull.
package struct PullSite: Sendable, Hashable {
  /// The number that the pull is called with.
  package let step: Int
  /// Values of one channel of one example; 1 for a dense layer.
  package let positions: Int
  /// Channels, which lie together at each position.
  package let channels: Int
  /// Where running mean and variance lie in the parameters; empty for a dense layer.
  package let statistics: Range<Int>
  /// How far a training step moves them towards the batch's; 0 for a dense layer.
  package let momentum: Double
}

extension Network {
  /// The inputs of the batch norms, first to last.
  package var batchNormSites: [PullSite] {
    steps.indices.compactMap { index in
      guard case .run(let run) = steps[index], case .batchNorm(let norm) = run.operation else {
        return nil
      }
      let end = run.offset + norm.parameterCount
      return PullSite(
        step: index, positions: norm.positions, channels: norm.channels,
        statistics: (end - 2 * norm.channels)..<end, momentum: norm.momentum)
    }
  }

  /// The input of the last layer, if that is dense.
  package var headSite: PullSite? {
    guard let last = steps.indices.last, case .run(let run) = steps[last],
      case .dense(let dense) = run.operation
    else { return nil }
    return PullSite(
      step: last, positions: 1, channels: dense.inputs, statistics: 0..<0, momentum: 0)
  }

  /// Products by the inputs, with a pull on activations.
  package func products(
    along direction: Vector, parameters: Vector, workspace: Workspace,
    into products: inout LossProducts<Float>, pull: ActivationPull<Float>?
  ) throws(LearningError) {
    try check(products, direction.count, parameters.count, nil, workspace, workspace.float)
    direction.withUnsafeBufferPointer { direction in
      parameters.withUnsafeBufferPointer { parameters in
        self.products(direction, parameters, workspace.float, &products, pull: pull)
      }
    }
  }

  /// Products by the inputs, with a pull on activations, in double precision.
  package func products(
    along direction: [Double], parameters: [Double], workspace: Workspace,
    into products: inout LossProducts<Double>, pull: ActivationPull<Double>?
  ) throws(LearningError) {
    try check(products, direction.count, parameters.count, nil, workspace, workspace.double)
    direction.withUnsafeBufferPointer { direction in
      parameters.withUnsafeBufferPointer { parameters in
        self.products(direction, parameters, workspace.double, &products, pull: pull)
      }
    }
  }
}
