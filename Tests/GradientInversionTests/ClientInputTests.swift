import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("What clients do to their examples")
struct ClientInputTests {
  private func map(_ texts: [String], _ shape: [Int]) throws -> ImageMap {
    ImageMap(try texts.map { try ImageTransformation($0) }, shape: try ImageShape(shape))
  }

  @Test("whole pixels, quarter turns, mirrors and contrasts by hand")
  func examples() throws {
    let image: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    let square = [1, 3, 3]
    #expect(
      try map(["translate-x \(1.0 / 3)"], square).apply(image).map { $0.rounded() }
        == [0, 1, 2, 0, 4, 5, 0, 7, 8])
    #expect(
      try map(["translate-y \(-1.0 / 3)"], square).apply(image).map { $0.rounded() }
        == [4, 5, 6, 7, 8, 9, 0, 0, 0])
    #expect(try map(["flip 1"], square).apply(image) == [3, 2, 1, 6, 5, 4, 9, 8, 7])
    let turned = try map(["rotate 90"], square).apply(image).map { $0.rounded() }
    #expect(turned == [3, 6, 9, 2, 5, 8, 1, 4, 7])
    #expect(
      try map(["contrast 2"], square).apply(image) == [-3, -1, 1, 3, 5, 7, 9, 11, 13])
    // A shear by 1 moves the top row one to the left and the bottom row one to the right.
    #expect(try map(["shear-x 1"], square).apply(image) == [2, 3, 0, 4, 5, 6, 0, 7, 8])
    #expect(try map(["shear-y 1"], square).apply(image) == [4, 2, 0, 7, 5, 3, 0, 8, 6])
  }

  @Test("an interior image turned and turned back is itself, in two colours")
  func reversed() throws {
    var image = [Float](repeating: 0, count: 2 * 9 * 9)
    for channel in 0..<2 {
      for y in 3..<6 { for x in 3..<6 { image[81 * channel + 9 * y + x] = Float(channel + 1) } }
    }
    for text in ["rotate 180", "flip 1", "translate-y 0.3333333333333333", "contrast 1.5"] {
      let there = try ImageTransformation(text)
      let back = try there.reversed
      let both = ImageMap([there, back], shape: try ImageShape([2, 9, 9])).apply(image)
      for (value, expected) in zip(both, image) { #expect(abs(value - expected) < 1e-4, "\(text)") }
    }
  }

  @Test("transformations that cannot be are refused")
  func wrong() {
    for text in ["", "rotate", "turn 3", "rotate x", "rotate inf", "contrast 0", "flip 1 2"] {
      #expect(throws: InversionError.self, "\(text)") { try ImageTransformation(text) }
    }
  }

  private func probe(
    _ small: SmallProblem, _ inputs: AttackSettings.ClientInputs,
    labels: AttackSettings.LabelSource = .known
  ) throws -> ObjectiveProbe {
    var settings = AttackSettings(
      objective: MatchingObjective(.squared()), search: .adam(rate: 0.1), steps: 1)
    settings.clientInputs = inputs
    settings.labels = labels
    return try ObjectiveProbe(
      small.problem(
        AttackerKnowledge(batchSize: small.labels.count, labels: .known(small.labels))), settings)
  }

  @Test("derivatives through transformations and mixtures are finite differences")
  func differences() throws {
    let small = try SmallProblem(rows: 3, name: "client inputs")
    let list = try ["rotate 20", "contrast 1.4", "shear-x 0.2"].map { try ImageTransformation($0) }
    let flip = [try ImageTransformation("flip 1")]
    let count = small.inputs.count
    for (inputs, variables) in [
      (AttackSettings.ClientInputs.transformed([list]), count),
      (.transformed([list, flip, []]), count), (.mixed, count + 9),
    ] {
      let probe = try probe(small, inputs)
      #expect(probe.variableCount == variables)
      var generator = testGenerator()
      let point = (0..<variables).map { _ in generator.normal() }
      let gradient = try probe.evaluate(point).gradient
      for _ in 0..<4 {
        let direction = point.map { _ in generator.normal() }
        let h = 1e-5
        let up = try probe.evaluate(zip(point, direction).map { $0 + h * $1 }).value
        let down = try probe.evaluate(zip(point, direction).map { $0 - h * $1 }).value
        let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(relativeError((up - down) / (2 * h), slope) < 1e-6, "\(inputs)")
      }
    }
  }

  @Test("at the client's own examples and weights the distance of its mixture is zero")
  func truth() throws {
    let small = try SmallProblem(rows: 2, name: "client inputs")
    let width = small.inputs.count / 2
    let (a, b) = (0.7, 0.3)
    let mixed = (0..<small.inputs.count).map { index -> Double in
      let other = (index + width) % small.inputs.count
      return a * small.inputs[index] + b * small.inputs[other]
    }
    let gradient = try SmallProblem.gradient(
      small.network, small.parameters,
      Batch(inputs: mixed, targets: .dense([a, b, 0, 0, b, a, 0, 0])))
    let problem = try InversionProblem(
      network: small.network, parameters: small.parameters,
      observed: ObservedUpdate(gradient, unit: .gradient),
      knowledge: AttackerKnowledge(batchSize: 2, labels: .known(small.labels)))
    var settings = AttackSettings(
      objective: MatchingObjective(.squared()), search: .adam(rate: 0.1), steps: 1)
    settings.clientInputs = .mixed
    let probe = try ObjectiveProbe(problem, settings)
    // The logits of weights 0.7 and 0.3 differ by log(7 / 3).
    let point = small.inputs + [0.8472978603872036, 0, 0, 0.8472978603872036]
    #expect(try probe.evaluate(point).value < 1e-12)
    #expect(probe.inputs(point).map { Double($0) } == small.inputs.map { Double(Float($0)) })
    settings.clientInputs = .asTheyAre
    #expect(try ObjectiveProbe(problem, settings).evaluate(small.inputs).value > 1e-6)
  }

  @Test("lists that do not fit the batch, joint labels and several steps are refused")
  func refusals() throws {
    let small = try SmallProblem(rows: 3, name: "client inputs")
    let flip = [try ImageTransformation("flip 1")]
    #expect(throws: InversionError.self) { try probe(small, .transformed([flip, flip])) }
    #expect(throws: InversionError.self) { try probe(small, .mixed, labels: .joint) }
    var settings = AttackSettings(
      objective: MatchingObjective(.squared()), search: .adam(rate: 0.1), steps: 1)
    settings.clientInputs = .transformed([flip])
    settings.flow = .unroll
    let problem = try small.problem(
      AttackerKnowledge(
        batchSize: 3, labels: .known(small.labels),
        training: LocalTraining(rate: 0.1, batchSizes: [3])))
    #expect(throws: InversionError.self) { try ObjectiveProbe(problem, settings) }
  }
}
