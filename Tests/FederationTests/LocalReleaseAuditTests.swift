import Accounting
import Algorithms
import Components
import Defenses
import Federation
import Foundation
import PrivateTraining
import Randomness
import Tensors
import Testing

/// Releases of mechanisms that keep what they say and of some that do not, judged by the epsilon of
/// Gaussian noise.
@Suite("Audits of single releases of a client's own mechanism")
struct LocalReleaseAuditTests {
  /// A local mechanism with something wrong.
  struct Broken: LocalPrivacy {
    enum Fault: CaseIterable {
      case none, halfTheNoise, noNoise, noClip, sameNoise, weightKept, stepsKept, oneCoordinateBare
    }

    static let card = Card(
      name: "broken-local-dp", summary: "Local privacy with a fault.", formula: "x + N",
      citation: "none")
    var fault = Fault.none
    var noise = 2.0
    var adjacency = Adjacency.zeroOut
    init(_ parameters: NoParameters) {}
    init(_ fault: Fault, noise: Double = 2, adjacency: Adjacency = .zeroOut) {
      (self.fault, self.noise, self.adjacency) = (fault, noise, adjacency)
    }

    var delta: Double { 1e-5 }

    func events(releases: Int, rounds: Int) throws -> [PrivacyEvent] {
      [
        try PrivacyEvent(
          .gaussian(noiseMultiplier: noise), adjacency: adjacency, unit: .client, count: releases)
      ]
    }

    func transform(
      _ update: inout Update, using generator: inout Generator, memory: inout Memory
    ) {}

    func protect(
      _ update: inout Update, rounds: Int, using generator: inout Generator, memory: inout Memory
    ) {
      let norm = update.delta.norm
      let scale = fault == .noClip ? 1e-16 : norm > 1 ? 1 / norm : 1
      let deviation = fault == .noNoise ? 0 : fault == .halfTheNoise ? noise / 2 : noise
      var normals = fault == .sameNoise ? Generator(seed: 3) : generator
      var values = update.delta.array.map {
        Float(Double($0) * scale + deviation * normals.normal())
      }
      if fault == .oneCoordinateBare { values[0] = update.delta.array[0] * 1e-15 }
      update.delta = Vector(values)
      if fault != .weightKept { update.weight = 1 }
      if fault != .stepsKept { update.effectiveSteps = 1 }
    }
  }

  private static func audit(
    _ privacy: any LocalPrivacy, trials: Int = 1200, significance: Double = 0.01, seed: UInt64 = 1
  ) throws -> LocalReleaseAudit {
    try LocalReleaseAudit(
      of: privacy, rounds: 3, dimension: 8, trials: trials, significance: significance,
      using: Generator(seed: seed))
  }

  /// The epsilon at 1e-5 of Gaussian noise of this multiplier.
  private static func epsilon(_ noise: Double) throws -> Double {
    try GaussianAccountant().epsilon(
      delta: 1e-5,
      of: [PrivacyEvent(.gaussian(noiseMultiplier: noise), adjacency: .zeroOut, unit: .client)]
    ).upper
  }

  @Test(
    "honest noise of every size is proved to nearly its epsilon and never above",
    arguments: [
      0.4, 1,
    ])
  func honest(noise: Double) throws {
    var parameters = LocalDP.defaults
    (parameters.noiseMultiplier, parameters.clippingNorm) = (noise, 1e-3)
    for privacy in [try LocalDP(parameters), Broken(.none, noise: noise)] as [any LocalPrivacy] {
      let audit = try Self.audit(privacy, trials: 8000)
      // Wrong in at most one of a hundred audits; these seeds are not among them.
      #expect(try audit.gaussianEpsilonLower <= Self.epsilon(noise))
      #expect(try audit.gaussianEpsilonLower > Self.epsilon(noise / 0.75))
      #expect(audit.epsilonLower <= audit.gaussianEpsilonLower)
      #expect(audit.epsilonLower <= audit.greatestProvable)
      #expect(audit.promise.isGaussian == true && audit.trials == 6000)
      let upper = try #require(audit.promise.epsilonUpper)
      #expect(try upper >= Self.epsilon(noise) && upper < Self.epsilon(noise) * 1.1)
    }
  }

  @Test("what is wrong with a mechanism shows", arguments: Broken.Fault.allCases)
  func faults(_ fault: Broken.Fault) throws {
    let audit = try Self.audit(Broken(fault))
    let upper = try #require(audit.promise.epsilonUpper)
    #expect((audit.gaussianEpsilonLower > upper) == (fault != .none), "\(audit)")
    // What shows without an error is refuted for any mechanism, not only Gaussian ones.
    let isBare: [Broken.Fault] = [.noNoise, .noClip, .weightKept, .stepsKept, .sameNoise]
    if isBare.contains(fault) {
      #expect(audit.epsilonLower == audit.greatestProvable && audit.epsilonLower > upper)
      #expect(audit.recognised == 900 && audit.mistaken == 0)
    }
  }

  @Test("where any two updates are neighbours the two are opposite, which is twice as far")
  func exchanged() throws {
    let near = try Self.audit(Broken(.none, noise: 2))
    let far = try Self.audit(Broken(.none, noise: 2, adjacency: .replaceOne))
    #expect(try near.gaussianEpsilonLower <= Self.epsilon(2))
    #expect(try far.gaussianEpsilonLower > Self.epsilon(2))
    #expect(try far.gaussianEpsilonLower <= Self.epsilon(1))
  }

  @Test("an honest mechanism is refuted no oftener than the significance says")
  func falseAlarms() throws {
    let audits = try (0..<100).map {
      try Self.audit(Broken(.none), trials: 80, significance: 0.05, seed: UInt64($0))
    }
    let alarms = try audits.count { try $0.gaussianEpsilonLower > Self.epsilon(2) }
    // More than 14 of 100 at a rate of 0.05: probability below 2e-4.
    #expect(alarms <= 14, "\(alarms)")
    // Counts are those of the trials.
    #expect(audits.allSatisfy { $0.trials == 60 && $0.recognised <= 60 && $0.mistaken <= 60 })
  }

  @Test("the most that can be proved is Clopper and Pearson's bound of no error")
  func greatest() throws {
    let audit = try Self.audit(Broken(.noNoise), trials: 400, significance: 0.05)
    // 300 of 300 at 0.025: rates of at least 0.025^(1/300), errors of at most 1 less that.
    let right = pow(0.025, 1 / 300.0)
    #expect(abs(audit.greatestProvable - log((right - 1e-5) / (1 - right))) < 1e-9)
  }

  @Test("numbers that no audit can have are refused")
  func refusals() {
    #expect(throws: AccountingError.self) { try Self.audit(Broken(.none), trials: 7) }
    #expect(throws: AccountingError.self) { try Self.audit(Broken(.none), significance: 0.5) }
    #expect(throws: AccountingError.self) {
      try LocalReleaseAudit(
        of: Broken(.none), rounds: 3, dimension: 0, trials: 100, significance: 0.05,
        using: Generator(seed: 1))
    }
  }
}
