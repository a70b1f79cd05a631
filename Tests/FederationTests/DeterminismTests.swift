import Algorithms
import Attacks
import Components
import Defenses
import Federation
import Tensors
import Testing

@Suite("Same seed, same bits")
struct DeterminismTests {
  static func busy() throws -> TinyFederation {
    var federation = TinyFederation(clients: 9, rounds: 4)
    federation.algorithm = [
      FedAvg(), try UniformSampling(clients: 8), try ServerMomentum(learningRate: 1, momentum: 0.5),
      AffineTransform(noise: 0.01),
    ]
    federation.attack = [try ALIE(z: 1.5)]
    federation.defense = [
      try Clipping(clippingNorm: 1), try NNM(f: .assumed), try TrimmedMean(f: 2),
    ]
    return federation
  }

  @Test("whatever the number of workers", arguments: [2, 5])
  func workers(_ workers: Int) throws {
    let one = try Self.busy().run()
    let many = try Self.busy().run(workers: workers)
    #expect(one.model.array.map(\.bitPattern) == many.model.array.map(\.bitPattern))
    #expect(one.rounds == many.rounds)
    #expect(one.bytesUp == many.bytesUp && one.bytesDown == many.bytesDown)
  }

  @Test("a run is a function of its scenario: nothing is left over from an earlier one")
  func repeatable() throws {
    let scenario = try Self.busy().scenario()
    #expect(try scenario.run().model == scenario.run().model)
  }

  @Test("and another seed gives another run")
  func seeds() throws {
    var other = try Self.busy()
    other.seed = 2
    #expect(try Self.busy().run().model != other.run().model)
  }

  @Test("onRound sees every round in order, and may stop the run")
  func onRound() throws {
    var seen: [Int] = []
    _ = try TinyFederation().scenario().run { seen.append($0.round) }
    #expect(seen == [0, 1, 2])
    struct Stop: Error {}
    #expect(throws: Stop.self) { try TinyFederation().scenario().run { _ in throw Stop() } }
  }
}
