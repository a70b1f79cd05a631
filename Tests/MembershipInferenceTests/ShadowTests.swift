import Datasets
import Foundation
import Learning
import MembershipInference
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Shadow models")
struct ShadowTests {
  private func examples(_ count: Int, _ generator: inout Generator) throws -> LabeledExamples {
    let labels = (0..<count).map { _ in Int32(generator.uniform(below: 3)) }
    return try LabeledExamples(
      features: labels.flatMap { label in
        (0..<4).map { Float(Int(label) == $0 ? 1 : 0) + Float(generator.normal()) }
      }, labels: labels, shape: [4], classes: 3)
  }

  private let trainer = PlainTrainer(
    epochs: 3, batchSize: 8, options: OptimizerOptions(learningRate: 0.2, momentum: 0.5))

  @Test("Each example is in exactly half of the models, and pairs complete each other")
  func design() throws {
    for examples in [2, 40, 41] {
      var generator = testGenerator(UInt64(examples))
      let design = try ShadowDesign(models: 10, examples: examples, using: &generator)
      #expect(design.membership.counts == [Int](repeating: 5, count: examples))
      for pair in 0..<5 {
        for example in 0..<examples {
          #expect(
            design.membership[2 * pair, example] != design.membership[2 * pair + 1, example])
        }
      }
      for model in 0..<10 {
        let size = design.trainingRows(of: model).count
        #expect(size == examples / 2 || size == (examples + 1) / 2)
      }
    }
    var generator = testGenerator()
    #expect(throws: MembershipError.self) {
      try ShadowDesign(models: 5, examples: 9, using: &generator)
    }
    #expect(throws: MembershipError.self) {
      try ShadowDesign(models: 4, examples: 9, audited: [1, 9], using: &generator)
    }
    #expect(throws: MembershipError.self) {
      try ShadowDesign(models: 4, examples: 9, audited: [1, 1], using: &generator)
    }
  }

  @Test("Of canaries half are in; everything else is in every model; copies repeat canaries only")
  func canaryDesign() throws {
    var generator = testGenerator()
    let design = try ShadowDesign(
      models: 6, examples: 20, audited: [3, 7, 11, 2], copies: 3, using: &generator)
    for example in 0..<20 {
      #expect(
        design.membership.count(ofExample: example) == ([2, 3, 7, 11].contains(example) ? 3 : 6))
    }
    let rows = design.trainingRows(of: 0)
    #expect(rows.count == 16 + 2 * 3)
    #expect(rows == rows.sorted())
    #expect(design.membership.mixed == design.audited)
  }

  @Test("Canaries are mislabelled, repeated or noise, and nothing else is touched")
  func canaries() throws {
    var generator = testGenerator()
    let data = try examples(60, &generator)
    for kind in Canaries.Kind.allCases {
      let canaries = try Canaries(kind, count: 12, of: data, using: &generator)
      #expect(Set(canaries.positions).count == 12)
      #expect(canaries.copies == (kind == .duplicated ? 4 : 1))
      for example in 0..<60 {
        let isSame = canaries.data.features(of: example) == data.features(of: example)
        let isCanary = canaries.positions.contains(example)
        #expect(isSame == !(isCanary && kind == .outOfDistribution))
        let isLabel = canaries.data.labels[example] == data.labels[example]
        if !isCanary || kind == .duplicated { #expect(isLabel) }
        if isCanary, kind == .mislabelled { #expect(!isLabel) }
      }
    }
    #expect(throws: MembershipError.self) {
      try Canaries(.mislabelled, count: 61, of: data, using: &generator)
    }
  }

  @Test("Models are the same bits for any number of workers, and with more models beside them")
  func workers() throws {
    var generator = testGenerator()
    let data = try examples(60, &generator)
    let design = try ShadowDesign(models: 6, examples: 60, using: &generator)
    let network = try Network(input: [4], [.dense(outputs: 8), .relu, .dense(outputs: 3)])
    let models = try [1, 2, 4].map {
      try ShadowModels(
        network, design: design, data: data, trainer: trainer, using: generator, workers: $0)
    }
    #expect(models[0].parameters == models[1].parameters)
    #expect(models[0].parameters == models[2].parameters)
    #expect(Set(models[0].parameters.map { $0.array }).count == 6)
    // Each is what training alone on its rows from its own stream gives.
    var stream = generator.fork("shadow model", 4)
    var alone = network.initialParameters(using: &stream)
    try trainEpochs(
      network: network, parameters: &alone, examples: try data.subset(design.trainingRows(of: 4)),
      epochs: 3, batchSize: 8, options: trainer.options, workspace: Workspace(for: network),
      generator: &stream)
    #expect(models[0].parameters[4] == alone)
    // Outputs are the network's own.
    let table = try models[0].table(design, data: data, workers: 2)
    let losses = try table.outputs.signal(.loss)
    let own = try network.predict(
      parameters: alone, on: data, workspace: Workspace(for: network)
    ).losses
    #expect(largestDifference(losses.means(ofModel: 4), own) < 1e-5)
  }

  @Test("The cache gives back the same bits, and only what everything that matters agrees on")
  func cache() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "shadow-cache-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = try ShadowCache(folder: folder)
    var generator = testGenerator()
    let data = try examples(40, &generator)
    let design = try ShadowDesign(models: 4, examples: 40, using: &generator)
    let network = try Network(input: [4], [.dense(outputs: 3)])
    func models(
      _ network: Network, _ design: ShadowDesign, _ data: LabeledExamples, _ trainer: PlainTrainer,
      _ generator: Generator
    ) throws -> ShadowModels {
      try ShadowModels(
        network, design: design, data: data, trainer: trainer, cache: cache, using: generator,
        workers: 2)
    }
    let first = try models(network, design, data, trainer, generator)
    let second = try models(network, design, data, trainer, generator)
    #expect(first.reused == 0 && second.reused == 4)
    #expect(first.parameters == second.parameters)
    // Whatever differs, nothing is taken from the cache.
    var stream = testGenerator(1)
    var longer = trainer
    longer.epochs = 4
    var wider = trainer
    wider.batchSize = 9
    var slower = trainer
    slower.options.learningRate = 0.1
    var labels = data.labels
    labels[7] = (labels[7] + 1) % 3
    #expect(try models(network, design, data, longer, generator).reused == 0)
    #expect(try models(network, design, data, wider, generator).reused == 0)
    #expect(try models(network, design, data, slower, generator).reused == 0)
    #expect(try models(network, design, data.relabeled(labels), trainer, generator).reused == 0)
    #expect(try models(network, design, data, trainer, testGenerator(2)).reused == 0)
    let other = try ShadowDesign(models: 4, examples: 40, using: &stream)
    #expect(try models(network, other, data, trainer, generator).reused == 0)
    let smoothed = try network.with(loss: .crossEntropy(labelSmoothing: 0.1))
    #expect(try models(smoothed, design, data, trainer, generator).reused == 0)
    let bounded = try Network(input: [4], [.dense(outputs: 3)], initialBound: 0.1)
    #expect(try models(bounded, design, data, trainer, generator).reused == 0)
    // A generator that has been read is another.
    var read = generator
    _ = read.next()
    #expect(try models(network, design, data, trainer, read).reused == 4)
  }

  @Test(
    "Each training option, each coefficient of Adam's and each bit of the data tells models apart")
  func identity() throws {
    let options = OptimizerOptions(learningRate: 0.2, momentum: 0.5)
    let changes: [String: (inout OptimizerOptions) -> Void] = [
      "optimizer": { $0.optimizer = .adam() }, "learningRate": { $0.learningRate = 0.2.nextUp },
      "momentum": { $0.momentum = 0.4 }, "nesterov": { $0.nesterov = true },
      "weightDecay": { $0.weightDecay = 1e-9 }, "clippingNorm": { $0.clippingNorm = 9 },
    ]
    func labels(_ value: Any) -> Set<String> {
      Set(Mirror(reflecting: value).children.compactMap(\.label))
    }
    // An option that is added has to be added here.
    #expect(labels(options) == Set(changes.keys))
    #expect(labels(AdamCoefficients()) == ["beta1", "beta2", "epsilon"])
    #expect(labels(trainer) == ["epochs", "batchSize", "options"])
    var trainers = changes.values.map { change in
      var other = PlainTrainer(epochs: 3, batchSize: 8, options: options)
      change(&other.options)
      return other
    }
    trainers.append(PlainTrainer(epochs: 3, batchSize: 8, options: options))
    trainers.append(PlainTrainer(epochs: 4, batchSize: 8, options: options))
    trainers.append(PlainTrainer(epochs: 3, batchSize: 9, options: options))
    for adam in [
      AdamCoefficients(beta1: 0.8), .init(beta2: 0.9), .init(epsilon: 1e-7),
    ] {
      for optimizer in [Optimizer.adam(adam), .adamW(adam)] {
        trainers.append(
          PlainTrainer(
            epochs: 3, batchSize: 8,
            options: OptimizerOptions(optimizer, learningRate: 0.2, momentum: 0.5)))
      }
    }
    #expect(Set(trainers.map(\.identity)).count == trainers.count)

    let folder = FileManager.default.temporaryDirectory
      .appending(path: "shadow-identity-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = try ShadowCache(folder: folder)
    var generator = testGenerator()
    let data = try examples(24, &generator)
    let design = try ShadowDesign(models: 2, examples: 24, using: &generator)
    let network = try Network(input: [4], [.dense(outputs: 3)])
    func reused(_ data: LabeledExamples, _ trainer: PlainTrainer) throws -> Int {
      try ShadowModels(
        network, design: design, data: data, trainer: trainer, cache: cache, using: generator,
        workers: 1
      ).reused
    }
    #expect(try reused(data, trainer) == 0 && reused(data, trainer) == 2)
    // An example of one model: the other is trained again too, which is on the safe side.
    var features = data.features
    features[17] = features[17].nextUp
    let other = try LabeledExamples(
      features: features, labels: data.labels, shape: data.shape, classes: data.classes)
    #expect(try reused(other, trainer) == 0)
    var decayed = trainer
    decayed.options.weightDecay = 1e-9
    #expect(try reused(data, decayed) == 0)
  }

  @Test("A damaged file is trained again and replaced")
  func damage() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "shadow-damage-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = try ShadowCache(folder: folder)
    var generator = testGenerator()
    let data = try examples(30, &generator)
    let design = try ShadowDesign(models: 2, examples: 30, using: &generator)
    let network = try Network(input: [4], [.dense(outputs: 3)])
    func models() throws -> ShadowModels {
      try ShadowModels(
        network, design: design, data: data, trainer: trainer, cache: cache, using: generator,
        workers: 1)
    }
    let first = try models()
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(files.count == 2)
    let path = "\(folder)/\(files[0])"
    // One bit of a parameter: the number stays finite, the check sum does not fit.
    var bytes = try Data(contentsOf: URL(filePath: path))
    let header = try #require(bytes.firstRange(of: Data("NUMPY".utf8)))
    bytes[header.upperBound + 135] ^= 1
    try bytes.write(to: URL(filePath: path))
    let second = try models()
    #expect(second.reused == 1 && second.parameters == first.parameters)
    try Data("nothing".utf8).write(to: URL(filePath: path))
    #expect(try models().reused == 1)
    #expect(try models().reused == 2)
  }

  @Test("Models that diverge, and data of another size, are refused")
  func badInput() throws {
    var generator = testGenerator()
    let data = try examples(30, &generator)
    let design = try ShadowDesign(models: 2, examples: 30, using: &generator)
    let network = try Network(input: [4], [.dense(outputs: 8), .dense(outputs: 3)])
    var wild = trainer
    wild.options.learningRate = 1e30
    do {
      _ = try ShadowModels(
        network, design: design, data: data, trainer: wild, using: generator, workers: 1)
      Issue.record("accepted")
    } catch { #expect("\(error)".contains("lower the learning rate")) }
    #expect(throws: MembershipError.self) {
      try ShadowModels(
        network, design: design, data: try data.subset([1, 2]), trainer: trainer,
        using: generator, workers: 1)
    }
  }
}
