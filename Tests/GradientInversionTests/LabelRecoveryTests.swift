import Datasets
import Foundation
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// A smooth network on the embedded digits, with batches of them.
struct DigitBatches {
  let network: Network
  let parameters: Vector
  let examples: LabeledExamples

  init(_ generator: inout Generator, network: Network? = nil) throws {
    self.network = try network ?? LeNetZhu().network(inputShape: [1, 8, 8], classes: 10)
    parameters = self.network.initialParameters(using: &generator)
    examples = try Digits().load(using: &generator).train
  }

  func gradient(_ batch: Batch<Double>, at weights: Vector? = nil) throws -> [Double] {
    var gradient = [Double](repeating: 0, count: network.parameterCount)
    try network.differentiate(
      parameters: (weights ?? parameters).array.map { Double($0) }, batch: batch,
      workspace: Workspace(for: network, batchSize: 16), gradient: &gradient)
    return gradient
  }

  func batch(_ indices: [Int]) throws -> Batch<Double> {
    let batch = try examples.batch(indices)
    return Batch(
      inputs: batch.inputs.map { Double($0) }, targets: .labels(indices.map { examples.labels[$0] })
    )
  }

  func labels(_ indices: [Int]) -> [Int32] { indices.map { examples.labels[$0] } }
}

@Suite("Label recovery")
struct LabelRecoveryTests {
  private var generator: Generator
  private let digits: DigitBatches

  init() throws {
    generator = testGenerator(name: "label recovery")
    digits = try DigitBatches(&generator)
  }

  private func head(_ indices: [Int]) throws -> HeadGradient {
    try HeadGradient(digits.gradient(digits.batch(indices)), of: digits.network)
  }

  private func counts(_ indices: [Int]) throws -> LabelCounts {
    try LabelCounts(of: digits.labels(indices), classes: 10)
  }

  /// The first training example of each class.
  private var onePerClass: [Int] {
    (0..<10).compactMap { digits.examples.labels.firstIndex(of: Int32($0)) }
  }

  @Test("counts are exact where the mean softmax is given, with labels that repeat")
  func exact() throws {
    for start in 0..<8 {
      let indices = Array((start * 16)..<(start * 16 + 16))
      let predictions = try digits.network.predict(
        parameters: digits.parameters, on: digits.examples.subset(indices),
        workspace: Workspace(for: digits.network))
      // The outside judge: softmax of the logits, written out.
      var softmax = [Double](repeating: 0, count: 10)
      for row in 0..<16 {
        let logits = predictions.logits[(row * 10)..<(row * 10 + 10)].map { Double($0) }
        let powers = logits.map { exp($0) }
        let sum = powers.reduce(0, +)
        for c in 0..<10 { softmax[c] += powers[c] / sum / 16 }
      }
      let found = try LabelRecovery.exact(head(indices), batchSize: 16, meanSoftmax: softmax)
      #expect(try found == counts(indices))
    }
  }

  @Test("iDLG names a single example's label every time")
  func single() throws {
    for index in 0..<100 {
      #expect(try LabelRecovery.single(head([index])) == digits.examples.labels[index])
    }
  }

  @Test("analytic and yin are exact on labels that do not repeat")
  func unique() throws {
    let some = Array(onePerClass[2..<7])
    #expect(try LabelRecovery.analytic(head(some), batchSize: 5) == counts(some))
    #expect(try LabelRecovery.yin(head(some), batchSize: 5) == counts(some))
    // With a label twice, counting classes cannot be right.
    let twice = [some[0], some[0], some[1]]
    #expect(try LabelRecovery.analytic(head(twice), batchSize: 3).total == 2)
    #expect(try LabelRecovery.yin(head(twice), batchSize: 3) != counts(twice))
  }

  @Test("Wainakh's second stage subtracts from the class it took, not from a stale one")
  func stage() throws {
    // Batches of 3, 3 and 1: subtracting elsewhere takes class 0 again and again.
    let network = try Network(input: [1], [.dense(outputs: 4)])
    var gradient = [Double](repeating: 0, count: 8)
    let sums = [-3.1, -3.0, -1.0, 1.0]
    for c in 0..<4 { (gradient[c], gradient[4 + c]) = (sums[c], sums[c]) }
    let head = try HeadGradient(gradient, of: network)
    // Impact: -7.1 (1 + 1/4) / 7 = -1.268 and -7.1 / 7 = -1.014.
    #expect(LabelRecovery.wainakhSimple(head, batchSize: 7).counts == [3, 3, 1, 0])
    #expect(try LabelRecovery.biasCorrected(head, batchSize: 7).counts == [3, 3, 1, 0])
  }

  @Test(
    "methods for repeated labels beat both baselines, the simple ones on small batches only",
    arguments: [4, 16])
  func beatBaselines(size: Int) throws {
    var generator = generator
    let statistics = try HeadStatistics(
      network: digits.network, parameters: digits.parameters, noise: .uniform, using: &generator)
    let impact = try LabelImpact(
      network: digits.network, parameters: digits.parameters, batchSize: size, noise: .uniform,
      using: &generator)
    let frequencies = digits.examples.labelCounts.map {
      Double($0) / Double(digits.examples.count)
    }
    var overlap: [String: Double] = [:]
    for _ in 0..<20 {
      let indices = (0..<size).map { _ in generator.uniform(below: digits.examples.count) }
      let (head, truth) = (try head(indices), try counts(indices))
      let found: [String: LabelCounts] = [
        "random": .random(classes: 10, total: size, using: &generator),
        "prior": .prior(frequencies, total: size),
        "wainakh": LabelRecovery.wainakhSimple(head, batchSize: size),
        "white-box": impact.wainakh(head, batchSize: size),
        "bias": try LabelRecovery.biasCorrected(head, batchSize: size),
        "geng": statistics.geng(head, batchSize: size),
      ]
      for (name, counts) in found {
        #expect(counts.total == size)
        overlap[name, default: 0] +=
          try LabelOverlap.share(counts: truth.counts, recovered: counts.counts) / 20
      }
    }
    let floor = max(overlap["random"] ?? 1, overlap["prior"] ?? 1)
    #expect(floor > 0.2 && floor < 0.8)
    // The simple impacts assume that absent classes weigh little: not so beyond one example a
    // class.
    for name in size == 4 ? ["wainakh", "white-box", "bias", "geng"] : ["white-box", "geng"] {
      #expect((overlap[name] ?? 0) > floor + 0.15, "\(name) \(overlap)")
    }
  }

  @Test("Dimitrov's counts survive several local steps")
  func steps() throws {
    var generator = generator
    let start = digits.parameters
    var share = 0.0
    for trial in 0..<5 {
      let indices = (0..<16).map { $0 + 40 * trial }
      let batches = try stride(from: 0, to: 16, by: 4).map {
        try digits.examples.batch(Array(indices[$0..<($0 + 4)]))
      }
      let workspace = Workspace(for: digits.network, batchSize: 4)
      let end = try Unrolling<Float>(
        network: digits.network, options: SGDOptions(learningRate: 0.05), workspace: workspace
      ).train(from: start, on: batches)
      let update = try ObservedUpdate(end - start, unit: .delta)
      let training = try LocalTraining(rate: 0.05, batchSizes: [4, 4, 4, 4])
      let head = try HeadGradient(update.meanGradient(training), of: digits.network)
      let statistics = try HeadStatistics(
        network: digits.network, parameters: start, noise: .uniform, using: &generator
      ).averaged(
        with: HeadStatistics(
          network: digits.network, parameters: end, noise: .uniform, using: &generator))
      let found = statistics.dimitrov(head, examplesSeen: training.examplesSeen)
      share += try LabelOverlap.share(counts: counts(indices).counts, recovered: found.counts) / 5
    }
    #expect(share > 0.85)
  }

  @Test("counts are rounded by largest remainders to the batch")
  func rounding() throws {
    #expect(LabelCounts(rounding: [1.6, 0.9, -0.2], total: 3).counts == [2, 1, 0])
    #expect(LabelCounts(rounding: [-1, -1, -1], total: 4).counts == [2, 1, 1])
    #expect(LabelCounts(rounding: [0.1, 0.1], total: 6).counts == [3, 3])
    #expect(LabelCounts([2, 0, 1]).labels == [0, 0, 2])
    #expect(throws: InversionError.self) { try LabelCounts(of: [0, 3], classes: 3) }
  }

  @Test("what does not fit is refused by name")
  func badInput() throws {
    #expect(throws: InversionError.self) { try HeadGradient([1, 2], of: digits.network) }
    #expect(throws: InversionError.zeroGradient(what: "the observed gradient")) {
      try ObservedUpdate([0, 0], unit: .gradient)
    }
    #expect(throws: InversionError.notFinite(what: "the observed delta", index: 1)) {
      try ObservedUpdate([0, .infinity], unit: .delta)
    }
    #expect(throws: InversionError.self) {
      try ObservedUpdate([1, 2], unit: .delta).meanGradient(nil)
    }
    let squared = try digits.network.with(loss: .meanSquaredError)
    #expect(throws: InversionError.self) {
      try HeadGradient([Double](repeating: 1, count: squared.parameterCount), of: squared)
    }
    #expect(throws: InversionError.self) { try LocalTraining(rate: 0, batchSizes: [1]) }
    #expect(throws: InversionError.self) { try LocalTraining(rate: 1, batchSizes: [1], epochs: 2) }
  }
}
