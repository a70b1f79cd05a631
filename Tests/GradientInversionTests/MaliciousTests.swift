import Datasets
import Foundation
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Closed-form and malicious-server inversion")
struct MaliciousTests {
  private let digits: LabeledExamples
  private let generator: Generator

  init() throws {
    var generator = testGenerator(name: "malicious")
    digits = try Digits().load(using: &generator).train
    self.generator = generator
  }

  private func gradient(
    _ network: Network, _ parameters: Vector, _ indices: [Int], labels: [Int32]? = nil
  ) throws -> [Double] {
    let batch = try digits.batch(indices)
    let labels = labels ?? indices.map { digits.labels[$0] }
    return try SmallProblem.gradient(
      network, parameters, Batch(inputs: batch.inputs.map { Double($0) }, labels: labels))
  }

  private func distance(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { max($0, Double(abs($1.0 - $1.1))) }
  }

  /// The originals that some reconstruction equals to `bar`.
  private func recovered(_ inputs: [[Float]], of indices: [Int], bar: Double = 1e-3) -> Int {
    indices.count { index in
      inputs.contains { distance($0, digits.features(of: index)) < bar }
    }
  }

  @Test("dense inversion of one example is exact in Float, from a gradient or a step")
  func dense() throws {
    var generator = generator
    let network = try Network(input: [1, 8, 8], [.dense(outputs: 20), .relu, .dense(outputs: 10)])
    let parameters = network.initialParameters(using: &generator)
    for index in 0..<20 {
      var gradient = Vector(zeros: network.parameterCount)
      _ = try network.lossAndGradient(
        parameters: parameters, examples: digits, batch: [index],
        workspace: Workspace(for: network), gradient: &gradient)
      let values = gradient.array.map { Double($0) }
      let found = try DenseInversion(values, of: network)
      #expect(distance(found.best, digits.features(of: index)) < 1e-6)
      #expect(found.units.count < 20 && !found.units.isEmpty)
      let step = try DenseInversion(values.map { -0.1 * $0 }, of: network)
      #expect(distance(step.best, digits.features(of: index)) < 1e-6)
    }
    // Two examples give a mean with weights that sum to 1.
    let both = try DenseInversion(gradient(network, parameters, [0, 1]), of: network).best
    #expect(distance(both, digits.features(of: 0)) > 1e-3)
    #expect(throws: InversionError.self) { try DenseInversion([1], of: network) }
    #expect(throws: InversionError.self) {
      try DenseInversion(
        [Double](repeating: 1, count: network.parameterCount), of: network, layer: "fc7")
    }
    #expect(throws: InversionError.self) {
      try DenseInversion([Double](repeating: 0, count: network.parameterCount), of: network)
    }
  }

  @Test("R-GAP recovers an example exactly where the equations determine it, under either label")
  func rgap() throws {
    var generator = generator
    func model(outputs: Int) throws -> Network {
      try Network(
        input: [1, 8, 8],
        [
          .convolution(
            Convolution(outputs: outputs, kernel: 3, stride: 2, padding: 1, bias: false)),
          .activation(.leakyReLU(slope: 0.2)),
          .convolution(Convolution(outputs: 4, kernel: 3, padding: 1, bias: false)),
          .activation(.leakyReLU(slope: 0.2)), .flatten, .dense(outputs: 1, bias: false),
        ], loss: .binaryCrossEntropy)
    }
    func attack(_ network: Network, _ index: Int, positive: Bool, gain: Float) throws -> RGAP {
      var parameters = network.initialParameters(using: &generator)
      parameters.scale(by: gain)
      let image = digits.features(of: index).map { Double($0) }
      let gradient = try SmallProblem.gradient(
        network, parameters, Batch(inputs: image, targets: .dense([positive ? 1 : 0])))
      return try RGAP(gradient, parameters: parameters, network: network, isPositive: positive)
    }
    let network = try model(outputs: 5)
    var roots: Set<Int> = []
    for index in 0..<6 {
      // Larger weights give larger outputs, where the equation for the loss has two roots.
      for gain in [1, 4] as [Float] {
        let found = try attack(network, index, positive: index % 2 == 0, gain: gain)
        #expect(found.isDetermined && found.layers.map(\.unknowns) == [80, 64])
        let image = digits.features(of: index)
        #expect(found.inputs.contains { distance($0, image) < 1e-4 })
        #expect(found.layers.allSatisfy { $0.residual < 1e-6 })
        roots.insert(found.inputs.count)
      }
    }
    #expect(roots == [1, 2])
    // Fewer channels give too few equations, and the rank says so.
    let narrow = try attack(model(outputs: 1), 0, positive: true, gain: 1)
    #expect(!narrow.isDetermined)
    #expect(narrow.inputs.allSatisfy { distance($0, digits.features(of: 0)) > 0.05 })
    let other = try LeNetZhu().network(inputShape: [1, 8, 8], classes: 10)
    #expect(throws: InversionError.self) {
      try RGAP(
        [Double](repeating: 1, count: other.parameterCount),
        parameters: other.initialParameters(using: &generator), network: other, isPositive: true)
    }
  }

  @Test(
    "the number of lone examples is n (1 - 1/k)^(n-1), not that of equally likely compositions",
    arguments: [(64, 64, 0.37), (64, 128, 0.61), (64, 256, 0.78), (64, 512, 0.88)])
  func singletons(examples: Int, bins: Int, rate: Double) {
    var generator = testGenerator(UInt64(bins))
    let trials = 2000
    var sum = 0.0
    for _ in 0..<trials {
      var counts = [Int](repeating: 0, count: bins)
      for _ in 0..<examples { counts[generator.uniform(below: bins)] += 1 }
      sum += Double(counts.count { $0 == 1 })
    }
    let expected = SingletonBins.expected(examples: examples, bins: bins)
    // Four deviations of the mean: a false alarm in 16,000 runs each.
    let deviation = (SingletonBins.variance(examples: examples, bins: bins) / Double(trials))
      .squareRoot()
    #expect(deviation > 0 && abs(sum / Double(trials) - expected) < 4 * deviation)
    #expect(abs(expected / Double(examples) - rate) < 0.006)
  }

  @Test("the published values of the singleton law")
  func published() {
    #expect(isClose(SingletonBins.expected(examples: 64, bins: 64), 23.7, tolerance: 3e-3))
    #expect(isClose(SingletonBins.expected(examples: 64, bins: 156), 42.7, tolerance: 3e-3))
    #expect(isClose(SingletonBins.expected(examples: 64, bins: 256), 50.0, tolerance: 3e-3))
    #expect(SingletonBins.expected(examples: 1, bins: 1) == 1)
    #expect(SingletonBins.expected(examples: 2, bins: 1) == 0)
  }

  /// The bins that examples fall into, written out.
  private func loneExamples(_ imprint: Imprint, _ indices: [Int]) -> [Int] {
    let bins = indices.map { index in
      let h = zip(imprint.query, digits.features(of: index)).reduce(0) { $0 + $1.0 * Double($1.1) }
      return imprint.thresholds.count { $0 < h }
    }
    return indices.indices.filter { at in bins.count { $0 == bins[at] } == 1 }.map { indices[$0] }
  }

  @Test(
    "an imprint gives every example that is alone in its bin, and no other, exactly",
    arguments: [Imprint.Form.cumulative, .sparse])
  func imprint(form: Imprint.Form) throws {
    var generator = generator
    let (bins, size) = (32, 24)
    let layers: [Layer] =
      form == .sparse
      ? [.dense(outputs: bins), .relu, .dense(outputs: bins), .relu, .dense(outputs: 10)]
      : [.dense(outputs: bins), .relu, .dense(outputs: 10)]
    let network = try Network(input: [1, 8, 8], layers)
    let query = Imprint.weights(
      form == .sparse ? .cosine(vertical: 1, horizontal: 0) : .mean, shape: [1, 8, 8],
      using: &generator)
    let publicExamples = (400..<800).map { digits.features(of: $0) }
    let imprint = try Imprint(
      form: form, query: query,
      thresholds: Imprint.quantiles(query, of: publicExamples, bins: bins, form: form))
    #expect(imprint.bins == bins)
    let weights = try imprint.plant(
      in: network.initialParameters(using: &generator), of: network)
    var (lone, found, expected) = (0, 0, 0.0)
    for trial in 0..<5 {
      let indices = (0..<size).map { $0 + trial * size }
      let result = try imprint.extract(gradient(network, weights, indices), of: network)
      let alone = loneExamples(imprint, indices)
      lone += alone.count
      expected += SingletonBins.expected(examples: size, bins: bins)
      found += recovered(result.map(\.input), of: indices)
      #expect(recovered(result.map(\.input), of: alone) == alone.count)
      for bin in result where recovered([bin.input], of: indices) == 1 {
        #expect(bin.isConsistent)
      }
    }
    // Examples in one bin with another are mixed, so nothing else comes out.
    #expect(found == lone)
    let variance = 5 * SingletonBins.variance(examples: size, bins: bins)
    // Bins at quantiles of other examples are only nearly equal: 4 deviations.
    #expect(abs(Double(lone) - expected) < 4 * variance.squareRoot())
  }

  @Test("an imprint works on a sum over clients, and a one-shot imprint on one target")
  func sums() throws {
    var generator = generator
    let network = try Network(input: [1, 8, 8], [.dense(outputs: 32), .relu, .dense(outputs: 10)])
    let query = Imprint.weights(.random, shape: [1, 8, 8], using: &generator)
    let publicExamples = (400..<800).map { digits.features(of: $0) }
    let imprint = try Imprint(
      form: .cumulative, query: query,
      thresholds: Imprint.quantiles(query, of: publicExamples, bins: 32, form: .cumulative))
    let weights = try imprint.plant(
      in: network.initialParameters(using: &generator), of: network)
    let clients = [[0, 1, 2], [3, 4, 5, 6], [7, 8]]
    let sum = try clients.map { try gradient(network, weights, $0) }.reduce(
      [Double](repeating: 0, count: network.parameterCount)
    ) { zip($0, $1).map(+) }
    let all = clients.flatMap { $0 }
    let result = try imprint.extract(sum, of: network)
    let alone = loneExamples(imprint, all)
    #expect(alone.count >= 3 && recovered(result.map(\.input), of: alone) == alone.count)
    // One shot: an interval around example 4's value that holds no other.
    func h(_ index: Int) -> Double {
      zip(query, digits.features(of: index)).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    let gap = all.filter { $0 != 4 }.map { abs(h($0) - h(4)) }.min() ?? 0
    let shot = try Imprint(
      form: .oneShot, query: query, thresholds: [h(4) - gap / 2, h(4) + gap / 2])
    let planted = try shot.plant(in: network.initialParameters(using: &generator), of: network)
    let target = try shot.extract(gradient(network, planted, all), of: network)
    #expect(target.count == 1)
    #expect(distance(try #require(target.first).input, digits.features(of: 4)) < 1e-3)
    #expect(throws: InversionError.self) {
      try Imprint(form: .oneShot, query: query, thresholds: [0, 1, 2])
    }
    #expect(throws: InversionError.self) {
      try Imprint(form: .cumulative, query: query, thresholds: [1, 0])
    }
  }

  @Test("thresholds of an assumed law are its quantiles")
  func laws() throws {
    let normal = try Imprint.quantiles(
      of: .normal, mean: 1, deviation: 2, bins: 4, form: .cumulative)
    // Published: the upper quartile of the standard normal law is 0.6744897502.
    #expect(
      largestDifference(normal, [-19, 1 - 2 * 0.6744897502, 1, 1 + 2 * 0.6744897502]) < 1e-9)
    // Laplace of scale b has deviation sqrt(2) b and upper quartile b log 2.
    let laplace = try Imprint.quantiles(
      of: .laplace, mean: 0, deviation: 2.0.squareRoot(), bins: 4, form: .sparse)
    #expect(laplace.count == 5 && laplace[2] == 0)
    #expect(isClose(laplace[3], log(2), tolerance: 1e-12) && laplace[1] == -laplace[3])
    #expect(throws: InversionError.self) {
      try Imprint.quantiles(of: .normal, mean: 0, deviation: 0, bins: 4, form: .sparse)
    }
  }

  @Test("trap weights give more of a batch exactly than random weights do")
  func trap() throws {
    var generator = generator
    let network = try Network(
      input: [1, 8, 8], [.dense(outputs: 200), .relu, .dense(outputs: 10)])
    let parameters = network.initialParameters(using: &generator)
    let planted = try TrapWeights(scale: 0.8).plant(
      in: parameters, of: network, using: &generator)
    func count(_ weights: Vector) throws -> Int {
      try (0..<10).reduce(0) { sum, batch in
        let indices = Array((20 * batch)..<(20 * batch + 20))
        let found = try DenseInversion(gradient(network, weights, indices), of: network)
        return sum + recovered(found.units.map(\.input), of: indices)
      }
    }
    // An independent simulation of the rule gives 119 and 73 of 200.
    let (plain, trapped) = (try count(parameters), try count(planted))
    #expect(trapped > 90 && 4 * trapped > 5 * plain, "\(plain) \(trapped)")
    let other = try LeNetZhu().network(inputShape: [1, 8, 8], classes: 10)
    #expect(throws: InversionError.self) {
      try TrapWeights().plant(
        in: other.initialParameters(using: &generator), of: other, using: &generator)
    }
  }

  @Test("fishing by class leaves the gradient of the target class's example alone")
  func fishing() throws {
    var generator = generator
    let network = try Network(
      input: [1, 8, 8],
      [
        .dense(outputs: 20), .activation(.sigmoid), .dense(outputs: 16), .activation(.sigmoid),
        .dense(outputs: 10),
      ])
    let parameters = network.initialParameters(using: &generator)
    let indices = Array(0..<32)
    let labels = indices.map { digits.labels[$0] }
    let chosen = try #require(
      indices.first { at in labels.count { $0 == labels[at] } <= 4 })
    let target = Int(labels[chosen])
    let caught = indices.filter { labels[$0] == labels[chosen] }
    let planted = try Fishing.byClass(target, parameters: parameters, network: network)
    let batch = try gradient(network, planted, indices)
    let alone = try gradient(network, planted, caught)
    let share = Double(caught.count) / 32
    let head = try #require(network.layout.segment(named: "fc3.weight")).range.lowerBound
    let scale = alone[..<head].reduce(0) { max($0, abs($1)) } * share
    #expect(scale > 0)
    #expect(zip(batch[..<head], alone[..<head]).allSatisfy { abs($0 - share * $1) < 1e-9 * scale })
    // Without fishing the rest of the batch is in it.
    let plain = try gradient(network, parameters, indices)
    let plainAlone = try gradient(network, parameters, caught)
    #expect(
      zip(plain[..<head], plainAlone[..<head]).contains { abs($0 - share * $1) > 0.01 * scale })
    #expect(throws: InversionError.self) {
      try Fishing.byClass(10, parameters: parameters, network: network)
    }
  }

  @Test("fishing by feature finds a threshold that catches one example, which division then gives")
  func feature() throws {
    var generator = generator
    let network = try Network(
      input: [1, 8, 8],
      [.dense(outputs: 20), .activation(.sigmoid), .dense(outputs: 10)])
    let parameters = network.initialParameters(using: &generator)
    let threes = digits.labels.indices.filter { digits.labels[$0] == 3 }.prefix(24)
    var search = FishingSearch(from: 0, to: 1)
    var result: [Double] = []
    for _ in 0..<40 where !search.isDone {
      let planted = try Fishing.byFeature(
        5, threshold: search.threshold, target: 3, parameters: parameters, network: network,
        gain: 100_000)
      result = try gradient(network, planted, Array(threes))
      search.update(
        caught: try Fishing.caught(result, target: 3, network: network, batchSize: 24))
    }
    #expect(search.isDone)
    // Only feature 5 sends anything back, so its row of the first layer is the example.
    let found = try DenseInversion(result, of: network)
    #expect(found.best.count == 64)
    #expect(recovered([found.best], of: Array(threes), bar: 0.02) == 1)
  }

  @Test("LOKI separates the clients of a sum")
  func loki() throws {
    var generator = generator
    let shape = try ImageShape(channels: 1, height: 8, width: 8)
    let query = Imprint.weights(.mean, shape: [1, 8, 8], using: &generator)
    let publicExamples = (400..<800).map { digits.features(of: $0) }
    var thresholds = try Imprint.quantiles(query, of: publicExamples, bins: 16, form: .cumulative)
    thresholds[0] = thresholds[1] / 2
    let imprint = try Imprint(form: .cumulative, query: query, thresholds: thresholds)
    let loki = try Loki(clients: 4, imprint: imprint, shape: shape, classes: 10)
    let clients = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    var sum = [Double](repeating: 0, count: loki.network.parameterCount)
    for (client, indices) in clients.enumerated() {
      let weights = try loki.parameters(for: client, using: &generator)
      let own = try gradient(loki.network, weights, indices)
      for place in sum.indices { sum[place] += own[place] }
    }
    let result = try loki.extract(sum)
    var total = 0
    for (client, indices) in clients.enumerated() {
      let alone = loneExamples(imprint, indices)
      total += alone.count
      let inputs = result[client].map(\.input)
      #expect(recovered(inputs, of: alone) == alone.count)
      // No example of another client appears in this client's part.
      #expect(recovered(inputs, of: clients.flatMap { $0 }) == alone.count)
    }
    #expect(total >= 8)
    var negative = thresholds
    negative[0] = -1
    #expect(throws: (any Error).self) {
      try Loki(
        clients: 2,
        imprint: Imprint(form: .cumulative, query: query, thresholds: negative), shape: shape,
        classes: 10)
    }
  }
}
