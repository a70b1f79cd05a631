internal import Learning

extension AttackSettings {
  /// What the attacker believes clients do to their examples before they train on them.
  public enum ClientInputs: Sendable, Hashable {
    /// Nothing.
    case asTheyAre
    /// Each example goes through these transformations, one list for each example of the batch, or
    /// one for all: the search is for the example before.
    case transformed([[ImageTransformation]])
    /// Each training example is a convex mixture of the batch's, its label mixed alike. The search
    /// is for the examples before and for the weights, the softmax of free logits.
    case mixed
  }
}

/// How sought examples become the batch that the client trained on, with the derivative of that.
enum InputForward<S: AttackPrecision>: Sendable {
  case identity
  case maps([ImageMap])
  case mixture(labels: [Int32], classes: Int)

  /// - Throws: `InversionError` if inputs are no images, or a mixture has no labels.
  init(
    _ inputs: AttackSettings.ClientInputs, network: Network, rows: Int, labels: [Int32]?,
    flow: AttackSettings.DataFlow
  ) throws(InversionError) {
    guard inputs == .asTheyAre || flow == .gradient else {
      throw .invalid(
        what: "what clients do to their examples", got: "an attack on several steps",
        requirement: "needs a single gradient")
    }
    switch inputs {
    case .asTheyAre: self = .identity
    case .transformed(let lists):
      guard lists.count == rows || lists.count == 1 else {
        throw .sizeMismatch(
          what: "lists of transformations", got: lists.count,
          expected: "1, or \(rows), the batch size")
      }
      let shape = try ImageShape(network.inputShape)
      self = .maps(
        (0..<rows).map { ImageMap(lists.count == 1 ? lists[0] : lists[$0], shape: shape) })
    case .mixed:
      guard let labels else {
        throw .invalid(
          what: "the labels of an attack on mixtures", got: "joint",
          requirement: "must be known or recovered")
      }
      guard case .crossEntropy = network.loss else {
        throw .unsuitableModel(
          method: "an attack on mixtures", reason: "its loss is not the cross-entropy")
      }
      self = .mixture(labels: labels, classes: network.classes)
    }
  }

  var isIdentity: Bool { if case .identity = self { true } else { false } }

  /// Free variables beside the inputs.
  func variables(rows: Int) -> Int { if case .mixture = self { rows * rows } else { 0 } }

  /// The batch of `plain` examples; `targets` is filled for mixtures.
  func apply(
    _ plain: [S], weights logits: UnsafePointer<S>, rows: Int, into inputs: inout [S],
    targets: inout [S], weights: inout [S]
  ) {
    let width = plain.count / rows
    switch self {
    case .identity: inputs = plain
    case .maps(let maps):
      for row in 0..<rows {
        var image = Array(plain[(row * width)..<((row + 1) * width)])
        maps[row].apply(&image, adjoint: false)
        inputs.replaceSubrange((row * width)..<((row + 1) * width), with: image)
      }
    case .mixture(let labels, let classes):
      for index in inputs.indices { inputs[index] = 0 }
      for index in targets.indices { targets[index] = 0 }
      weights.withUnsafeMutableBufferPointer { weights in
        guard let m = weights.baseAddress else { return }
        for row in 0..<rows {
          Parametrisation<S>.softmax(logits + row * rows, into: m + row * rows, count: rows)
        }
      }
      for row in 0..<rows {
        for source in 0..<rows {
          let weight = weights[row * rows + source]
          targets[row * classes + Int(labels[source])] += weight
          for place in 0..<width {
            inputs[row * width + place] += weight * plain[source * width + place]
          }
        }
      }
    }
  }

  /// Turns `out`, the derivative by the batch's inputs, into that by the plain examples, and fills
  /// that by the mixture's logits; `byTargets` is the derivative by the mixed labels.
  func pullBack(
    _ out: UnsafeMutablePointer<S>, plain: [S], rows: Int, byTargets: [S], weights: [S],
    logits: UnsafeMutablePointer<S>
  ) {
    let width = plain.count / rows
    switch self {
    case .identity: return
    case .maps(let maps):
      for row in 0..<rows {
        var image = (0..<width).map { out[row * width + $0] }
        maps[row].apply(&image, adjoint: true)
        for place in 0..<width { out[row * width + place] = image[place] }
      }
    case .mixture(let labels, let classes):
      var result = [S](repeating: 0, count: plain.count)
      for row in 0..<rows {
        for source in 0..<rows {
          let weight = weights[row * rows + source]
          var along = byTargets[row * classes + Int(labels[source])]
          for place in 0..<width {
            let slope = out[row * width + place]
            along += slope * plain[source * width + place]
            result[source * width + place] += weight * slope
          }
          logits[row * rows + source] = along
        }
      }
      for index in result.indices { out[index] = result[index] }
      weights.withUnsafeBufferPointer { weights in
        guard let m = weights.baseAddress else { return }
        for row in 0..<rows {
          Parametrisation<S>.softmaxPullBack(
            logits + row * rows, probabilities: m + row * rows, count: rows)
        }
      }
    }
  }
}
