import Accounting
import Algorithms
import Components
import Federation
import PrivateTraining
import Tensors
import Testing

@Suite("Private training of clients")
struct RecordPrivacyTests {
  private func scenario(
    _ options: DPSGDOptions?, examples: Int = 40, algorithm: [any Component] = [FedAvg()]
  ) throws -> Scenario {
    var tiny = TinyFederation()
    tiny.clients = 4
    tiny.examplesPerClient = examples
    tiny.batchSize = 8
    tiny.algorithm = algorithm
    tiny.threat = ThreatModel(attackers: 0)
    var scenario = try tiny.scenario()
    scenario.training.dpSgd = options
    return scenario
  }

  private func options(_ change: (inout DPSGDOptions) -> Void) -> DPSGDOptions {
    var options = DPSGDOptions()
    options.delta = 1e-3
    change(&options)
    return options
  }

  @Test("the target is met for clients of every round: 3 rounds of 2 passes of 5 steps")
  func target() throws {
    let record = try scenario(options { $0.targetEpsilon = 2 }).run(workers: 1)
    let privacy = try #require(record.recordPrivacy)
    #expect(privacy.clients == 4 && privacy.delta == 1e-3)
    #expect(privacy.event.count == 30 && privacy.event.unit == .record)
    #expect(privacy.event.sampling == .poisson(rate: 0.2))
    #expect(privacy.epsilon <= 2 && privacy.epsilon > 1.99)
    let again = try PLDAccountant().epsilon(delta: 1e-3, of: [privacy.event]).upper
    #expect(privacy.epsilon >= again && privacy.epsilon < again * 1.001)
  }

  @Test("noise that is given is accounted; none is infinite; without dp-sgd nothing is promised")
  func given() throws {
    let noisy = try scenario(options { $0.noiseMultiplier = 3 }).run(workers: 1)
    let privacy = try #require(noisy.recordPrivacy)
    #expect(privacy.event.mechanism == .gaussian(noiseMultiplier: 3))
    let expected = try PLDAccountant().epsilon(delta: 1e-3, of: [privacy.event]).upper
    #expect(privacy.epsilon >= expected && privacy.epsilon < expected * 1.001)
    let bare = try scenario(options { $0.noiseMultiplier = 0 }).run(workers: 1)
    #expect(bare.recordPrivacy?.epsilon == .infinity)
    #expect(try scenario(nil).run(workers: 1).recordPrivacy == nil)
  }

  @Test("a run is a function of its scenario, for any number of workers, and noise changes it")
  func deterministic() throws {
    let private3 = options { $0.noiseMultiplier = 3 }
    let one = try scenario(private3).run(workers: 1).model.array
    #expect(try scenario(private3).run(workers: 3).model.array == one)
    #expect(try scenario(nil).run(workers: 1).model.array != one)
    #expect(try scenario(options { $0.noiseMultiplier = 1 }).run(workers: 1).model.array != one)
  }

  @Test("what would void the promise is refused before anything runs")
  func refusals() throws {
    func message(_ scenario: Scenario) -> String {
      do {
        _ = try scenario.run(workers: 1)
        return "nothing"
      } catch {
        return "\(error)"
      }
    }
    let target = options { $0.targetEpsilon = 2 }
    let cyclic = options {
      $0.noiseMultiplier = 1
      $0.sampling = .cyclic
      $0.groups = 2
    }
    #expect(try message(scenario(cyclic)).contains("cycle anew"))
    let gradient = try message(scenario(target, algorithm: [FedSGD()]))
    #expect(gradient.contains("fedsgd") && gradient.contains("train with fedavg"))
    let pulled = try message(scenario(target, algorithm: [FedAvg(), FedProx(mu: 0.1)]))
    #expect(pulled.contains("fedprox") && pulled.contains("leave out one"))
    let wide = try message(scenario(options { ($0.targetEpsilon, $0.delta) = (2, 0.1) }))
    #expect(wide.contains("delta 0.1") && wide.contains("client 0"))
    let both = try message(scenario(options { ($0.targetEpsilon, $0.noiseMultiplier) = (2, 1) }))
    #expect(both.contains("give one of them"))
  }
}
