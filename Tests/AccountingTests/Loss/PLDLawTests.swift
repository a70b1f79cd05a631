import Accounting
import Foundation
import Glibc
import TestSupport
import Testing

/// delta of one Gaussian release, written from Balle and Wang 2018, theorem 8.
private func gaussianDelta(_ epsilon: Double, _ deviation: Double) -> Double {
  func phi(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
  return phi(0.5 / deviation - epsilon * deviation)
    - exp(epsilon) * phi(-0.5 / deviation - epsilon * deviation)
}

/// delta of one Poisson-sampled Gaussian release, a unit more.
private func sampledDelta(_ epsilon: Double, _ deviation: Double, _ rate: Double) -> Double {
  rate * gaussianDelta(log1p(expm1(epsilon) / rate), deviation)
}

@Suite("Laws of privacy loss distributions")
struct PLDLawTests {
  static func sampled(
    _ noise: Double, _ rate: Double, _ count: Int, _ adjacency: Adjacency = .addRemove
  ) throws -> PrivacyEvent {
    try PrivacyEvent(
      .gaussian(noiseMultiplier: noise), sampling: .poisson(rate: rate), adjacency: adjacency,
      count: count)
  }

  @Test("A count is that many single releases, in any order, split in any way")
  func countsAndOrder() throws {
    let accountant = try PLDAccountant(gridSpacing: 1e-2)
    let first = try Self.sampled(1.3, 0.05, 12)
    let second = try PrivacyEvent(.laplace(noiseMultiplier: 6), count: 4)
    let together = try accountant.epsilon(delta: 1e-5, of: [first, second])
    let singles =
      try (0..<4).map { _ in try second.repeated(1) }
      + (0..<3).map { _ in try first.repeated(4) }
    let apart = try accountant.epsilon(delta: 1e-5, of: singles)
    #expect(together == apart)
    #expect(together.upper > (try accountant.epsilon(delta: 1e-5, of: [first])).upper)
    // The bug of a count that is ignored: ten responses are not one.
    let response = try PrivacyEvent(
      .randomizedResponse(noise: 0.5, categories: 2), adjacency: .replaceOne, count: 10)
    let ten = try PLDAccountant().epsilon(delta: 1e-6, of: [response])
    #expect(ten.lower > 10 && ten.upper < 10.99)
  }

  @Test(
    "One release lies within the interval at every delta",
    arguments: [
      (1.0, 0.01), (0.5, 0.3), (4.0, 0.999), (0.02, 0.5), (50, 1e-4), (0.01, 1e-6), (0.0265, 0.9),
      (0.026, 0.3),
    ])
  func oneRelease(noise: Double, rate: Double) throws {
    for epsilon in [0.0, 1e-4, 0.1, 1, 5, 30] {
      let exact = sampledDelta(epsilon, noise, rate)
      // What the closed form itself can tell from zero in doubles.
      guard exact > 1e-14 else { continue }
      let event = try Self.sampled(noise, rate, 1)
      let found = try PLDAccountant().delta(epsilon: epsilon, of: [event])
      #expect(found.upper >= exact * (1 - 1e-9) - 1e-16, "\(epsilon): \(found) \(exact)")
      let asked = try PLDAccountant().epsilon(delta: exact, of: [event])
      #expect(asked.upper >= epsilon * (1 - 1e-9), "\(epsilon): \(asked)")
    }
  }

  @Test("What may leak outright adds up over releases: 1 - (1 - delta)^k at epsilon 0")
  func leaksAddUp() throws {
    let leak = try PrivacyEvent(.approximate(epsilon: 0, delta: 0.01), count: 10)
    let found = try PLDAccountant().delta(epsilon: 0, of: [leak])
    let exact = -expm1(10 * log1p(-0.01))
    #expect(found.upper >= exact && found.upper < exact * (1 + 1e-6), "\(found) \(exact)")
  }

  @Test("What is cut of a release counts as lost: masses and the infinite one make 1")
  func nothingForgotten() throws {
    let event = try Self.sampled(0.8, 0.2, 1)
    for method in [Discretization.connectTheDots, .roundUp, .keepMean] {
      for side in LossSide.allCases {
        let losses = try #require(
          try event.losses(
            LossRequest(side: side, spacing: 1e-2, logTail: log(1e-3), method: method)))
        let total = losses.masses.reduce(losses.infinity, +)
        #expect((total - 1).magnitude < 1e-12, "\(method) \(side): \(total)")
      }
    }
  }

  @Test(
    "Where the absence of a unit shows more than its presence, it decides (two sampled Laplace releases)",
    .enabled(if: isOptimizedBuild))
  func worseSide() throws {
    let (scale, rate, epsilon) = (0.5, 0.9, 0.5)
    let event = try PrivacyEvent(
      .laplace(noiseMultiplier: scale), sampling: .poisson(rate: rate), count: 2)
    // The definition, by midpoints: integral of (p p' - e^epsilon q q')+ over the plane.
    let step = 0.005
    let points = stride(from: -11 + step / 2, to: 10, by: step).map { x in
      let without = exp(-x.magnitude / scale) / (2 * scale)
      let with = exp(-(x + 1).magnitude / scale) / (2 * scale)
      return (p: without * step, q: ((1 - rate) * without + rate * with) * step)
    }
    var absent = 0.0
    var present = 0.0
    for a in points {
      for b in points {
        absent += max(0, a.p * b.p - exp(epsilon) * a.q * b.q)
        present += max(0, a.q * b.q - exp(epsilon) * a.p * b.p)
      }
    }
    #expect(absent > present * 1.01)
    let found = try PLDAccountant().delta(epsilon: epsilon, of: [event])
    #expect(found.upper > absent * (1 - 1e-3) && found.upper < absent * (1 + 1e-3), "\(found)")
    let back = try PLDAccountant().epsilon(delta: absent, of: [event])
    #expect((back.upper - epsilon).magnitude < 1e-2, "\(back)")
  }

  @Test("Many questions asked together get answers that agree with each asked alone")
  func together() throws {
    let events = [try Self.sampled(1.1, 0.01, 500), try PrivacyEvent(.laplace(noiseMultiplier: 3))]
    for accountant in [PLDAccountant(), try PLDAccountant(gridSpacing: 1e-3)] {
      let deltas = try accountant.deltas(of: events)
      for epsilon in [0, 0.01, 0.3, 1, 2, 4] {
        let (one, many) = (
          try accountant.delta(epsilon: epsilon, of: events), try deltas(epsilon)
        )
        #expect(many.lower <= one.upper && one.lower <= many.upper, "\(epsilon)")
        #expect(many.upper - many.lower < 2e-2 * many.upper + 1e-9, "\(epsilon): \(many)")
      }
      #expect(throws: AccountingError.self) { try deltas(-1) }
    }
  }

  @Test(
    "Lower ends keep up where most mass lies in a few cells",
    arguments: [(0.5, 1e-4), (0.5, 3e-4), (0.5, 3e-5), (0.8, 1e-3)], [1e-3, 1e-4])
  func smallRates(setting: (noise: Double, rate: Double), spacing: Double) throws {
    let found = try PLDAccountant(gridSpacing: spacing).epsilon(
      delta: 1e-8, of: [Self.sampled(setting.noise, setting.rate, 10_000)])
    #expect(found.upper - found.lower < 1e-2 * found.upper, "\(found)")
  }

  @Test("Relations that double the sensitivity cost as much as half the noise")
  func exchange() throws {
    let accountant = PLDAccountant()
    for mechanism in [(2.0, 1.0)] {
      let replaced = try accountant.epsilon(
        delta: 1e-5,
        of: [
          PrivacyEvent(.laplace(noiseMultiplier: mechanism.0), adjacency: .replaceOne, count: 3)
        ])
      let halved = try accountant.epsilon(
        delta: 1e-5, of: [PrivacyEvent(.laplace(noiseMultiplier: mechanism.1), count: 3)])
      #expect(replaced == halved)
    }
    // A single Gaussian release under replace-one with sigma 1 is 10.00, not 4.73.
    let gaussian = try accountant.epsilon(
      delta: 1e-5, of: [PrivacyEvent(.gaussian(noiseMultiplier: 1), adjacency: .replaceOne)])
    #expect(gaussian.lower > 9.997 && gaussian.upper < 9.998)
    // Sampled: more than under add-remove, less than with twice the sensitivity.
    let added = try accountant.epsilon(delta: 1e-5, of: [Self.sampled(1, 0.1, 20)])
    let swapped = try accountant.epsilon(
      delta: 1e-5, of: [Self.sampled(1, 0.1, 20, .replaceOne)])
    let doubled = try accountant.epsilon(delta: 1e-5, of: [Self.sampled(0.5, 0.1, 20)])
    #expect(swapped.lower > added.upper && swapped.upper < doubled.lower)
  }

  @Test("delta and epsilon are inverse to each other")
  func inverse() throws {
    let accountant = try PLDAccountant(gridSpacing: 1e-3)
    let events = [try Self.sampled(0.9, 0.02, 300)]
    for delta in [1e-3, 1e-6, 1e-12, 1e-40] {
      let epsilon = try accountant.epsilon(delta: delta, of: events)
      let back = try accountant.delta(epsilon: epsilon.upper, of: events)
      #expect(back.upper <= delta * 1.001 && back.upper > delta * 0.9, "\(delta): \(back)")
      #expect(back.lower <= delta)
    }
  }

  @Test("A finer grid narrows the interval and never leaves the coarser one")
  func refinement() throws {
    let events = [try Self.sampled(1, 0.05, 200)]
    var before = PrivacyBound(lower: 0, upper: .infinity)
    for spacing in [0.1, 0.03, 0.01, 0.003] {
      let bound = try PLDAccountant(gridSpacing: spacing).epsilon(delta: 1e-6, of: events)
      #expect(bound.lower <= bound.upper)
      #expect(bound.upper <= before.upper * (1 + 1e-9))
      #expect(bound.lower >= before.lower * (1 - 1e-3))
      #expect(bound.upper >= before.lower && bound.lower <= before.upper)
      before = bound
    }
    #expect(before.upper - before.lower < 1e-2)
  }

  @Test("Fixed-size batches under replace-one are priced at twice the sensitivity, both ways")
  func fixedSize() throws {
    let event = try PrivacyEvent(
      .gaussian(noiseMultiplier: 4), sampling: .fixedSize(size: 50, population: 1000),
      adjacency: .replaceOne, count: 100)
    let found = try PLDAccountant().epsilon(delta: 1e-5, of: [event])
    let poisson = try PLDAccountant().epsilon(delta: 1e-5, of: [Self.sampled(2, 0.05, 100)])
    #expect(found.upper >= poisson.lower)
    #expect(found.lower <= poisson.upper && found.lower > 0.99 * poisson.lower)
    #expect(throws: AccountingError.self) {
      try PLDAccountant().epsilon(
        delta: 1e-5,
        of: [
          PrivacyEvent(
            .gaussian(noiseMultiplier: 4), sampling: .fixedSize(size: 50, population: 1000))
        ])
    }
  }

  @Test("Two algorithms with different discretisations agree")
  func prvAgrees() throws {
    let events = [try Self.sampled(2, 0.1, 50), try Self.sampled(1.5, 0.05, 20)]
    let pld = try PLDAccountant(gridSpacing: 3e-3).epsilon(delta: 1e-5, of: events)
    let prv = try PRVAccountant(epsilonError: 0.05).epsilon(delta: 1e-5, of: events)
    #expect(prv.lower <= pld.upper && prv.upper >= pld.lower)
    #expect(prv.upper - prv.lower < 0.11)
    let delta = try PRVAccountant(epsilonError: 0.05).delta(epsilon: 1, of: events)
    let exact = try PLDAccountant(gridSpacing: 3e-3).delta(epsilon: 1, of: events)
    #expect(delta.lower <= exact.upper && delta.upper >= exact.lower)
  }

  @Test("A stream answers as the accountant does on the same grid, and refuses what it refuses")
  func stream() throws {
    var stream = try PrivacyStream(gridSpacing: 1e-2)
    let round = try Self.sampled(1.3, 0.05, 1)
    for _ in 0..<30 { try stream.record(round) }
    let other = try Self.sampled(2, 0.1, 5)
    try stream.record(other)
    let whole = try PLDAccountant(gridSpacing: 1e-2).epsilon(
      delta: 1e-5, of: [round.repeated(30), other])
    let streamed = try stream.epsilon(delta: 1e-5)
    #expect(relativeError(streamed.upper, whole.upper) < 1e-6)
    #expect(streamed.lower >= whole.lower * 0.99 && streamed.lower <= streamed.upper)
    #expect(stream.count == 35)
    #expect(throws: AccountingError.self) {
      try stream.record(Self.sampled(1.3, 0.05, 1, .replaceOne))
    }
    #expect(stream.count == 35)
    #expect(try stream.epsilon(delta: 1e-5, with: round).upper > streamed.upper)
  }
}

@Suite("Privacy loss distributions at extremes", .enabled(if: isOptimizedBuild))
struct PLDExtremeTests {
  /// Certified or refused: never NaN, never below what a simple attack already proves.
  @Test(
    "Noise from 1e-3 to 1e3, rates from 1e-9 to 1, one and 1e9 releases",
    arguments: [1e-3, 0.1, 1, 30, 1e3], [1e-9, 1e-4, 0.3, 1])
  func grid(noise: Double, rate: Double) throws {
    for count in [1, 1_000_000_000] {
      for delta in [0.1, 1e-5, 1e-30] where count == 1 || delta == 1e-5 {
        let event = try PLDLawTests.sampled(noise, rate, count)
        guard let bound = try certified(event, delta: delta) else { continue }
        #expect(!bound.lower.isNaN && !bound.upper.isNaN && bound.lower <= bound.upper)
        // More releases are no safer than one, whose delta has a closed form.
        var low = 0.0
        var high = 1e9
        for _ in 0..<200 {
          let middle = 0.5 * (low + high)
          // Above 700 the closed form overflows: nothing is asked there.
          let one = middle < 700 ? sampledDelta(middle, noise, rate) : 0
          if one > max(delta, 1e-13) { low = middle } else { high = middle }
        }
        #expect(bound.upper >= low * (1 - 1e-6), "\(noise) \(rate) \(count) \(delta): \(bound)")
        // Nor can sampled releases lose more than unsampled ones.
        let whole = try GaussianAccountant().epsilon(
          delta: delta, of: [PrivacyEvent(.gaussian(noiseMultiplier: noise), count: count)])
        #expect(bound.lower <= whole.upper * (1 + 1e-9) + 1e-12)
      }
    }
  }

  /// The interval; nil if it is refused with a reason.
  private func certified(_ event: PrivacyEvent, delta: Double) throws -> PrivacyBound? {
    do {
      return try PLDAccountant().epsilon(delta: delta, of: [event])
    } catch {
      // A pattern in the catch clause itself crashes the compiler of 6.3.
      guard case .numerical(_, let reason) = error else { throw error }
      #expect(!reason.contains("nan"), "\(event): \(reason)")
      return nil
    }
  }
}
