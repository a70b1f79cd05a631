import Accounting
import Foundation
import Learning
import PrivateTraining
import Randomness
import TestSupport
import Testing

/// Noise of real steps: what came out minus what went in, in units of the declared deviation.
@Suite("The noise of a private step")
struct StepNoiseTests {
  private func noise(
    _ multiplier: Double, steps: Int, _ generator: Generator
  ) throws -> [[Double]] {
    var own = generator
    var problem = try PrivateProblem(batchSize: 10, noise: multiplier, using: &own)
    problem.options.clipping = .flat(norm: 0.7)
    return try problem.records(steps, generator).map { record in
      zip(record.noised, record.sum).map { Double($0 - $1) * record.gridStep / multiplier }
    }
  }

  /// The sum of squares is chi-square with a degree for each value; a false alarm in 1e-5.
  @Test("has the declared scale, a little more and never less", arguments: [0.3, 1, 4.7])
  func scale(_ multiplier: Double) throws {
    let values = try noise(multiplier, steps: isOptimizedBuild ? 400 : 240, testGenerator())
      .joined()
    // The deviation is up to a share 2^-7 above the declared one.
    let square = values.reduce(0) { $0 + $1 * $1 }
    let degrees = values.count
    #expect(1 - chiSquareSurvival(square, degrees: degrees) > 5e-6)
    let most = (1 + 0x1p-7) * (1 + 0x1p-7)
    #expect(chiSquareSurvival(square / most, degrees: degrees) > 5e-6)
  }

  /// Each correlation of n pairs is normal with deviation 1 / sqrt(n); four are looked at, a false
  /// alarm in 1e-5 altogether.
  @Test("is independent of the sum, of other steps and of other coordinates")
  func independent() throws {
    let generator = testGenerator()
    let rows = try noise(1, steps: isOptimizedBuild ? 300 : 50, generator)
    func check(_ pairs: [(Double, Double)]) {
      let product = pairs.reduce(0) { $0 + $1.0 * $1.1 }
      let norms =
        pairs.reduce(0) { $0 + $1.0 * $1.0 } * pairs.reduce(0) { $0 + $1.1 * $1.1 }
      let correlation = product / norms.squareRoot() * Double(pairs.count).squareRoot()
      #expect(abs(correlation) < 4.71)
    }
    let width = rows[0].count
    check(zip(rows, rows.dropFirst()).flatMap { zip($0, $1).map { ($0, $1) } })
    check(rows.flatMap { row in (0..<width - 1).map { (row[$0], row[$0 + 1]) } })
    check(zip(rows, rows.dropFirst(7)).flatMap { zip($0, $1).map { ($0, $1) } })
    var own = generator
    let problem = try PrivateProblem(batchSize: 10, noise: 1, using: &own)
    let sums = try problem.records(rows.count, generator).map { record in
      record.sum.map { Double($0) * record.gridStep }
    }
    check(zip(rows, sums).flatMap { zip($0, $1).map { ($0, $1) } })
    #expect(Set(rows.map(\.description)).count == rows.count)
  }

  @Test("what the optimiser gets is the noisy sum over the public batch size, empty batches too")
  func released() throws {
    var generator = testGenerator()
    var problem = try PrivateProblem(count: 60, batchSize: 1, using: &generator)
    problem.options.clipping = .flat(norm: 0.5)
    let records = try problem.records(40, generator)
    #expect(records.contains { $0.batch.isEmpty } && records.contains { $0.batch.count > 1 })
    for record in records {
      #expect(record.scale == 0.5)
      for (released, noised) in zip(record.released, record.noised) {
        #expect(released == Float(Double(noised) * (0.5 * record.gridStep)))
      }
    }
  }

  /// Twice the divergence of the first order, against the divergence summed over a coarse grid: the
  /// distance falls with the fourth power of the deviation in steps.
  @Test("a discrete normal is as near to a rounded one as is paid for", arguments: [4.0, 8, 16])
  func distance(_ r: Double) {
    var weight = 0.0
    for k in -400...400 { weight += exp(-Double(k * k) / (2 * r * r)) }
    var divergence = 0.0
    for k in -Int(9 * r)...Int(9 * r) {
      let left = erfc((Double(k) - 0.5) / r / 2.0.squareRoot()) / 2
      let rounded = left - erfc((Double(k) + 0.5) / r / 2.0.squareRoot()) / 2
      let discrete = exp(-Double(k * k) / (2 * r * r)) / weight
      if rounded > 1e-300 { divergence += discrete * log(discrete / rounded) }
    }
    #expect(divergence > 0.5 / (576 * pow(r, 4)) && divergence < 2 / (576 * pow(r, 4)))
    let paid = GradientNoise.distance(releases: 3, dimension: 5)
    #expect(isClose(paid, 2 * (15.0 / 1152).squareRoot() / 0x1p72, tolerance: 1e-12))
  }
}
