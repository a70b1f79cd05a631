import Algorithms
import Components
import Datasets
import Federation
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// Keeps nothing of a client's own but follows its model: w_k - w at each client, round by round.
@Suite("Personal parts of models")
struct PersonalPartsTests {
  private func network(_ layers: [Layer]) throws -> Network {
    try Network(input: [1, 4, 4], layers)
  }

  @Test("FedPer keeps the last layers, FedBN the norms, both by name")
  func ranges() throws {
    let network = try network([
      .convolution(Convolution(outputs: 2, kernel: 3)), .batchNorm(), .relu, .dense(outputs: 5),
      .relu, .dense(outputs: 3),
    ])
    func names(_ ranges: [Range<Int>]) -> [String] {
      network.layout.segments.filter { ranges.contains($0.range) }.map(\.name)
    }
    #expect(try names(FedPer().keptRanges(of: network)) == ["fc2.weight", "fc2.bias"])
    #expect(
      try names(FedPer(layers: 2).keptRanges(of: network)) == [
        "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias",
      ])
    #expect(
      Set(try names(FedBN().keptRanges(of: network))) == [
        "norm1.weight", "norm1.bias", "norm1.running_mean", "norm1.running_var",
      ])
  }

  @Test("a model without such a part is refused in words")
  func refused() throws {
    let plain = try network([.dense(outputs: 3)])
    let norm = #expect(throws: FederationError.self) { try FedBN().keptRanges(of: plain) }
    #expect("\(norm as Any)".contains("no normalisation layer"))
    let head = #expect(throws: FederationError.self) { try FedPer().keptRanges(of: plain) }
    #expect("\(head as Any)".contains("at most 0 can be personal"))
    #expect(throws: ParameterError.self) { try FedPer(layers: 0) }
  }

  @Test("kept values are neither sent nor counted, and the global model's stay as they began")
  func secrecy() throws {
    let last = LastRound()
    var federation = SmallFederation(
      algorithm: [FedAvg(), try FedPer(), try ServerMomentum(learningRate: 1, momentum: 0.5)])
    federation.hidden = [6]
    let scenario = try federation.scenario(reader: last)
    let record = try scenario.run()
    let kept = try FedPer().keptRanges(of: scenario.network)
    let start = SmallFederation.initialParameters(of: scenario)
    let (own, all) = (kept.reduce(0) { $0 + $1.count }, scenario.network.parameterCount)
    #expect(own == 6 * 3 + 3 && all == 4 * 6 + 6 + own)
    for update in last.updates {
      for index in 0..<all {
        let isKept = kept.contains { $0.contains(index) }
        #expect((update[index] == 0) == isKept || !isKept)
        if isKept { #expect(record.model[index] == start[index]) }
      }
    }
    #expect(record.model != start)
    // 5 clients, 4 rounds, 4 bytes a shared parameter, both ways.
    #expect(record.bytesUp == 4 * 5 * 4 * (all - own) && record.bytesDown == record.bytesUp)
  }

  @Test("clients of the whole model personal but one layer train alone: their own SGD, followed")
  func followed() throws {
    // One round of one client is SGD from the start; in the second it goes on with its own head and
    // the server's base.
    var federation = SmallFederation(sizes: [20, 20], algorithm: [FedAvg(), try FedPer()])
    federation.hidden = [5]
    federation.training.rounds = 2
    let scenario = try federation.scenario()
    let kept = try FedPer().keptRanges(of: scenario.network)
    let isKept = (0..<scenario.network.parameterCount).map { index in
      kept.contains { $0.contains(index) }
    }
    var global = SmallFederation.initialParameters(of: scenario)
    var own = [global, global]
    let root = Generator(seed: scenario.seed)
    for round in UInt64(0)..<2 {
      var mean = Vector(zeros: global.count)
      for client in 0..<2 {
        var local = Vector(isKept.indices.map { isKept[$0] ? own[client][$0] : global[$0] })
        let start = local
        var generator = root.fork("training", round, UInt64(client))
        try trainSGD(
          network: scenario.network, parameters: &local,
          examples: scenario.data.train.subset(scenario.shares.indices[client]), epochs: 2,
          batchSize: 5, options: SGDOptions(learningRate: 0.3),
          workspace: Workspace(for: scenario.network), generator: &generator)
        own[client] = local
        mean.add(local - start, scale: 0.5)
      }
      global = Vector(isKept.indices.map { isKept[$0] ? global[$0] : global[$0] + mean[$0] })
    }
    let record = try scenario.run()
    #expect(
      largestDifference(record.model.array.map(Double.init), global.array.map(Double.init)) < 1e-6)

    // The run is judged by the clients' own models, each class weighed as the client holds it.
    var accuracy = 0.0
    for client in 0..<2 {
      let model = Vector(isKept.indices.map { isKept[$0] ? own[client][$0] : global[$0] })
      let predictions = try scenario.network.predict(
        parameters: model, on: scenario.data.test, workspace: Workspace(for: scenario.network))
      let mine = try scenario.data.train.subset(scenario.shares.indices[client]).labelCounts
      for label in 0..<3 {
        let rows = scenario.data.test.labels.indices.filter {
          scenario.data.test.labels[$0] == Int32(label)
        }
        let right = rows.count { predictions.classes[$0] == Int32(label) }
        accuracy += Double(mine[label]) / 20 * Double(right) / Double(rows.count) / 2
      }
    }
    #expect(abs(record.finalAccuracy - accuracy) < 1e-9)
    #expect((record.rounds.last?.worstTenth ?? 1) <= record.finalAccuracy)
  }

  @Test("being looked at changes nobody: evaluating every round gives the same model")
  func evaluation() throws {
    func model(every: Int) throws -> Vector {
      var federation = SmallFederation(algorithm: [FedAvg(), try FedPer()])
      federation.hidden = [4]
      federation.training.evaluateEvery = every
      return try federation.scenario().run(workers: every == 1 ? 2 : 1).model
    }
    #expect(try model(every: 1) == (try model(every: 4)))
  }

  @Test("where labels mean something else to every client, a personal head helps")
  func conceptShift() throws {
    func accuracy(_ algorithm: [any Component]) throws -> Double {
      var federation = SmallFederation(sizes: [60, 60, 60], algorithm: algorithm)
      federation.hidden = [8]
      federation.training.rounds = 15
      var scenario = try federation.scenario()
      scenario.shares.shifts = [[0, 1, 2], [1, 2, 0], [2, 0, 1]].map {
        DomainShift([.relabel($0)])
      }
      return try scenario.run().finalAccuracy
    }
    let shared = try accuracy([FedAvg()])
    let personal = try accuracy([FedAvg(), try FedPer()])
    // Three permutations of three classes: one model for all can be right a third of the time.
    #expect(shared < 0.5 && personal > shared + 0.3, "\(shared) \(personal)")
  }
}
