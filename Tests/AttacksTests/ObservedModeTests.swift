import Algorithms
import Attacks
import Components
import Datasets
import Defenses
import Federation
import GradientInversion
import Learning
import Randomness
import Synchronization
import Tensors
import TestSupport
import Testing

/// Keeps what an inversion attack would work on.
private struct ProblemReader: Observer {
  static let card = Card(
    name: "problem-reader", summary: "Keeps problems.",
    needs: [.individualUpdates, .batchSize, .trainingParameters])
  final class Log: Sendable {
    private let storage = Mutex<[InversionProblem]>([])
    var problems: [InversionProblem] { storage.withLock { $0 } }
    func append(_ problem: InversionProblem) { storage.withLock { $0.append(problem) } }
  }
  let log: Log
  init(_ parameters: NoParameters = NoParameters()) { log = Log() }
  init(_ log: Log) { self.log = log }
  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) throws {
    for row in observation.items.indices { log.append(try observation.problem(ofRow: row)) }
  }
  func guess(using generator: inout Generator, memory: inout Memory) {}
  func judge(_ guess: Void, against truth: GroundTruth) -> Conclusion { Conclusion() }
}

@Suite("What an attack takes the client to have done")
struct ObservedModeTests {
  private func problems(
    _ network: Network, _ examples: LabeledExamples, _ shares: [[Int]]
  ) throws -> [InversionProblem] {
    let log = ProblemReader.Log()
    let scenario = Scenario(
      data: DataSplit(name: "small", train: examples, test: examples, attribution: "made up"),
      shares: ClientShares(shares), network: network,
      training: TrainingOptions(
        rounds: 1, epochs: 1, batchSize: 4, learningRate: 0.1, evaluateEvery: 1),
      pipeline: try RoundPipeline(
        algorithm: [FedSGD()], transport: Plain(), attack: [ProblemReader(log)],
        defense: [Mean(Mean.defaults)]),
      threat: ThreatModel(attackers: 0), seed: 5)
    _ = try scenario.run(workers: 1)
    return log.problems
  }

  @Test(
    "at the client's own examples the distance is nothing, with batch norm in training as without",
    arguments: [false, true])
  func truth(normed: Bool) throws {
    var generator = testGenerator(name: "observed mode")
    let examples = try LabeledExamples(
      features: (0..<(8 * 36)).map { _ in Float(generator.uniform()) },
      labels: (0..<8).map { Int32($0 % 3) }, shape: [1, 6, 6], classes: 3)
    let norm: [Layer] = normed ? [.batchNorm()] : []
    let network = try Network(
      input: [1, 6, 6],
      [.convolution(Convolution(outputs: 4, kernel: 3))] + norm
        + [.activation(.sigmoid), .flatten, .dense(outputs: 3)])
    let shares = [[0, 1, 2, 3], [4, 5, 6, 7]]
    let found = try problems(network, examples, shares)
    #expect(found.count == 2)
    for (problem, share) in zip(found, shares) {
      var knowledge = problem.knowledge
      knowledge.labels = .known(share.map { examples.labels[$0] })
      let aware = try InversionProblem(
        network: network, parameters: problem.parameters, observed: problem.observed,
        knowledge: knowledge, mode: problem.mode)
      let settings = AttackSettings(
        objective: MatchingObjective(.cosine), search: .adam(rate: 1), steps: 1)
      let probe = try ObjectiveProbe(aware, settings)
      let point = share.flatMap { examples.features(of: $0).map { Double($0) } }
      // One minus the cosine: updates come in Float, as differences of weights.
      #expect(try probe.evaluate(point).value < 1e-5)
      guard normed else { continue }
      // The same in the other mode is far away, so that the bound above says something.
      let evaluated = try InversionProblem(
        network: network, parameters: problem.parameters, observed: problem.observed,
        knowledge: knowledge, mode: .evaluation)
      #expect(try ObjectiveProbe(evaluated, settings).evaluate(point).value > 1e-2)
    }
  }
}
