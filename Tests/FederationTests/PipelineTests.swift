import Accounting
import Algorithms
import Attacks
import Components
import Defenses
import Federation
import SecureAggregation
import Tensors
import Testing

@Suite("Seats of the pipeline")
struct PipelineTests {
  private func expectTaken(
    _ position: String, _ first: String, _ second: String, _ federation: TinyFederation
  ) {
    #expect(
      throws: FederationError.positionTaken(position: position, first: first, second: second)
    ) { try federation.pipeline() }
  }

  @Test("two components for one single position are refused, both named")
  func taken() throws {
    expectTaken("aggregator", "mean", "median", TinyFederation(defense: [Mean(), try Median()]))
    expectTaken(
      "local trainer", "fedavg", "fedsgd", TinyFederation(algorithm: [FedAvg(), FedSGD()]))
    expectTaken(
      "client sampler", "poisson-sampling", "uniform-sampling",
      TinyFederation(algorithm: [
        FedAvg(), try PoissonSampling(rate: 0.5), try UniformSampling(clients: 2),
      ]))
    expectTaken(
      "server optimizer", "server-sgd", "server-momentum",
      TinyFederation(algorithm: [
        FedAvg(), try ServerSGD(learningRate: 1), try ServerMomentum(learningRate: 1, momentum: 0),
      ]))
    expectTaken(
      "corruption", "sign-flip", "ipm",
      TinyFederation(attack: [try SignFlip(scale: 1), try IPM(epsilon: 1)]))
    expectTaken(
      "arrival policy", "synchronous", "after-arrivals",
      TinyFederation(algorithm: [FedAvg(), Synchronous(), AfterArrivals(2)]))
    expectTaken(
      "malicious server", "isolation", "server-ascent",
      TinyFederation(attack: [try Isolation(), try ServerAscent()]))
    // A transport among the defenses wants the seat of the experiment's transport.
    expectTaken("transport", "plain", "sum-only", TinyFederation(defense: [SumOnly(), Mean()]))
  }

  @Test("a component that fits nowhere in its role is refused by name")
  func nowhere() throws {
    for (federation, component, role) in [
      (TinyFederation(attack: [Mean()]), "mean", "an attack"),
      (TinyFederation(attack: [SumOnly()]), "sum-only", "an attack"),
      (TinyFederation(defense: [try IPM(epsilon: 1), Mean()]), "ipm", "defense"),
      (TinyFederation(transport: NoObserver()), "no-observer", "transport"),
      (TinyFederation(algorithm: []), "nobody", "local trainer"),
      (TinyFederation(defense: [try NNM(f: 1)]), "nobody", "aggregator"),
    ] {
      #expect(throws: FederationError.noPosition(component: component, role: role)) {
        try federation.pipeline()
      }
    }
  }

  @Test("a component with two positions takes both")
  func twoPositions() throws {
    let report = SpyReport()
    let pipeline = try TinyFederation(attack: [Spy(report)], defense: [Spy(report)]).pipeline()
    #expect(pipeline.aggregator is Spy)
    #expect(pipeline.preAggregators.count == 1 && pipeline.preAggregators[0] is Spy)
    #expect(pipeline.attack.corruption is Spy)
    #expect(pipeline.attack.observers.count == 1 && pipeline.attack.observers[0] is Spy)
  }

  @Test("data views and transforms stand where they were named: at everybody, or at colluders only")
  func dataAndTransforms() throws {
    let pipeline = try TinyFederation(
      algorithm: [FedAvg(), OwnData(), AffineTransform(factor: 2)],
      attack: [LabelFlip(), AffineTransform(factor: 3)]
    ).pipeline()
    #expect(pipeline.dataViews.count == 1 && pipeline.dataViews[0] is OwnData)
    #expect(pipeline.attack.dataViews.count == 1 && pipeline.attack.dataViews[0] is LabelFlip)
    #expect((pipeline.transforms.first as? AffineTransform)?.factor == 2)
    #expect((pipeline.attack.transforms.first as? AffineTransform)?.factor == 3)
    #expect(pipeline.attack.corrupts && !TinyFederation.init().attackCorrupts)
  }

  @Test("chains run in the order of naming: transforms, pre-aggregators, and the attack's last")
  func order() throws {
    var federation = TinyFederation(rounds: 1)
    federation.algorithm = [
      ScriptedTrainer { client, _ in (0..<TinyFederation.dimension).map { _ in 1 } },
      AffineTransform(factor: 2), AffineTransform(offset: 3),
    ]
    #expect(try federation.watched()[0].rows.allSatisfy { $0[0] == 5 })
    federation.algorithm.swapAt(1, 2)
    #expect(try federation.watched()[0].rows.allSatisfy { $0[0] == 8 })

    federation.attack = [AffineTransform(factor: -1), AffineTransform(offset: 10)]
    let colluders = try federation.scenario().colluders
    for (client, row) in try federation.watched()[0].rowOfClient {
      #expect(row[0] == (colluders.contains(client) ? 2 : 8))
    }

    // Clip to 1, then double; or double first.
    federation.attack = []
    let clip = try Clipping(clippingNorm: 1)
    for (chain, norm) in [
      ([clip, ScaleRows(factor: 2), Mean()], 2.0), ([ScaleRows(factor: 2), clip, Mean()], 1),
    ] as [([any Component], Double)] {
      federation.defense = chain
      let entry = try federation.watched()[0]
      let step = Vector(entry.modelAfter) - Vector(entry.modelBefore)
      #expect(abs(step.norm - norm) < 1e-5)
    }
  }

  @Test("crafted updates enter after the clients' transforms, or before them if the attack says so")
  func taps() throws {
    for (tap, expected) in [(Tap.afterTransforms, Float(1)), (.beforeTransforms, 5)] {
      let attack = ScriptedCorruption(tap: tap) { view in
        view.colluders.map { _ in CraftedUpdate(Vector([1, 1, 1, 1, 1, 1])) }
      }
      let federation = TinyFederation(
        algorithm: [FedAvg(), AffineTransform(factor: 2, offset: 3)], attack: [attack])
      let colluders = try federation.scenario().colluders
      for entry in try federation.watched() {
        for client in colluders { #expect(entry.rowOfClient[client]?[0] == expected) }
      }
    }
  }

  @Test("null components at every position change nothing: the run is plain FedAvg")
  func nulls() throws {
    let plain = try TinyFederation().run()
    let nulls = try TinyFederation(
      algorithm: [
        FullParticipation(), FullBroadcast(), OwnData(), FedAvg(), UnchangedUpdate(), Synchronous(),
        AddAggregate(), GlobalModelOnly(),
      ],
      transport: Plain(),
      attack: [NoAttack(), NoObserver()],
      defense: [AdmitAll(), UnpreparedUpdates(), Mean(), NoNoise()]
    ).run()
    #expect(plain.model.array.map(\.bitPattern) == nulls.model.array.map(\.bitPattern))
    #expect(plain.rounds == nulls.rounds)
    #expect(nulls.conclusions.isEmpty && nulls.colluders.isEmpty)
    // 4 bytes a parameter, client and round, either way.
    #expect(plain.bytesUp == 4 * 6 * 7 * 3 && plain.bytesDown == plain.bytesUp)
    #expect(plain.privacy.entries.map(\.count) == [3])
  }
}

extension TinyFederation {
  fileprivate var attackCorrupts: Bool { (try? pipeline().attack.corrupts) ?? true }
}
