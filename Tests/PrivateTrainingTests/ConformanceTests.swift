import Learning
import PrivateTraining
import Randomness
import TestSupport
import Testing

@Suite("What is declared is what is done")
struct ConformanceTests {
  private static let steps = isOptimizedBuild ? 300 : 120

  private func problem(_ generator: Generator) throws -> PrivateProblem {
    var own = generator
    var problem = try PrivateProblem(batchSize: 24, using: &own)
    problem.options.clipping = .flat(norm: 0.05)
    return problem
  }

  private func findings(
    _ problem: PrivateProblem, _ generator: Generator, fault: TrainingFault? = nil
  ) throws -> [Conformance.Finding] {
    try Conformance(steps: Self.steps).check(
      network: problem.network, examples: problem.examples, options: problem.options,
      start: problem.start, using: generator, fault: fault)
  }

  /// Thirteen trainings at a rate of false alarms of 1e-6 each.
  @Test("nothing is found where nothing is wrong, whatever the options")
  func honest() throws {
    let generator = testGenerator()
    let plain = try problem(generator)
    var variants = [plain]
    func vary(_ change: (inout PrivateProblem) -> Void) {
      var problem = plain
      change(&problem)
      variants.append(problem)
    }
    vary { $0.options.sampling = .truncated(cap: 26) }
    vary { $0.options.sampling = .shuffled }
    vary { $0.options.sampling = .cyclic(groups: 3) }
    vary { $0.options.clipping = .perLayer(norm: 0.05) }
    vary { $0.options.clipping = .automatic(norm: 3) }
    vary { $0.options.clipping = .adaptive(AdaptiveClipping(norm: 0.05)) }
    vary { $0.options.noiseMultiplier = 0.2 }
    vary { $0.options.microBatch = 5 }
    vary { $0.options.augmentation = Augmentation(multiplicity: 2) }
    vary { $0.options.optimizer = OptimizerOptions(.adam(), learningRate: 0.01) }
    vary { $0.options.averaging = 0.9 }
    vary { $0.options.noiseMultiplier = 0 }
    for (index, variant) in variants.enumerated() {
      let found = try findings(variant, generator.fork("variant", UInt64(index)))
      #expect(found.isEmpty, "\(variant.options): \(found)")
    }
  }

  @Test("every planted mistake is found, by the comparison that is made for it")
  func planted() throws {
    let wanted: [TrainingFault: Conformance.Check] = [
      .noClip: .sensitivity, .halfNoise: .noiseScale, .reusedNoise: .noiseIndependence,
      .wrongRate: .inclusionRate, .weightedAveraging: .sensitivity,
      .meanInsteadOfSum: .sensitivity, .replacedAdjacency: .batchSizes,
      .nonFiniteUpdate: .finiteness, .bareCount: .noiseScale,
    ]
    let generator = testGenerator()
    let problem = try problem(generator)
    var adaptive = problem
    adaptive.options.clipping = .adaptive(AdaptiveClipping(norm: 0.05))
    for fault in TrainingFault.allCases {
      let found = try findings(
        fault == .bareCount ? adaptive : problem, generator, fault: fault)
      let check = try #require(wanted[fault])
      #expect(found.contains { $0.check == check }, "\(fault): \(found)")
    }
    var cyclic = problem
    cyclic.options.sampling = .cyclic(groups: 3)
    #expect(
      try findings(cyclic, generator, fault: .replacedAdjacency).contains { $0.check == .drawings })
    #expect(
      try findings(cyclic, generator, fault: .wrongRate).contains { $0.check == .inclusionRate })
    #expect(
      try findings(problem, generator, fault: .meanInsteadOfSum).contains { $0.check == .release })
  }
}
