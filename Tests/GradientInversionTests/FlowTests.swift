import Components
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Inversion through local training")
struct FlowTests {
  private let small: SmallProblem

  init() throws { small = try SmallProblem(rows: 4, name: "flows") }

  /// Local SGD written out: the difference that a client sends.
  private func train(
    _ inputs: [Double], _ labels: [Int32], batchSizes: [Int], rate: Double, momentum: Double,
    epochs: Int
  ) throws -> [Double] {
    let network = small.network
    let start = small.parameters.array.map { Double($0) }
    var w = start
    var velocity = [Double](repeating: 0, count: w.count)
    for _ in 0..<epochs {
      var place = 0
      for size in batchSizes {
        var gradient = velocity
        try network.differentiate(
          parameters: w,
          batch: Batch(
            inputs: Array(inputs[(place * 72)..<((place + size) * 72)]),
            labels: Array(labels[place..<(place + size)])),
          workspace: Workspace(for: network, batchSize: 4), gradient: &gradient)
        for i in w.indices {
          velocity[i] = momentum * velocity[i] + gradient[i]
          w[i] -= rate * velocity[i]
        }
        place += size
      }
    }
    return zip(w, start).map { $0 - $1 }
  }

  private func probe(
    flow: AttackSettings.DataFlow, epochs: Int, momentum: Double,
    form: MatchingObjective.Form = .cosine,
    priors: [AttackSettings.Prior] = []
  ) throws -> ObjectiveProbe {
    let delta = try train(
      small.inputs, small.labels, batchSizes: [2, 1, 1], rate: 0.3, momentum: momentum,
      epochs: epochs)
    let sizes = (0..<epochs).flatMap { _ in [2, 1, 1] }
    let problem = try InversionProblem(
      network: small.network, parameters: small.parameters,
      observed: ObservedUpdate(delta, unit: .delta),
      knowledge: AttackerKnowledge(
        batchSize: 4, labels: .known(small.labels),
        training: LocalTraining(rate: 0.3, momentum: momentum, batchSizes: sizes, epochs: epochs),
        knowsOrder: true))
    var settings = AttackSettings(
      objective: MatchingObjective(form), search: .adam(rate: 1), steps: 1)
    settings.flow = flow
    settings.priors = priors
    return try ObjectiveProbe(problem, settings)
  }

  @Test(
    "the unrolled gradient equals finite differences to 1e-8, with momentum and epochs",
    arguments: [(1, 0.0), (1, 0.9), (3, 0.5)])
  func unroll(epochs: Int, momentum: Double) throws {
    var generator = testGenerator()
    let probe = try probe(flow: .unroll, epochs: epochs, momentum: momentum, form: .squared())
    let point = small.inputs.map { _ in generator.uniform() }
    let (_, gradient) = try probe.evaluate(point)
    let direction = point.map { _ in generator.normal() }
    let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
    func value(_ h: Double) throws -> Double {
      try probe.evaluate(zip(point, direction).map { $0 + h * $1 }).value
    }
    // Richardson's extrapolation of central differences: error of order h^4.
    let h = 1e-3
    let coarse = (try value(h) - value(-h)) / (2 * h)
    let fine = (try value(h / 2) - value(-h / 2)) / h
    #expect(relativeError((4 * fine - coarse) / 3, slope) < 1e-8)
  }

  @Test("at the client's data the unrolled difference is the observed one", arguments: [1, 2])
  func truth(epochs: Int) throws {
    let unroll = try probe(flow: .unroll, epochs: epochs, momentum: 0.4, form: .squared())
    #expect(try unroll.evaluate(small.inputs).value < 1e-25)
    let dummies = try probe(flow: .dummiesByEpoch, epochs: epochs, momentum: 0.4, form: .squared())
    let copies = (0..<epochs).flatMap { _ in small.inputs }
    #expect(dummies.variableCount == copies.count)
    #expect(try dummies.evaluate(copies).value < 1e-25)
  }

  @Test(
    "epochs with dummies of their own have exact gradients under the order-invariant prior",
    arguments: [AttackSettings.Prior.Aggregate.mean, .maximum])
  func dummies(aggregate: AttackSettings.Prior.Aggregate) throws {
    var generator = testGenerator()
    let probe = try probe(
      flow: .dummiesByEpoch, epochs: 3, momentum: 0, priors: [.orderInvariant(0.5, aggregate)])
    let point = (0..<probe.variableCount).map { _ in generator.normal() }
    let (_, gradient) = try probe.evaluate(point)
    let direction = point.map { _ in generator.normal() }
    let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
    let h = 1e-6
    let up = try probe.evaluate(zip(point, direction).map { $0 + h * $1 }).value
    let down = try probe.evaluate(zip(point, direction).map { $0 - h * $1 }).value
    #expect(relativeError((up - down) / (2 * h), slope) < 1e-6)
  }

  @Test("the order-invariant prior does not see the order of an epoch's examples")
  func orderInvariance() throws {
    let plain = try probe(flow: .dummiesByEpoch, epochs: 2, momentum: 0)
    let prior = try probe(
      flow: .dummiesByEpoch, epochs: 2, momentum: 0, priors: [.orderInvariant(1)])
    let rows = (0..<4).map { Array(small.inputs[($0 * 72)..<($0 * 72 + 72)]) }
    let swapped = small.inputs + rows[2] + rows[0] + rows[3] + rows[1]
    #expect(
      isClose(
        try prior.evaluate(swapped).value, try plain.evaluate(swapped).value, tolerance: 1e-14))
    let other = small.inputs + rows[0] + rows[0] + rows[0] + rows[0]
    #expect(try prior.evaluate(other).value > plain.evaluate(other).value + 1e-3)
  }

  @Test("the group prior pulls to the consensus with an exact gradient")
  func group() throws {
    var settings = AttackSettings(
      objective: MatchingObjective(.cosine), search: .adam(rate: 1), steps: 1)
    let knowledge = AttackerKnowledge(batchSize: 4, labels: .known(small.labels))
    let plain = try ObjectiveProbe(small.problem(knowledge), settings)
    settings.priors = [.group(3)]
    let group = try ObjectiveProbe(small.problem(knowledge), settings)
    group.consensus = small.inputs.map { $0 + 0.5 }
    let (with, gradient) = try group.evaluate(small.inputs)
    let (without, base) = try plain.evaluate(small.inputs)
    #expect(isClose(with - without, 1.5 * 0.25, tolerance: 1e-12))
    let count = Double(small.inputs.count)
    #expect(zip(gradient, base).allSatisfy { abs($0 - $1 + 1.5 / count) < 1e-12 })
  }

  @Test("several steps need their parameters, their size, and for epochs their order")
  func refused() throws {
    var settings = AttackSettings(
      objective: MatchingObjective(.cosine), search: .adam(rate: 1), steps: 1)
    settings.flow = .unroll
    let training = try LocalTraining(rate: 0.1, batchSizes: [2, 2, 2, 2], epochs: 2)
    var knowledge = AttackerKnowledge(batchSize: 4, labels: .known(small.labels))
    #expect(throws: InversionError.self) { try ObjectiveProbe(small.problem(knowledge), settings) }
    knowledge.training = training
    #expect(throws: InversionError.self) { try ObjectiveProbe(small.problem(knowledge), settings) }
    knowledge.knowsOrder = true
    _ = try ObjectiveProbe(small.problem(knowledge), settings)
    knowledge.training = try LocalTraining(rate: 0.1, batchSizes: [3, 2])
    #expect(throws: InversionError.self) { try ObjectiveProbe(small.problem(knowledge), settings) }
    settings.labels = .joint
    knowledge.training = training
    #expect(throws: InversionError.self) { try ObjectiveProbe(small.problem(knowledge), settings) }
  }

  @Test(
    "a masked sum is inverted as the batch of all its clients, and leaks less the more there are")
  func secureSum() throws {
    var psnr: [Double] = []
    for clients in [1, 2, 4] {
      let rows = 0..<clients
      var sum = [Double](repeating: 0, count: small.network.parameterCount)
      for row in rows {
        let own = try SmallProblem.gradient(
          small.network, small.parameters,
          Batch(
            inputs: Array(small.inputs[(row * 72)..<(row * 72 + 72)]), labels: [small.labels[row]]))
        for place in sum.indices { sum[place] += own[place] }
      }
      let observed = try ObservedUpdate(sum: sum, clients: clients, unit: .gradient)
      let problem = try InversionProblem(
        network: small.network, parameters: small.parameters, observed: observed,
        knowledge: AttackerKnowledge(
          batchSize: clients, labels: .known(rows.map { small.labels[$0] }),
          inputRange: .unit(channels: 2)))
      let probe = try ObjectiveProbe(
        problem,
        AttackSettings(objective: MatchingObjective(.squared()), search: .adam(rate: 1), steps: 1))
      // In the search's units the valid range is 4 wide around 0.
      let point = small.inputs.prefix(clients * 72).map { 4 * $0 - 2 }
      #expect(try probe.evaluate(point).value < 1e-25)
      var settings = InversionPreset.invertingGradients.settings
      (settings.labels, settings.priors, settings.steps) = (.known, [], 800)
      let found = try GradientMatchingAttack(settings).run(on: problem, using: testGenerator())
      let shape = try ImageShape(channels: 2, height: 6, width: 6)
      let originals = rows.map { row in
        small.inputs[(row * 72)..<(row * 72 + 72)].map { Float($0) }
      }
      let score = try BatchScore(of: found.inputs, against: originals, shape: shape)
      psnr.append(try #require(score.psnr).median)
    }
    #expect(psnr[0] > psnr[1] && psnr[1] > psnr[2], "\(psnr)")
    #expect(psnr[0] > 20)
    #expect(throws: InversionError.self) { try ObservedUpdate(sum: [1], clients: 0, unit: .delta) }
  }

  @Test(
    "training whose labels are hidden is inverted with recovered ones, never with the true ones")
  func noTruth() throws {
    // Hyper-parameters are granted, labels are not: what the attack uses must come from the update.
    let delta = try train(
      small.inputs, small.labels, batchSizes: [4], rate: 0.3, momentum: 0, epochs: 1)
    let knowledge = AttackerKnowledge(
      batchSize: 4, training: try LocalTraining(rate: 0.3, batchSizes: [4]), knowsOrder: true)
    let problem = try InversionProblem(
      network: small.network, parameters: small.parameters,
      observed: ObservedUpdate(delta, unit: .delta), knowledge: knowledge)
    var generator = testGenerator()
    #expect(throws: InversionError.self) {
      try problem.labels(from: .known, examples: 4, using: &generator)
    }
    let labels = try problem.labels(
      from: .recovered(.biasCorrected), examples: 4, using: &generator)
    #expect(labels?.count == 4)
    var settings = InversionPreset.fedAvgUnroll.settings
    (settings.steps, settings.box) = (2, false)
    #expect(throws: InversionError.self) {
      try GradientMatchingAttack(settings).run(on: problem, using: generator)
    }
    settings.labels = .recovered(.biasCorrected)
    let found = try GradientMatchingAttack(settings).run(on: problem, using: generator)
    #expect(found.candidates[0].labels == labels)
  }
}
