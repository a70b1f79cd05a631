import Algorithms
import Attacks
import Components
import Datasets
import Defenses
import Federation
import SecureAggregation
import Tensors
import Testing

/// Rounds that add updates up as they are made, judged by rounds that keep them all: a recorder at
/// the server makes any round do that, and changes nothing else.
@Suite("Sums as updates are made")
struct RoundSumTests {
  static func cases() throws -> [(name: String, federation: TinyFederation)] {
    func tiny(_ change: (inout TinyFederation) throws -> Void) rethrows -> TinyFederation {
      var federation = TinyFederation(clients: 41, examplesPerClient: 5, rounds: 4)
      try change(&federation)
      return federation
    }
    return [
      ("plain", tiny { _ in }),
      ("cohorts", try tiny { $0.algorithm = [FedAvg(), try UniformSampling(clients: 19)] }),
      (
        "momentum",
        try tiny { $0.algorithm.append(try ServerMomentum(learningRate: 1, momentum: 0.5)) }
      ),
      ("top-k", try tiny { $0.algorithm.append(try TopK(fraction: 0.3)) }),
      ("noise", tiny { $0.algorithm.append(AffineTransform(factor: 0.5, noise: 0.1)) }),
      ("label-flip", tiny { $0.attack = [LabelFlip()] }),
      (
        "weights",
        tiny { federation in
          federation.algorithm = [
            ScriptedTrainer(weight: { 0.1 + Double($0) / 3 }) { client, round in
              (0..<6).map { Float(client * $0 + round) / 7 - 1.3 }
            }
          ]
        }
      ),
      (
        "bad updates under attack",
        tiny { federation in
          federation.attack = [LabelFlip()]
          federation.algorithm = [
            ScriptedTrainer(weight: { $0 == 5 ? 0 : 2 }) { client, round in
              (0..<6).map { client == 7 && $0 == 3 ? Float.nan : Float(client * $0 + round) }
            }
          ]
        }
      ),
      (
        "nothing usable",
        tiny { federation in
          federation.attack = [LabelFlip()]
          federation.algorithm = [ScriptedTrainer { _, _ in [1, 2, 3, 4, 5, .infinity] }]
        }
      ),
      (
        "a mean that overflows",
        tiny { federation in
          federation.attack = [LabelFlip()]
          federation.rounds = 2
          federation.algorithm = [
            ScriptedTrainer { _, _ in [Float](repeating: .greatestFiniteMagnitude, count: 6) }
          ]
        }
      ),
    ]
  }

  @Test("give the bits of the rule that sees all updates", arguments: [1, 3])
  func equal(workers: Int) throws {
    for (name, federation) in try Self.cases() {
      #expect(try federation.pipeline().addsUp, "\(name)")
      var watched = federation
      watched.attack.append(Recorder())
      #expect(!(try watched.pipeline().addsUp))
      var scenarios = [try federation.scenario(), try watched.scenario()]
      for losses in [false, true] {
        if losses {
          for index in scenarios.indices {
            scenarios[index].pipeline.devices = [try MessageLoss(rate: 0.3)]
          }
        }
        let sum = try scenarios[0].run(workers: workers)
        let all = try scenarios[1].run()
        #expect(
          sum.model.array.map(\.bitPattern) == all.model.array.map(\.bitPattern), "\(name)")
        #expect("\(sum.rounds)" == "\(all.rounds)", "\(name)")
        #expect(sum.bytesUp == all.bytesUp && sum.bytesDown == all.bytesDown, "\(name)")
        #expect(sum.colluders == all.colluders)
      }
    }
  }

  @Test("are refused wherever someone looks at single updates")
  func refused() throws {
    let lookers: [(inout TinyFederation) throws -> Void] = [
      { $0.defense = [try TrimmedMean(f: 1)] },
      { $0.defense = [try Clipping(clippingNorm: 1), Mean()] },
      { $0.attack = [try SignFlip(scale: 1)] },
      { $0.transport = SumOnly() },
      { $0.algorithm.append(try FedBuff(FedBuff.defaults)) },
    ]
    for (index, change) in lookers.enumerated() {
      var federation = TinyFederation()
      try change(&federation)
      #expect(!(try federation.pipeline().addsUp), "case \(index)")
    }
  }

  @Test("stop at training that diverges, like any round")
  func divergence() throws {
    var federation = TinyFederation()
    federation.algorithm = [
      ScriptedTrainer { client, round in [client == 3 && round == 1 ? .nan : 1, 0, 0, 0, 0, 0] }
    ]
    #expect(throws: FederationError.self) { try federation.run() }
  }
}
