import Algorithms
import Attacks
import Components
import Datasets
import Defenses
import Federation
import Learning
import Randomness
import Tensors

/// A federation small enough for debug builds: two classes of points in the plane, logistic
/// regression, six parameters.
struct TinyFederation {
  var clients = 7
  var examplesPerClient = 6
  var rounds = 3
  var seed: UInt64 = 1
  var learningRate = 0.5
  var batchSize = 4
  var algorithm: [any Component] = [FedAvg()]
  var transport: any Component = Plain()
  var attack: [any Component] = []
  var defense: [any Component] = [Mean()]
  var threat = ThreatModel(attackers: 2)

  /// Points near (1, 1) and (-1, -1); each client holds the same number of them.
  static func data(count: Int) throws -> DataSplit {
    var generator = Generator(seed: 99).fork("tiny federation")
    func part(_ count: Int) throws -> LabeledExamples {
      let labels = (0..<count).map { Int32($0 % 2) }
      let features = labels.flatMap { label in
        (0..<2).map { _ in Float(2 * label - 1) + Float(generator.normal()) }
      }
      return try LabeledExamples(features: features, labels: labels, shape: [2], classes: 2)
    }
    return DataSplit(
      name: "tiny", train: try part(count), test: try part(20), attribution: "made up")
  }

  func pipeline() throws -> RoundPipeline {
    try RoundPipeline(
      algorithm: algorithm, transport: transport, attack: attack, defense: defense)
  }

  func scenario() throws -> Scenario {
    let data = try Self.data(count: clients * examplesPerClient)
    return Scenario(
      data: data,
      shares: ClientShares(
        (0..<clients).map { client in
          Array(client * examplesPerClient..<(client + 1) * examplesPerClient)
        }),
      network: try Logistic().network(inputShape: [2], classes: 2),
      training: TrainingOptions(
        rounds: rounds, epochs: 2, batchSize: batchSize, learningRate: learningRate,
        evaluateEvery: 1),
      pipeline: try pipeline(), threat: threat, seed: seed)
  }

  @discardableResult
  func run(workers: Int = 1) throws -> RunRecord { try scenario().run(workers: workers) }

  /// The ledger of a run that is watched at the server.
  func watched() throws -> [Ledger.Entry] {
    let ledger = Ledger()
    var watched = self
    watched.attack.append(Recorder(ledger))
    try watched.run()
    return ledger.entries
  }

  /// Parameters of the model: two weights and a bias for each of two classes.
  static let dimension = 6
}
