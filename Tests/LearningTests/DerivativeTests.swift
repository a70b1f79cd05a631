import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// The laws of first and second derivatives, on small networks that together hold every layer.
@Suite("Derivatives of networks")
struct DerivativeTests {
  /// A network, whether finite differences work on it (no kinks), and whether it trains.
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let network: Network
    var rows = 3
    var isSmooth = true
    var isTraining = false
    var hasTokens = false
    var testDescription: String { name }

    init(
      _ name: String, _ input: [Int], _ layers: [Layer], loss: Loss = .crossEntropy(),
      isSmooth: Bool = true, isTraining: Bool = false, hasTokens: Bool = false
    ) {
      self.name = name
      self.isSmooth = isSmooth
      self.isTraining = isTraining
      self.hasTokens = hasTokens
      do {
        network = try Network(input: input, layers, loss: loss)
      } catch {
        preconditionFailure("\(name): \(error)")
      }
    }

    var mode: PassMode {
      isTraining ? .training(noise: Generator(seed: 5)) : .evaluation
    }

    /// Parameters away from the symmetric start, running variances positive.
    func parameters(_ generator: inout Generator) -> [Double] {
      var values = (0..<network.parameterCount).map { _ in 0.4 * generator.normal() }
      for segment in network.layout.segments where segment.kind == .statistics {
        for index in segment.range { values[index] = 0.5 + generator.uniform() }
      }
      return values
    }

    func batch(_ generator: inout Generator) -> Batch<Double> {
      let count = rows * network.inputs
      let inputs = (0..<count).map { _ in
        hasTokens ? Double(generator.uniform(below: 7)) : generator.normal()
      }
      let labels = (0..<rows).map { _ in Int32(generator.uniform(below: network.classes)) }
      return Batch(inputs: inputs, labels: labels)
    }
  }

  static let conv = Layer.convolution(Convolution(outputs: 4, kernel: 3, padding: 1))
  static let samples: [Sample] = [
    Sample("mlp, tanh", [5], [.dense(outputs: 7), .activation(.tanh), .dense(outputs: 3)]),
    Sample(
      "mlp, relu, no bias", [5], [.dense(outputs: 7, bias: false), .relu, .dense(outputs: 3)],
      isSmooth: false),
    Sample(
      "conv, sigmoid, strides", [2, 7, 6],
      [
        .convolution(Convolution(outputs: 4, kernel: 3, stride: 2, padding: 1)),
        .activation(.sigmoid), .convolution(Convolution(outputs: 6, kernel: 2, groups: 2)),
        .activation(.gelu), .flatten, .dense(outputs: 3),
      ]),
    Sample(
      "conv, relu, pools", [1, 9, 9],
      [
        .convolution(Convolution(outputs: 9, kernel: 3)), .relu, .maxPool(Window(2)), .conv(5),
        .activation(.leakyReLU(slope: 0.1)), .averagePool(Window(2, stride: 1, padding: 1)),
        .dense(outputs: 4),
      ], isSmooth: false),
    Sample(
      "group norm, silu", [3, 5, 5],
      [conv, .groupNorm(groups: 2), .activation(.silu), .globalAveragePool, .dense(outputs: 3)]),
    Sample(
      "instance norm, softplus", [2, 4, 4],
      [conv, .instanceNorm(), .activation(.softplus(beta: 2)), .dense(outputs: 3)]),
    Sample(
      "layer norm, elu", [2, 3, 3],
      [conv, .layerNorm(), .activation(.elu(alpha: 0.7)), .dense(outputs: 3)], isSmooth: false),
    Sample(
      "batch norm, training", [2, 4, 4],
      [conv, .batchNorm(), .activation(.tanh), .averagePool(Window(2)), .dense(outputs: 3)],
      isTraining: true),
    Sample(
      "batch norm, evaluation", [2, 4, 4],
      [conv, .batchNorm(), .activation(.tanh), .dense(outputs: 3), .batchNorm()]),
    Sample(
      "residual, identity and projection", [4, 6, 6],
      [
        .residual(body: [conv, .activation(.tanh), conv]),
        .residual(
          body: [
            .convolution(Convolution(outputs: 6, kernel: 3, stride: 2, padding: 1)),
            .groupNorm(groups: 3),
          ], shortcut: [.convolution(Convolution(outputs: 6, kernel: 1, stride: 2, bias: false))]),
        .activation(.sigmoid), .globalAveragePool, .dense(outputs: 3),
      ]),
    Sample(
      "residual of the input, nested", [2, 4, 4],
      [
        .residual(body: [
          .residual(body: [.activation(.tanh)], shortcut: [.activation(.sigmoid)]),
          .convolution(Convolution(outputs: 2, kernel: 3, padding: 1)),
        ]),
        .dense(outputs: 3),
      ]),
    Sample(
      "dropout, training", [6],
      [.dense(outputs: 12), .dropout(0.4), .activation(.tanh), .dense(outputs: 3)],
      isTraining: true),
    Sample(
      "variational bottleneck, training", [6],
      [
        .dense(outputs: 5), .activation(.tanh), .variationalBottleneck(features: 4, penalty: 0.3),
        .dense(outputs: 3),
      ], isTraining: true),
    Sample(
      "variational bottleneck of an image, evaluation", [2, 3, 3],
      [conv, .variationalBottleneck(features: 3, penalty: 0.1), .dense(outputs: 3)]),
    Sample(
      "embedding", [5],
      [.embedding(vocabulary: 7, dimension: 4), .globalAveragePool, .dense(outputs: 3)],
      hasTokens: true),
    Sample(
      "squared error", [5], [.dense(outputs: 6), .activation(.tanh), .dense(outputs: 3)],
      loss: .meanSquaredError),
    Sample(
      "binary cross-entropy", [5], [.dense(outputs: 6), .activation(.tanh), .dense(outputs: 3)],
      loss: .binaryCrossEntropy),
    Sample(
      "label smoothing", [5], [.dense(outputs: 6), .activation(.tanh), .dense(outputs: 3)],
      loss: .crossEntropy(labelSmoothing: 0.2)),
  ]

  /// Everything a law needs at one point.
  struct Point {
    let sample: Sample
    let network: Network
    let workspace: Workspace
    let parameters: [Double]
    let batch: Batch<Double>
    var generator: Generator

    init(_ sample: Sample) {
      self.sample = sample
      network = sample.network
      workspace = Workspace(for: sample.network, batchSize: sample.rows)
      var generator = testGenerator()
      parameters = sample.parameters(&generator)
      batch = sample.batch(&generator)
      self.generator = generator
    }

    mutating func direction() -> [Double] {
      var v = (0..<network.parameterCount).map { _ in generator.normal() }
      for segment in network.layout.segments where segment.kind == .statistics {
        for index in segment.range { v[index] = 0 }
      }
      return v
    }

    mutating func inputDirection() -> [Double] { batch.inputs.map { _ in generator.normal() } }

    func gradient(
      at parameters: [Double]? = nil, inputs: [Double]? = nil
    ) throws -> (loss: Double, gradient: [Double]) {
      var gradient = [Double](repeating: .nan, count: network.parameterCount)
      let loss = try network.differentiate(
        parameters: parameters ?? self.parameters,
        batch: Batch(inputs: inputs ?? batch.inputs, targets: batch.targets), mode: sample.mode,
        workspace: workspace, gradient: &gradient)
      return (loss, gradient)
    }

    func products(
      along v: [Double], inputDirection: [Double]? = nil
    ) throws -> LossProducts<Double> {
      _ = try gradient()
      var products = LossProducts<Double>(
        for: network, rows: sample.rows, parameters: true, inputs: true)
      try network.products(
        along: v, parameters: parameters, inputDirection: inputDirection, workspace: workspace,
        into: &products)
      return products
    }
  }

  @Test("the gradient is what central differences of the loss say", arguments: samples)
  func gradients(_ sample: Sample) throws {
    guard sample.isSmooth else { return }
    var point = Point(sample)
    let (_, gradient) = try point.gradient()
    let u = point.direction()
    let h = 1e-5
    let plus = try point.gradient(at: moved(point.parameters, along: u, by: h)).loss
    let minus = try point.gradient(at: moved(point.parameters, along: u, by: -h)).loss
    #expect(isClose(dot(gradient, u), (plus - minus) / (2 * h), relative: 1e-7))
  }

  @Test("the gradient by the inputs is what central differences say", arguments: samples)
  func inputGradients(_ sample: Sample) throws {
    guard sample.isSmooth, !sample.hasTokens else { return }
    var point = Point(sample)
    var inputs = [Double](repeating: .nan, count: point.batch.inputs.count)
    try point.network.inputGradient(
      parameters: point.parameters, batch: point.batch, mode: sample.mode,
      workspace: point.workspace, into: &inputs)
    let u = point.inputDirection()
    let h = 1e-5
    let plus = try point.gradient(inputs: moved(point.batch.inputs, along: u, by: h)).loss
    let minus = try point.gradient(inputs: moved(point.batch.inputs, along: u, by: -h)).loss
    #expect(isClose(dot(inputs, u), (plus - minus) / (2 * h), relative: 1e-7))
  }

  @Test("second derivatives commute: <d/dx <g, v>, u> = <d/du g, v>", arguments: samples)
  func adjoint(_ sample: Sample) throws {
    guard !sample.hasTokens else { return }
    var point = Point(sample)
    let v = point.direction()
    let u = point.inputDirection()
    let mixed = try point.products(along: v).inputs
    let zero = [Double](repeating: 0, count: v.count)
    let moved = try point.products(along: zero, inputDirection: u).parameters
    #expect(isClose(dot(mixed, u), dot(moved, v), relative: 1e-12))
  }

  @Test("the Hessian is symmetric and its products linear", arguments: samples)
  func symmetric(_ sample: Sample) throws {
    var point = Point(sample)
    let (v, u) = (point.direction(), point.direction())
    let (hv, hu) = (try point.products(along: v), try point.products(along: u))
    #expect(isClose(dot(hv.parameters, u), dot(hu.parameters, v), relative: 1e-12))
    let sum = try point.products(along: zip(v, u).map { 2 * $0 - 3 * $1 })
    for (got, want) in zip(
      sum.parameters + sum.inputs,
      zip(hv.parameters + hv.inputs, hu.parameters + hu.inputs).map { 2 * $0 - 3 * $1 })
    {
      #expect(isClose(got, want, relative: 1e-10, absolute: 1e-12))
    }
  }

  @Test("products are what central differences of the gradients say", arguments: samples)
  func products(_ sample: Sample) throws {
    guard sample.isSmooth else { return }
    var point = Point(sample)
    let v = point.direction()
    let u = point.direction()
    let h = 1e-5
    let products = try point.products(along: v)
    let plus = try point.gradient(at: moved(point.parameters, along: v, by: h)).gradient
    let minus = try point.gradient(at: moved(point.parameters, along: v, by: -h)).gradient
    #expect(
      isClose(dot(products.parameters, u), (dot(plus, u) - dot(minus, u)) / (2 * h), relative: 1e-7)
    )
    guard !sample.hasTokens else { return }
    let x = point.inputDirection()
    let ahead = try point.gradient(inputs: moved(point.batch.inputs, along: x, by: h)).gradient
    let behind = try point.gradient(inputs: moved(point.batch.inputs, along: x, by: -h)).gradient
    #expect(
      isClose(dot(products.inputs, x), (dot(ahead, v) - dot(behind, v)) / (2 * h), relative: 1e-7))
  }

  @Test("per-example norms and clipped sums are those of single examples", arguments: samples)
  func perExample(_ sample: Sample) throws {
    guard case .evaluation = sample.mode else { return }
    let point = Point(sample)
    guard case .labels(let labels) = point.batch.targets else { return }
    let examples = try LabeledExamples(
      features: point.batch.inputs.map(Float.init), labels: labels,
      shape: point.network.inputShape, classes: point.network.classes)
    var norms: [Double] = []
    var clipped = [Double](repeating: 0, count: point.network.parameterCount)
    let bound = 0.5
    for index in 0..<sample.rows {
      var gradient = clipped
      _ = try point.network.lossAndGradient(
        parameters: point.parameters, examples: examples, batch: [index],
        workspace: point.workspace, gradient: &gradient)
      let norm = dot(gradient, gradient).squareRoot()
      norms.append(norm)
      for i in clipped.indices { clipped[i] += min(1, bound / norm) * gradient[i] }
    }
    let batch = Array(0..<sample.rows)
    let got = try point.network.perExampleNorms(
      parameters: point.parameters, examples: examples, batch: batch, workspace: point.workspace)
    for (got, want) in zip(got, norms) { #expect(isClose(got, want, relative: 1e-12)) }
    var sum = [Double](repeating: .nan, count: point.network.parameterCount)
    try point.network.clippedGradientSum(
      parameters: point.parameters, examples: examples, batch: batch, clippingNorm: bound,
      workspace: point.workspace, gradient: &sum)
    for (got, want) in zip(sum, clipped) {
      #expect(isClose(got, want, relative: 1e-11, absolute: 1e-13))
    }
  }

  @Test("a batch norm in training refuses per-example gradients")
  func refusesBatchNorm() throws {
    let network = try Network(input: [3], [.dense(outputs: 2), .batchNorm()])
    let examples = try LabeledExamples(
      features: [1, 2, 3, 4, 5, 6], labels: [0, 1], shape: [3], classes: 2)
    #expect(throws: LearningError.self) {
      try network.perExampleNorms(
        parameters: Vector(zeros: network.parameterCount), examples: examples, batch: [0, 1],
        mode: .training(noise: testGenerator()), workspace: Workspace(for: network))
    }
  }

  @Test("a linear model's product has its closed form: d/dx <g, v> = 2 ((wx - y) v + (xv) w)")
  func closedForm() throws {
    let network = try Network(
      input: [3], [.dense(outputs: 1, bias: false)], loss: .meanSquaredError)
    let workspace = Workspace(for: network)
    let (w, x, v, y) = ([0.5, -1, 2], [1.0, 3, -2], [0.3, 0.7, -0.2], 0.4)
    var gradient = [0.0, 0, 0]
    let loss = try network.differentiate(
      parameters: w, batch: Batch(inputs: x, targets: .dense([y])), workspace: workspace,
      gradient: &gradient)
    let residual = dot(w, x) - y
    #expect(isClose(loss, residual * residual, relative: 1e-14))
    var products = LossProducts<Double>(for: network, rows: 1, parameters: true, inputs: true)
    try network.products(along: v, parameters: w, workspace: workspace, into: &products)
    for i in 0..<3 {
      #expect(
        isClose(products.inputs[i], 2 * (residual * v[i] + dot(x, v) * w[i]), relative: 1e-14))
      #expect(isClose(products.parameters[i], 2 * dot(x, v) * x[i], relative: 1e-14))
    }
  }

  @Test("what a softmax or a batch norm cancels has no product")
  func cancelled() throws {
    var point = Point(Self.samples[0])
    var v = [Double](repeating: 0, count: point.network.parameterCount)
    for index in v.indices.suffix(3) { v[index] = 1 }
    #expect(try point.products(along: v).inputs.allSatisfy { abs($0) < 1e-16 })

    let sample = try #require(Self.samples.first { $0.name == "batch norm, training" })
    point = Point(sample)
    v = [Double](repeating: 0, count: point.network.parameterCount)
    let bias = try #require(point.network.layout.segment(named: "conv1.bias"))
    for index in bias.range { v[index] = point.generator.normal() }
    #expect(try point.products(along: v).inputs.allSatisfy { abs($0) < 1e-12 })
  }

  @Test("dense targets that are one-hot give the losses of labels, and differentiate by targets")
  func denseTargets() throws {
    var point = Point(Self.samples[0])
    guard case .labels(let labels) = point.batch.targets else { return }
    let (loss, gradient) = try point.gradient()
    var q = [Double](repeating: 0, count: 3 * labels.count)
    for (row, label) in labels.enumerated() { q[3 * row + Int(label)] = 1 }
    func differentiate(_ q: [Double]) throws -> (Double, [Double]) {
      var result = gradient
      let loss = try point.network.differentiate(
        parameters: point.parameters, batch: Batch(inputs: point.batch.inputs, targets: .dense(q)),
        workspace: point.workspace, gradient: &result)
      return (loss, result)
    }
    let dense = try differentiate(q)
    #expect(isClose(dense.0, loss, relative: 1e-13))
    for (got, want) in zip(dense.1, gradient) {
      #expect(isClose(got, want, relative: 1e-12, absolute: 1e-15))
    }
    // The derivative of <g, v> by the targets, against central differences on mixtures.
    let v = point.direction()
    let mixture = q.map { 0.7 * $0 + 0.1 }
    _ = try differentiate(mixture)
    var products = LossProducts<Double>(for: point.network, rows: 3, targets: true)
    try point.network.products(
      along: v, parameters: point.parameters, workspace: point.workspace, into: &products)
    // Along directions that keep each row's sum, as every step on probabilities does.
    let u = [1.0, -1, 0, 0, 1, -1, -1, 0.5, 0.5]
    let h = 1e-5
    let plus = try differentiate(moved(mixture, along: u, by: h)).1
    let minus = try differentiate(moved(mixture, along: u, by: -h)).1
    #expect(
      isClose(dot(products.targets, u), (dot(plus, v) - dot(minus, v)) / (2 * h), relative: 1e-7))
  }

  @Test("unrolled local training differentiates to what central differences say")
  func unrolls() throws {
    let sample = try #require(Self.samples.first { $0.name == "conv, sigmoid, strides" })
    var point = Point(sample)
    let options = SGDOptions(learningRate: 0.3, momentum: 0.6, weightDecay: 0.05)
    let unrolling = try Unrolling<Double>(
      network: point.network, options: options, workspace: point.workspace)
    var batches = (0..<4).map { _ in sample.batch(&point.generator) }
    let lambda = point.direction()
    _ = try unrolling.train(from: point.parameters, on: batches)
    let gradients = try unrolling.pullBack(lambda)
    let h = 1e-5
    func value(_ start: [Double], _ batches: [Batch<Double>]) throws -> Double {
      dot(try unrolling.train(from: start, on: batches), lambda)
    }
    for step in batches.indices {
      let u = point.inputDirection()
      let inputs = batches[step].inputs
      batches[step].inputs = moved(inputs, along: u, by: h)
      let plus = try value(point.parameters, batches)
      batches[step].inputs = moved(inputs, along: u, by: -h)
      let minus = try value(point.parameters, batches)
      batches[step].inputs = inputs
      #expect(isClose(dot(gradients.inputs[step], u), (plus - minus) / (2 * h), relative: 1e-6))
    }
    let u = point.direction()
    let plus = try value(moved(point.parameters, along: u, by: h), batches)
    let minus = try value(moved(point.parameters, along: u, by: -h), batches)
    #expect(isClose(dot(gradients.start, u), (plus - minus) / (2 * h), relative: 1e-6))
  }

  @Test("single precision stays within 1e-3 of double at LeNet's size, and repeats bit for bit")
  func precision() throws {
    let network = try LeNetZhu().network(inputShape: [3, 32, 32], classes: 10)
    var generator = testGenerator()
    let parameters = network.initialParameters(using: &generator)
    let inputs = (0..<network.inputs).map { _ in Float(generator.uniform()) }
    let v = Vector((0..<network.parameterCount).map { _ in Float(generator.normal()) })
    let workspace = Workspace(for: network, batchSize: 1)
    func run() throws -> LossProducts<Float> {
      var gradient = Vector(zeros: network.parameterCount)
      try network.differentiate(
        parameters: parameters, batch: Batch(inputs: inputs, labels: [3]), workspace: workspace,
        gradient: &gradient)
      var products = LossProducts<Float>(for: network, rows: 1, parameters: true, inputs: true)
      try network.products(
        along: v, parameters: parameters, workspace: workspace, into: &products)
      return products
    }
    let single = try run()
    #expect(try run() == single)
    var gradient = [Double](repeating: 0, count: network.parameterCount)
    let wide = parameters.array.map(Double.init)
    try network.differentiate(
      parameters: wide, batch: Batch(inputs: inputs.map(Double.init), labels: [3]),
      workspace: workspace, gradient: &gradient)
    var products = LossProducts<Double>(for: network, rows: 1, parameters: true, inputs: true)
    try network.products(
      along: v.array.map(Double.init), parameters: wide, workspace: workspace, into: &products)
    let error = zip(single.inputs, products.inputs).map { Double($0) - $1 }
    #expect(dot(error, error) < 1e-6 * dot(products.inputs, products.inputs))
  }
}

extension Layer {
  fileprivate static func conv(_ outputs: Int) -> Layer {
    .convolution(Convolution(outputs: outputs, kernel: 2))
  }
}

private func dot(_ left: [Double], _ right: [Double]) -> Double {
  zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
}

private func moved(_ x: [Double], along u: [Double], by h: Double) -> [Double] {
  zip(x, u).map { $0 + h * $1 }
}

/// Whether two numbers agree relative to the larger one, or absolutely where both are nearly 0.
private func isClose(
  _ value: Double, _ reference: Double, relative: Double, absolute: Double = 1e-14
) -> Bool {
  abs(value - reference) <= relative * max(abs(value), abs(reference)) + absolute
}
