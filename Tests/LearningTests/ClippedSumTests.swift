import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// The judge forms one example's gradient at a time and scales it by the formula of the rule.
@Suite("Sums of clipped gradients under every rule")
struct ClippedSumTests {
  static let cases = LayerReferenceCase.all.filter { $0.squaredNorms != nil }

  private static func scaled(
    _ gradient: [Double], _ clip: ExampleClip, layers: [Range<Int>]
  ) -> [Double] {
    func norm(_ range: Range<Int>) -> Double {
      gradient[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let whole = norm(gradient.indices)
    var scaled = gradient
    for (layer, range) in layers.enumerated() {
      let factor: Double =
        switch clip {
        case .flat(let limit): min(1, limit / whole)
        case .perLayer(let limits): min(1, limits[layer] / norm(range))
        case .automatic(let limit, let stability): limit / (whole + stability)
        }
      for place in range { scaled[place] *= factor }
    }
    return scaled
  }

  @Test("every layer, every rule, to 1e-10 in double precision", arguments: cases)
  func everyLayer(_ reference: LayerReferenceCase) throws {
    let network = try reference.network()
    let workspace = Workspace(for: network, batchSize: reference.rows)
    let examples = try reference.examples(for: network)
    let parameters = reference.flatParameters
    let layers = network.parameterLayers.map(\.range)
    #expect(layers.reduce(0) { $0 + $1.count } == network.parameterCount)
    var limits: [Double] = []
    for layer in layers.indices { limits.append(0.1 + 0.05 * Double(layer)) }
    for clip in [
      ExampleClip.flat(0.2), .perLayer(limits), .automatic(0.7, stability: 0.01),
    ] {
      var wanted = [Double](repeating: 0, count: network.parameterCount)
      for row in 0..<reference.rows {
        var one = wanted
        _ = try network.lossAndGradient(
          parameters: parameters, examples: examples, batch: [row], workspace: workspace,
          gradient: &one)
        for (place, value) in Self.scaled(one, clip, layers: layers).enumerated()
        where value.isFinite { wanted[place] += value }
      }
      var sum = [Double](repeating: .nan, count: network.parameterCount)
      let result = try network.clippedGradientSum(
        parameters: parameters, examples: examples, batch: Array(0..<reference.rows), clip: clip,
        workspace: workspace, gradient: &sum)
      #expect(result.excluded.isEmpty)
      #expect(largestDifference(sum, wanted) < 1e-10)
    }
  }

  @Test("a row that is not finite adds nothing and changes nothing else, wherever it stands")
  func nonFinite() throws {
    let network = try Network(
      input: [1, 6, 6],
      [
        .convolution(Convolution(outputs: 3, kernel: 3)), .activation(.tanh), .flatten,
        .dense(outputs: 4), .relu, .dense(outputs: 2),
      ])
    var generator = testGenerator()
    let parameters = network.initialParameters(using: &generator)
    let good = (0..<4 * 36).map { _ in Float(generator.normal()) }
    let workspace = Workspace(for: network, batchSize: 8)
    func sum(_ features: [Float], rows: Int) throws -> (Vector, ClippedBatch) {
      let examples = try LabeledExamples(
        features: features, labels: (0..<rows).map { Int32($0 % 2) }, shape: [1, 6, 6],
        classes: 2)
      var sum = Vector([Float](repeating: .nan, count: network.parameterCount))
      let result = try network.clippedGradientSum(
        parameters: parameters, examples: examples, batch: Array(0..<rows), clip: .flat(0.3),
        workspace: workspace, gradient: &sum)
      return (sum, result)
    }
    let (wanted, plain) = try sum(good, rows: 4)
    #expect(plain.excluded.isEmpty)
    for bad in [Float.nan, .infinity, -.infinity] {
      for place in [0, 17, 35] {
        var features = good
        var row = [Float](repeating: 0.5, count: 36)
        row[place] = bad
        features.insert(contentsOf: row + row, at: 2 * 36)
        let (got, result) = try sum(features, rows: 6)
        #expect(result.excluded == [2, 3])
        #expect(result.norms.map(\.isFinite) == [true, true, false, false, true, true])
        #expect(got.array == wanted.array)
      }
    }
    let (none, all) = try sum([Float](repeating: .nan, count: 72), rows: 2)
    #expect(all.excluded == [0, 1] && none.array.allSatisfy { $0 == 0 })
  }

  @Test("norms of no use are refused by name")
  func refuses() throws {
    let network = try Network(input: [2], [.dense(outputs: 3), .relu, .dense(outputs: 2)])
    let examples = try LabeledExamples(features: [1, 2], labels: [0], shape: [2], classes: 2)
    var gradient = Vector(zeros: network.parameterCount)
    for clip in [
      ExampleClip.flat(0), .flat(.nan), .flat(.infinity), .perLayer([1]), .perLayer([1, -1]),
      .automatic(1, stability: 0),
    ] {
      #expect(throws: LearningError.self) {
        try network.clippedGradientSum(
          parameters: Vector(zeros: network.parameterCount), examples: examples, batch: [0],
          clip: clip, workspace: Workspace(for: network), gradient: &gradient)
      }
    }
    #expect(network.parameterLayers.map(\.name) == ["fc1", "fc2"])
    #expect(isClose(ExampleClip.perLayer([3, 4]).sensitivity, 5, tolerance: 1e-15))
  }
}
