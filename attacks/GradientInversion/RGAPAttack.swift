public import Components
public import Federation
internal import GradientInversion
internal import Learning
public import Randomness

/// R-GAP: one example's input by linear algebra, layer by layer from the loss back.
///
/// For chains of convolutions with leaky rectifiers and a last dense layer, all without biases,
/// and updates of a single example. Where the equations have several roots the candidates are
/// multiples of each other, and the one that lies in the valid range and fills it counts.
///
/// Source: Zhu, Blaschko 2021, *R-GAP: Recursive Gradient Attack on Privacy*, sections 3.2 to 3.4.
public struct RGAPAttack: InversionObserver {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many of a round's updates are attacked.
    public var updates = 4
    /// In which rounds.
    public var rounds = [InversionTarget.When.initial]
  }

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = Card(
    name: "r-gap",
    summary: "Solves each layer's equations for its input, from the loss back to the image.",
    formula: "least squares on [corr(u, dz) = dL/dW; conv(u, W) = z], layer by layer",
    citation: "Zhu, Blaschko 2021, sections 3.2 to 3.4",
    needs: [.individualUpdates, .batchSize, .inputNormalisation, .trainingParameters],
    control: usualControl.tried(
      in: .init(
        model: "sequential: {layers: [{conv: {outputs: 5, kernel: 3, padding: 1, bias: false}}, "
          + "{leaky-relu: 0.2}, {dense: {outputs: classes, bias: false}}]}")),
    parameters: InversionTarget.cards)

  /// Four updates of the first round.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds).validate(&check)
    try check.finish()
    self.parameters = parameters
  }

  /// The updates that are attacked.
  public var target: InversionTarget {
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds)
  }

  /// The image of an update of one example; of two classes both are tried.
  public func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [InvertedBatch] {
    let problem = try observation.problem(ofRow: row)
    guard problem.knowledge.batchSize == 1, problem.knowledge.training?.steps == 1 else {
      return [
        InvertedBatch(
          row: row, of: observation, images: [],
          failure: "R-GAP needs updates of one step on one example")
      ]
    }
    let network = observation.network
    let gradient = try problem.observed.meanGradient(problem.knowledge.training)
    let label = try RGAP.label(gradient, of: network)
    let labels: [Int32] = label.map { [$0] } ?? [0, 1]
    var found: [(label: Int32, input: [Float])] = []
    for label in labels {
      let roots = try RGAP(
        gradient, parameters: observation.modelBefore, network: network, label: label)
      found += roots.inputs.map { (label, $0) }
    }
    let images = try observation.pixels(found.map { $0.input })
    let best = images.indices.min { Self.precedes(images[$0], images[$1]) }
    return [
      InvertedBatch(
        row: row, of: observation, images: best.map { [images[$0]] } ?? [],
        labels: best.map { [found[$0].label] } ?? [])
    ]
  }

  /// Whether an image is likelier than another: less of it lies outside the range, or as little and
  /// it is the larger one.
  private static func precedes(_ first: [Float], _ second: [Float]) -> Bool {
    func outside(_ image: [Float]) -> Double {
      image.reduce(0) { sum, pixel in
        let way = Double(max(0, max(-pixel, pixel - 1)))
        return sum + way * way
      } / Double(max(1, image.count))
    }
    let (a, b) = (outside(first), outside(second))
    // A thousandth of the range is what rounding leaves.
    guard max(a, b) < 1e-6 else { return a < b }
    return (first.max() ?? 0) > (second.max() ?? 0)
  }
}
