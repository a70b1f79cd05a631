import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// What layers do at the edges: ties, values that are not numbers, large values.
@Suite("Layers at the edges")
struct LayerBehaviorTests {
  /// Windows that take the fast way through 2x2 tiles, the way through tiles, and the general one.
  static let windows = [
    Window(2), Window(3), Window(Extent(height: 1, width: 2)), Window(2, stride: 1),
    Window(3, stride: 2, padding: 1), Window(2, stride: 3), Window(Extent(height: 3, width: 2)),
  ]

  @Test(
    "max-pooling takes the first maximum in scan order, and sends the gradient there",
    arguments: windows, [1, 3, 8, 11])
  func ties(_ window: Window, _ channels: Int) throws {
    try check(window, channels, Double.self)
    try check(window, channels, Float.self)
  }

  private func check<S: BinaryFloatingPoint & Sendable>(
    _ window: Window, _ channels: Int, _: S.Type
  ) throws {
    let (height, width) = (6, 6)
    var generator = testGenerator(UInt64(channels))
    // Three values on 36 places: most windows have a tie.
    let x = (0..<(channels * height * width)).map { _ in S(generator.uniform(below: 3)) - 1 }
    let input = [channels, height, width]
    let places = Self.plainArguments(window, x, channels, height, width)
    let y = try Revealing.values(of: [.maxPool(window)], input: input, at: x)
    #expect(y == places.map { x[$0] })
    let weights = places.indices.map { S(1 + $0 % 13) }
    var expected = x.map { _ in S(0) }
    for (place, weight) in zip(places, weights) { expected[place] += weight }
    #expect(
      try Revealing.pullBack(weights, through: [.maxPool(window)], input: input, at: x) == expected)
  }

  /// Where each window has its first maximum; the rows of the input are channels.
  private static func plainArguments<S: BinaryFloatingPoint>(
    _ window: Window, _ x: [S], _ channels: Int, _ height: Int, _ width: Int
  ) -> [Int] {
    var places: [Int] = []
    let rows = (height + 2 * window.padding.height - window.kernel.height) / window.stride.height
    let columns = (width + 2 * window.padding.width - window.kernel.width) / window.stride.width
    for channel in 0..<channels {
      for row in 0...rows {
        for column in 0...columns {
          var best: Int?
          for i in 0..<window.kernel.height {
            for j in 0..<window.kernel.width {
              let r = row * window.stride.height - window.padding.height + i
              let c = column * window.stride.width - window.padding.width + j
              guard r >= 0, r < height, c >= 0, c < width else { continue }
              let place = (channel * height + r) * width + c
              if best.map({ x[place] > x[$0] }) ?? true { best = place }
            }
          }
          if let best { places.append(best) }
        }
      }
    }
    return places
  }

  @Test("a NaN fills the windows that hold it, and no others", arguments: windows, [1, 9])
  func poolsNaN(_ window: Window, _ channels: Int) throws {
    let (height, width) = (6, 6)
    for place in [0, 7, 21, 35] {
      var x = (0..<(channels * height * width)).map { Float($0 % 5) }
      var marks = x.map { _ in Float(0) }
      let index = (channels - 1) * height * width + place
      x[index] = .nan
      marks[index] = 1
      let input = [channels, height, width]
      let network = try Network(input: input, [.maxPool(window)])
      let y = try network.predict(
        parameters: Vector(zeros: 0),
        on: LabeledExamples(features: x + marks, labels: [0, 0], shape: input, classes: 1),
        workspace: Workspace(for: network)
      ).logits
      #expect(
        y.prefix(network.classes).map(\.isNaN) == y.suffix(network.classes).map { $0 == 1 })
    }
  }

  @Test(
    "a NaN in one example reaches its loss and leaves the other examples alone",
    arguments: LayerReferenceCase.all.filter { $0.inputs != nil })
  func propagatesNaN(_ reference: LayerReferenceCase) throws {
    let network = try reference.network()
    let workspace = Workspace(for: network, batchSize: reference.rows)
    var batch = reference.batch(Float.self)
    let parameters = Vector(reference.flatParameters.map { Float($0) })
    let labels = [Int32](repeating: 0, count: reference.rows)
    func losses() throws -> [Double] {
      let examples = try LabeledExamples(
        features: batch.inputs, labels: labels, shape: network.inputShape, classes: network.classes)
      return try network.predict(parameters: parameters, on: examples, workspace: workspace).losses
    }
    let clean = try losses()
    batch.inputs[0] = .nan
    let marked = try losses()
    #expect(marked[0].isNaN && clean[0].isFinite)
    #expect(marked.dropFirst() == clean.dropFirst())
    // In training the whole batch may show it.
    var gradient = batch.inputs
    let loss = try network.inputGradient(
      parameters: parameters, batch: batch, mode: reference.mode, workspace: workspace,
      into: &gradient)
    #expect(loss.isNaN)
  }

  @Test("a token number outside the vocabulary counts as the nearest one inside")
  func clampsTokens() throws {
    let tokens: [Float] = [0, 2, -1, 3, 1e30, -1e30, .infinity, -.infinity, .nan, 1.9, 2.5]
    let places = [0, 2, 0, 2, 2, 0, 2, 0, 0, 1, 2]
    let network = try Network(
      input: [tokens.count], [.embedding(vocabulary: 3, dimension: 2), .flatten])
    let examples = try LabeledExamples(
      features: tokens, labels: [0], shape: [tokens.count], classes: 2)
    let table: [Float] = [10, 11, 20, 21, 30, 31]
    let logits = try network.predict(
      parameters: Vector(table), on: examples, workspace: Workspace(for: network)
    ).logits
    // Channel by channel.
    #expect(logits == places.map { table[2 * $0] } + places.map { table[2 * $0 + 1] })
  }

  /// Functions with their limits: what they are at -t and t for large t, as multiples of 1 and t.
  static let limits: [(ActivationFunction, low: Double, high: Double, grows: Bool)] = [
    (.relu, 0, 1, true), (.elu(alpha: 0.5), -0.5, 1, true), (.sigmoid, 0, 1, false),
    (.tanh, -1, 1, false), (.softplus(), 0, 1, true), (.softplus(beta: 4), 0, 1, true),
    (.gelu, 0, 1, true), (.silu, 0, 1, true),
  ]

  @Test("activations of large values are their limits, with finite derivatives", arguments: limits)
  func largeValues(_ function: ActivationFunction, low: Double, high: Double, grows: Bool) throws {
    func check<S: BinaryFloatingPoint & Sendable>(_ sizes: [S]) throws {
      for t in sizes {
        let y = try Revealing.values(of: [.activation(function)], input: [2], at: [-t, t])
        #expect(y == [S(low), grows ? S(high) * t : S(high)], "\(function) at \(t)")
        let (first, second) = try Revealing.derivatives(of: function, at: [-t, t])
        #expect(first == [0, grows ? S(high) : 0], "\(function): slope at \(t)")
        #expect(second == [0, 0], "\(function): curvature at \(t)")
      }
    }
    try check([Float(1e4), 1e15, 1e30])
    try check([1e4, 1e30, 1e200])
  }

  @Test("losses of logits of 1e4 are finite and have their closed form")
  func largeLogits() throws {
    func run<S: BinaryFloatingPoint & Sendable>(
      _ loss: Loss, _ z: [S], _ targets: Batch<S>.Targets,
      _ differentiate: (
        Network, Batch<S>
      ) throws -> (Double, [S])
    ) throws -> (Double, [S]) {
      let network = try Network(input: [z.count], [.flatten], loss: loss)
      return try differentiate(network, Batch(inputs: z, targets: targets))
    }
    func double(_ network: Network, _ batch: Batch<Double>) throws -> (Double, [Double]) {
      var gradient = batch.inputs
      let loss = try network.inputGradient(
        parameters: [], batch: batch, workspace: Workspace(for: network), into: &gradient)
      return (loss, gradient)
    }
    func single(_ network: Network, _ batch: Batch<Float>) throws -> (Double, [Float]) {
      var gradient = batch.inputs
      let loss = try network.inputGradient(
        parameters: Vector(zeros: 0), batch: batch, workspace: Workspace(for: network),
        into: &gradient)
      return (loss, gradient)
    }
    let z = [1e4, -1e4, 0]
    let floats = z.map { Float($0) }
    // log sum exp is 1e4, so a class costs 1e4 - z.
    for (label, value) in [(Int32(0), 0.0), (1, 2e4), (2, 1e4)] {
      var slope = [1.0, 0, 0]
      slope[Int(label)] -= 1
      let wide = try run(.crossEntropy(), z, .labels([label]), double)
      #expect(wide.0 == value && wide.1 == slope)
      let narrow = try run(.crossEntropy(), floats, .labels([label]), single)
      #expect(narrow.0 == value && narrow.1 == slope.map { Float($0) })
    }
    // 1/2 of 0, 1/4 of 2e4, 1/4 of 1e4.
    let soft = try run(.crossEntropy(), z, .dense([0.5, 0.25, 0.25]), double)
    #expect(soft.0 == 7500 && soft.1 == [0.5, -0.25, -0.25])
    let smooth = try run(.crossEntropy(labelSmoothing: 0.75), floats, .labels([1]), single)
    #expect(smooth.0 == 0.5 * 2e4 + 0.25 * 1e4 && smooth.1 == [0.75, -0.5, -0.25])
    // log(1 + e^z) - t z: 1e4 (1 - t) at 1e4, 1e4 t at -1e4, log 2 at 0; the mean of three.
    let binary = try run(.binaryCrossEntropy, z, .dense([0, 1, 0]), double)
    #expect(abs(binary.0 - (2e4 + 0.6931471805599453) / 3) < 1e-11)
    #expect(zip(binary.1, [1.0, -1, 0.5]).allSatisfy { abs($0 - $1 / 3) < 1e-16 })
    let right = try run(.binaryCrossEntropy, floats, .dense([1, 0, 0.5]), single)
    #expect(abs(right.0 - 0.6931471805599453 / 3) < 1e-7)
    #expect(right.1 == [0, 0, 0])
  }
}
