import Algorithms
import Components
import Datasets
import Federation
import Learning
import Randomness
import Synchronization
import Tensors

/// The weighted mean, written out: the catalogue's lives in a module these tests do not know.
struct PlainMean: Aggregator {
  static let card = Card(name: "plain-mean", summary: "The weighted mean.", needs: [.sum])
  init(_ parameters: NoParameters = NoParameters()) {}
  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    var sum = [Double](repeating: 0, count: view.updates.dimension)
    for (row, weight) in view.weights.enumerated() {
      for (j, value) in view.updates.row(row).array.enumerated() {
        sum[j] += weight * Double(value)
      }
    }
    let total = view.weights.reduce(0, +)
    return Aggregation(.vector(Vector(sum.map { Float($0 / total) })))
  }
}

/// Keeps the weights and updates of the last round.
final class LastRound: Sendable {
  private let storage = Mutex<(weights: [Double], updates: [[Float]])>(([], []))
  var weights: [Double] { storage.withLock { $0.weights } }
  var updates: [[Float]] { storage.withLock { $0.updates } }
  func set(_ weights: [Double], _ updates: [[Float]]) {
    storage.withLock { $0 = (weights, updates) }
  }
}

/// Reads along at the server.
struct Reader: Observer {
  static let card = Card(name: "reader", summary: "Keeps the last round.")
  let last: LastRound
  init(_ parameters: NoParameters = NoParameters()) { last = LastRound() }
  init(_ last: LastRound) { self.last = last }
  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) {
    last.set(
      observation.items.map(\.weight),
      (0..<observation.updates.count).map { observation.updates.row($0).array })
  }
  func guess(using generator: inout Generator, memory: inout Memory) {}
  func judge(_ guess: Void, against truth: GroundTruth) -> Conclusion { Conclusion() }
}

/// Three classes of points in four dimensions, shared out in parts of the given sizes.
struct SmallFederation {
  var sizes = [12, 12, 12, 12, 12]
  var training = TrainingOptions(
    rounds: 4, epochs: 2, batchSize: 5, learningRate: 0.3, evaluateEvery: 1)
  var algorithm: [any Component]
  var population: [any Component] = []
  var seed: UInt64 = 11
  var hidden: [Int] = []

  func scenario(reader: LastRound = LastRound()) throws -> Scenario {
    var generator = Generator(seed: 5).fork("small federation")
    func part(_ count: Int) throws -> LabeledExamples {
      let labels = (0..<count).map { _ in Int32(generator.uniform(below: 3)) }
      return try LabeledExamples(
        features: labels.flatMap { label in
          (0..<4).map { Float($0 == Int(label) ? 1.5 : 0) + Float(generator.normal()) }
        }, labels: labels, shape: [4], classes: 3)
    }
    let data = DataSplit(
      name: "small", train: try part(sizes.reduce(0, +)), test: try part(30),
      attribution: "made up")
    var start = 0
    let assignment = sizes.map { size in
      defer { start += size }
      return Array(start..<start + size)
    }
    return Scenario(
      data: data, shares: ClientShares(assignment),
      network: try MLP(MLP.Parameters(hidden: hidden)).network(inputShape: [4], classes: 3),
      training: training,
      pipeline: try RoundPipeline(
        population: population, algorithm: algorithm, transport: Plain(), attack: [Reader(reader)],
        defense: [PlainMean()]),
      threat: ThreatModel(attackers: 0), seed: seed)
  }

  /// The initial weights of the run, by the documented name of their stream.
  static func initialParameters(of scenario: Scenario) -> Vector {
    var generator = Generator(seed: scenario.seed).fork("initialization", 0, 0)
    return scenario.network.initialParameters(using: &generator)
  }
}
