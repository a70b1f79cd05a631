public import Components
public import Federation
internal import Glibc
public import GradientInversion
public import Learning
public import Randomness
public import Tensors

/// Clients prune the representation that the last dense layer sees, in what they send of that
/// layer.
///
///     score_f = sum over the batch of |dr_f/dX| / (|r_f| + 0.1)
///     dL/dW[:, f] = 0 for the ⌊p F⌋ features f of lowest score
///
/// `r` is the layer's input, F wide, for the client's own examples X: features that are large
/// although the input hardly moves them give most away. Only that layer's weight gradient changes,
/// so training goes on almost as before; each step takes F backward passes an example, at the
/// received model's size.
///
/// It protects against attackers who use the whole gradient. One who leaves the defended layer out
/// searches as if there were no defense: the other layers' gradients are those of the true
/// examples. Reproduced by the tests.
///
/// Sources: Sun, Li, Wang, Xu, Ren, Hu, Chen 2021, *Soteria: Provable Defense against Privacy
/// Leakage in Federated Learning from Representation Perspective*, with the 0.1 of its
/// published code; Balunović et al. 2022, *Bayesian Framework for Gradient Leakage*,
/// for the attack.
public struct Soteria: StepView, CounteredDefense {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share of features whose columns become zero.
    public var ratio = 0.5
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "soteria",
    summary: "Clients prune what the last dense layer's gradient says of telling features.",
    formula: "dL/dW[:, f] = 0 for the lowest share p of sum |dr_f/dX| / (|r_f| + 0.1)",
    citation: "Sun et al. 2021",
    parameters: [
      .init("ratio", "share of features whose columns become zero", range: "in (0, 1)")
    ])

  /// Half the features.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  ///
  /// - Throws: `ParameterError` if the share is out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "ratio", parameters.ratio > 0 && parameters.ratio < 1, "must be in (0, 1)",
      got: parameters.ratio)
    try check.finish()
    self.parameters = parameters
  }

  /// Pruning of a share of the features.
  public init(ratio: Double) throws { try self.init(Parameters(ratio: ratio)) }

  /// - Throws: `FederationError.unsuitableModel` unless a dense layer follows others.
  public func check(_ network: Network) throws { _ = try Defended(network) }

  /// Zeroes the chosen columns of the layer's weight gradient. O(B F) backward passes.
  public func adjust(
    _ gradient: inout Vector, at parameters: Vector, batch: Batch<Float>, of network: Network,
    using generator: inout Generator
  ) throws {
    let defended = try Defended(network)
    let scores = try defended.scores(of: batch, at: parameters)
    let pruned = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
      .prefix(Int(self.parameters.ratio * Double(scores.count)))
    var values = gradient.array
    for row in 0..<defended.weight.shape[0] {
      for feature in pruned {
        values[defended.weight.range.lowerBound + row * scores.count + feature] = 0
      }
    }
    gradient = Vector(values)
  }

  /// Leaves the defended layer's weight out; its bias is as it was.
  public func counter(network: Network) throws -> InversionCounter {
    .ignoring(tensors: [try Defended(network).weight.name])
  }

  /// The last dense layer, and the network that makes its input.
  private struct Defended {
    let weight: Segment
    let before: Network

    init(_ network: Network) throws {
      func isDense(_ layer: Layer) -> Bool { if case .dense = layer { true } else { false } }
      guard let place = network.layers.lastIndex(where: isDense),
        network.layers[..<place].contains(where: { $0 != .flatten }),
        let weight = network.layout.segments.last(where: {
          $0.kind == .weight && $0.shape.count == 2
        })
      else {
        throw FederationError.unsuitableModel(
          component: Soteria.card.name,
          problem: "it defends the input of the last dense layer, so a dense layer must follow "
            + "others; with a linear model the representation is the data")
      }
      before = try Network(
        input: network.inputShape, Array(network.layers[..<place]), loss: .meanSquaredError)
      self.weight = weight
    }

    /// The score of each feature. A squared error of 1 at one feature has the gradient
    /// `2 / (rows F) dr_f/dX`.
    func scores(of batch: Batch<Float>, at parameters: Vector) throws -> [Double] {
      let (width, features) = (before.inputs, before.classes)
      let own = Vector(Array(parameters.array.prefix(before.parameterCount)))
      let block = min(features, 32)
      let workspace = Workspace(for: before, batchSize: block)
      var scores = [Double](repeating: 0, count: features)
      for example in 0..<(batch.inputs.count / width) {
        let input = Array(batch.inputs[(example * width)..<((example + 1) * width)])
        let values = try before.predict(
          parameters: own,
          on: LabeledExamples(
            features: input, labels: [0], shape: before.inputShape, classes: features),
          workspace: workspace
        ).logits
        for start in stride(from: 0, to: features, by: block) {
          let rows = min(block, features - start)
          var targets = (0..<rows).flatMap { _ in values }
          for row in 0..<rows { targets[row * features + start + row] -= 1 }
          let copies = Batch(
            inputs: (0..<rows).flatMap { _ in input }, targets: .dense(targets))
          var slopes = [Float](repeating: 0, count: rows * width)
          try before.inputGradient(
            parameters: own, batch: copies, workspace: workspace, into: &slopes)
          for row in 0..<rows {
            let norm = slopes[(row * width)..<((row + 1) * width)]
              .reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            scores[start + row] +=
              norm * Double(rows * features) / 2
              / (Double(abs(values[start + row])) + 0.1)
          }
        }
      }
      return scores
    }
  }
}
