import Algorithms
import Components
import Datasets
import Federation
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// A proximal term, written out: a term of the loss that depends on the received model.
private struct Proximal: Objective {
  static let card = Card(name: "test-proximal", summary: "mu/2 times the squared distance.")
  var mu: Float = 0
  init(_ parameters: NoParameters = NoParameters()) {}
  init(mu: Float) { self.mu = mu }
  func addGradient(at parameters: Vector, reference: Vector, to gradient: inout Vector) {
    gradient.add(parameters - reference, scale: mu)
  }
}

@Suite("FedAvg")
struct FedAvgTests {
  @Test("with one client is SGD, restarted each round", arguments: [0.0, 0.9])
  func centralized(_ momentum: Double) throws {
    var federation = SmallFederation(sizes: [40], algorithm: [FedAvg()])
    federation.training.momentum = momentum
    federation.training.weightDecay = 0.01
    let scenario = try federation.scenario()
    var w = SmallFederation.initialParameters(of: scenario)
    let root = Generator(seed: scenario.seed)
    for round in UInt64(0)..<4 {
      var generator = root.fork("training", round, 0)
      try trainSGD(
        network: scenario.network, parameters: &w, examples: scenario.data.train, epochs: 2,
        batchSize: 5, options: SGDOptions(learningRate: 0.3, momentum: momentum, weightDecay: 0.01),
        workspace: Workspace(for: scenario.network), generator: &generator)
    }
    let model = try scenario.run().model
    #expect(largestDifference(model.array.map(Double.init), w.array.map(Double.init)) < 1e-5)
  }

  @Test("sends where each client's own SGD got, with its number of examples as weight")
  func clients() throws {
    for (weighting, weights) in [
      (Weighting.samples, [8.0, 20, 3]), (.uniform, [1, 1, 1]),
    ] {
      let last = LastRound()
      var federation = SmallFederation(
        sizes: [8, 20, 3], algorithm: [FedAvg(weighting: weighting)])
      federation.training.rounds = 1
      let scenario = try federation.scenario(reader: last)
      let model = try scenario.run().model
      #expect(last.weights == weights)

      let start = SmallFederation.initialParameters(of: scenario)
      var expected = [Double](repeating: 0, count: start.count)
      for (client, rows) in scenario.shares.indices.enumerated() {
        var local = start
        var generator = Generator(seed: scenario.seed).fork("training", 0, UInt64(client))
        try trainSGD(
          network: scenario.network, parameters: &local,
          examples: try scenario.data.train.subset(rows), epochs: 2, batchSize: 5,
          options: SGDOptions(learningRate: 0.3, momentum: 0, weightDecay: 0),
          workspace: Workspace(for: scenario.network), generator: &generator)
        let delta = (local - start).array.map(Double.init)
        #expect(largestDifference(last.updates[client].map(Double.init), delta) < 1e-6)
        for j in expected.indices { expected[j] += weights[client] * delta[j] }
      }
      let total = weights.reduce(0, +)
      let step = (model - start).array.map(Double.init)
      #expect(largestDifference(step, expected.map { $0 / total }) < 1e-6)
    }
  }

  @Test("takes the round's learning rate, the optimiser and the smoothing that training names")
  func options() throws {
    var federation = SmallFederation(sizes: [40], algorithm: [FedAvg()])
    federation.training.optimizer = .adam()
    federation.training.learningRate = 0.05
    federation.training.clippingNorm = 0.5
    federation.training.schedule = .step(.init(every: 2, factor: 0.1))
    federation.training.warmUp = 1
    federation.training.labelSmoothing = 0.2
    let scenario = try federation.scenario()
    let smoothed = try scenario.network.with(loss: .crossEntropy(labelSmoothing: 0.2))
    var w = SmallFederation.initialParameters(of: scenario)
    for (round, rate) in [0.025, 0.05, 0.05, 0.005].enumerated() {
      var generator = Generator(seed: scenario.seed).fork("training", UInt64(round), 0)
      try trainEpochs(
        network: smoothed, parameters: &w, examples: scenario.data.train, epochs: 2, batchSize: 5,
        options: OptimizerOptions(.adam(), learningRate: rate, clippingNorm: 0.5),
        workspace: Workspace(for: smoothed), generator: &generator)
    }
    let record = try scenario.run()
    #expect(
      largestDifference(record.model.array.map(Double.init), w.array.map(Double.init)) < 1e-5)
    // The test loss is the cross-entropy itself, whatever clients train on.
    let test = try scenario.network.evaluate(
      parameters: record.model, on: scenario.data.test, workspace: Workspace(for: scenario.network))
    #expect(record.rounds.last?.loss == test.loss)
  }

  @Test(
    "with an objective of weight 0 every optimiser takes the steps it takes without",
    arguments: [Optimizer.sgd, .adam(), .adamW()], [0, 0.3])
  func nullObjectiveOptimizers(_ optimizer: Optimizer, _ smoothing: Double) throws {
    var federation = SmallFederation(algorithm: [FedAvg()])
    federation.training.optimizer = optimizer
    federation.training.learningRate = 0.02
    federation.training.momentum = optimizer == .sgd ? 0.9 : 0
    federation.training.nesterov = optimizer == .sgd
    federation.training.weightDecay = 0.02
    federation.training.clippingNorm = 1
    federation.training.labelSmoothing = smoothing
    let plain = try federation.scenario().run().model.array.map(Double.init)
    federation.algorithm.append(Proximal(mu: 0))
    let other = try federation.scenario().run().model.array.map(Double.init)
    #expect(largestDifference(plain, other) < 1e-5)
  }

  @Test("an objective of weight 0 changes nothing: both loops take the same steps")
  func nullObjective() throws {
    var federation = SmallFederation(algorithm: [FedAvg()])
    federation.training.momentum = 0.5
    federation.training.weightDecay = 0.02
    let plain = try federation.scenario().run().model.array.map(Double.init)
    federation.algorithm.append(Proximal(mu: 0))
    let other = try federation.scenario().run().model.array.map(Double.init)
    #expect(largestDifference(plain, other) < 1e-5)
  }

  @Test("a proximal objective keeps clients near the received model, for FedSGD too at no distance")
  func objective() throws {
    func length(_ algorithm: [any Component]) throws -> Double {
      let last = LastRound()
      var federation = SmallFederation(algorithm: algorithm)
      federation.training.rounds = 1
      federation.training.epochs = 20
      _ = try federation.scenario(reader: last).run()
      return last.updates.map { Vector($0).norm }.reduce(0, +)
    }
    #expect(try length([FedAvg(), Proximal(mu: 2)]) < 0.7 * length([FedAvg()]))
    // One step from the received model itself: the penalty's gradient is zero there.
    #expect(try length([FedSGD(), Proximal(mu: 2)]) == length([FedSGD()]))
  }
}
