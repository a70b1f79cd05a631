import Accounting
import Algorithms
import Components
import Defenses
import Federation
import Randomness
import SecureAggregation
import Tensors
import Testing

/// Clients that share the noise of a masked sum, in the round: what is promised, told and refused.
@Suite("Shared noise in the round")
struct SharedNoiseTests {
  private static func transport(
    _ change: (inout DistributedDP.Parameters) -> Void = { _ in }
  ) throws -> DistributedDP {
    var parameters = DistributedDP.Parameters()
    parameters.delta = 1e-3
    change(&parameters)
    return try DistributedDP(parameters)
  }

  private static func federation(
    _ transport: DistributedDP, rounds: Int = 4, sampler: [any Component] = []
  ) -> TinyFederation {
    var federation = TinyFederation(
      clients: 12, rounds: rounds, algorithm: [FedAvg(weighting: .uniform)] + sampler,
      transport: transport)
    federation.threat = ThreatModel(attackers: 0)
    return federation
  }

  @Test("a target is promised to the client in every round, and the ledger holds every sum")
  func target() throws {
    let record = try Self.federation(
      Self.transport { ($0.targetEpsilon, $0.minimumSurvivors) = (5, 1) }
    ).run()
    let evidence = try #require(record.evidence)
    let upper = try #require(evidence.epsilonUpper)
    #expect(upper <= 5 && upper > 4.99)
    #expect(evidence.trust == .distributed && evidence.unit == .client)
    #expect(evidence.mechanism == "distributed-dp" && evidence.caps.count == 3)
    #expect(record.privacy.count == 4 && record.heldRounds == 0)
    for entry in record.privacy.entries {
      guard case .distributedDiscreteGaussian(_, let clients, let dimension, _, _) = entry.mechanism
      else {
        Issue.record("\(entry.mechanism)")
        continue
      }
      // Six parameters take eight coordinates.
      #expect(clients == 12 && dimension == 8)
    }
  }

  @Test("who takes part less often is promised more, and the most frequent client is told")
  func turns() throws {
    let make = { (sampler: [any Component]) throws -> Double in
      let transport = try Self.transport { ($0.noiseMultiplier, $0.minimumSurvivors) = (1, 1) }
      let record = try Self.federation(transport, rounds: 6, sampler: sampler).run()
      return try #require(record.evidence?.epsilonUpper)
    }
    let always = try make([])
    let rarely = try make([try CyclicSampling(groups: 3)])
    #expect(rarely < 0.7 * always, "\(rarely) of \(always)")
  }

  @Test("messages that are lost take noise with them: a larger epsilon is told")
  func survivors() throws {
    let transport = try Self.transport { ($0.noiseMultiplier, $0.minimumSurvivors) = (1, 1) }
    let setting = SharedNoiseSetting(cohort: 12, participations: 1, dimension: 6)
    func evidence(_ survivors: [Int]) throws -> Double {
      try RenyiAccountant().epsilon(
        delta: 1e-3,
        of: survivors.map {
          try PrivacyEvent(
            transport.mechanism(survivors: $0, in: setting), adjacency: .zeroOut, unit: .client)
        }
      ).upper
    }
    #expect(try evidence([12, 6]) > 1.1 * evidence([12, 12]))
  }

  @Test("what voids the promise is refused with the reason and what would work")
  func refused() throws {
    func refusal(
      _ algorithm: [any Component], defense: [any Component] = [Mean()],
      change: (inout DistributedDP.Parameters) -> Void = { _ in }
    ) -> String {
      do {
        let pipeline = try RoundPipeline(
          algorithm: algorithm, transport: Self.transport(change), attack: [], defense: defense)
        if let first = Planner.privacyRefusals(of: pipeline).first {
          return "\(first.reason): \(first.suggestion)"
        }
        let refusal = Planner.privacyRefusal(
          of: pipeline, training: .init(rounds: 3, learningRate: 0.1), clients: 50,
          dimension: 5000)
        return refusal.map { "\($0.reason): \($0.suggestion)" } ?? "runs"
      } catch {
        return "\(error)"
      }
    }
    let fair = FedAvg(weighting: .uniform)
    #expect(refusal([fair]) == "runs")
    #expect(refusal([FedAvg()]).contains("weighting: uniform"))
    #expect(refusal([fair, try PoissonSampling(rate: 0.5)]).contains("uniform-sampling"))
    #expect(refusal([fair]) { $0.bits = 8 }.contains("must be at least"))
    let central = try DPFedAvg(DPFedAvg.defaults)
    #expect(refusal([fair], defense: [central, Mean()]).contains("keep one"))
    #expect(refusal([fair], defense: [try NormClippingDP(), Mean()]).contains("keep one"))
  }
}
