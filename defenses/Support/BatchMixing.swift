internal import Federation
internal import Learning

/// Convex mixtures of a batch's examples, with their labels.
enum BatchMixing {
  /// - Throws: `FederationError.unsuitableModel` unless the loss is the cross-entropy, which takes
  ///   mixed labels, and inputs are numbers rather than tokens.
  static func check(_ network: Network, component: String) throws {
    guard case .crossEntropy = network.loss else {
      throw FederationError.unsuitableModel(
        component: component, problem: "mixed labels need the cross-entropy loss")
    }
    if case .embedding = network.layers.first {
      throw FederationError.unsuitableModel(
        component: component, problem: "tokens cannot be mixed; the first layer is an embedding")
    }
  }

  /// The batch whose row i is the sum of the examples of `weights[i]`, each times its weight.
  static func mixed(
    _ batch: Batch<Float>, weights: [[(row: Int, weight: Float)]], network: Network
  ) -> Batch<Float> {
    let (width, classes) = (network.inputs, network.classes)
    var inputs = [Float](repeating: 0, count: weights.count * width)
    var targets = [Float](repeating: 0, count: weights.count * classes)
    for (row, parts) in weights.enumerated() {
      for part in parts {
        for place in 0..<width {
          inputs[row * width + place] += part.weight * batch.inputs[part.row * width + place]
        }
        switch batch.targets {
        case .labels(let labels):
          targets[row * classes + Int(labels[part.row])] += part.weight
        case .dense(let values):
          for c in 0..<classes {
            targets[row * classes + c] += part.weight * values[part.row * classes + c]
          }
        }
      }
    }
    return Batch(inputs: inputs, targets: .dense(targets))
  }
}
