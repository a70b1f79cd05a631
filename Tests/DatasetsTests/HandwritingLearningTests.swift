import Datasets
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// What models make of the handwriting, which is why it exists.
@Suite(
  "Learning the handwriting", .serialized,
  .enabled(if: isOptimizedBuild, "training needs an optimised build"))
struct HandwritingLearningTests {
  private func load(_ examples: Int, _ testExamples: Int) throws -> DataSplit {
    var parameters = Handwriting.defaults
    (parameters.examples, parameters.testExamples) = (examples, testExamples)
    var generator = Generator(seed: 1)
    return try Handwriting(parameters).load(using: &generator)
  }

  private func train(
    _ family: some ModelFamily, on examples: LabeledExamples, epochs: Int, batchSize: Int,
    options: OptimizerOptions
  ) throws -> (network: Network, parameters: Vector, workspace: Workspace) {
    let network = try family.network(inputShape: examples.shape, classes: examples.classes)
    var generator = Generator(seed: 1).fork("handwriting test")
    var parameters = network.initialParameters(using: &generator)
    let workspace = Workspace(for: network)
    try trainEpochs(
      network: network, parameters: &parameters, examples: examples, epochs: epochs,
      batchSize: batchSize, options: options, workspace: workspace, generator: &generator)
    return (network, parameters, workspace)
  }

  @Test("20,000 rows: logistic reaches 88 to 92 percent")
  func logistic() throws {
    let split = try load(20_000, 5000)
    let model = try train(
      Logistic(), on: split.train, epochs: 10, batchSize: 20,
      options: OptimizerOptions(SGDOptions(learningRate: 0.1)))
    let accuracy = try model.network.evaluate(
      parameters: model.parameters, on: split.test, workspace: model.workspace
    ).accuracy
    #expect((0.88...0.92).contains(accuracy))
  }

  @Test("20,000 rows: cnn-431k reaches 97 to 99 percent")
  func convolutional() throws {
    let split = try load(20_000, 5000)
    let model = try train(
      CNN431K(), on: split.train, epochs: 3, batchSize: 20,
      options: OptimizerOptions(SGDOptions(learningRate: 0.05)))
    let accuracy = try model.network.evaluate(
      parameters: model.parameters, on: split.test, workspace: model.workspace
    ).accuracy
    #expect((0.97...0.99).contains(accuracy))
  }

  @Test("an overtrained model knows wrong labels by heart, those of training only")
  func overtrained() throws {
    let split = try load(2000, 5000)
    var parameters = Handwriting.defaults
    (parameters.examples, parameters.testExamples) = (2000, 5000)
    (parameters.wrongLabels, parameters.testWrongLabels) = (0, 0)
    var generator = Generator(seed: 1)
    let truth = try Handwriting(parameters).load(using: &generator)
    let model = try train(
      MLP(MLP.Parameters(hidden: [200])), on: split.train, epochs: 60, batchSize: 20,
      options: OptimizerOptions(SGDOptions(learningRate: 0.1)))
    func agreement(_ part: LabeledExamples, _ truth: LabeledExamples) throws -> (
      all: Double, wrong: Double
    ) {
      let guesses = try model.network.predict(
        parameters: model.parameters, on: part, workspace: model.workspace
      ).classes
      let hits = zip(guesses, part.labels).map { $0 == $1 }
      let wrong = part.labels.indices.filter { part.labels[$0] != truth.labels[$0] }
      return (
        Double(hits.count { $0 }) / Double(hits.count),
        Double(wrong.count { hits[$0] }) / Double(wrong.count)
      )
    }
    let trained = try agreement(split.train, truth.train)
    let tested = try agreement(split.test, truth.test)
    #expect(trained.all - tested.all >= 0.02)
    #expect(trained.wrong > 0.9)
    #expect(tested.wrong < 0.1)
  }
}
