import Accounting
import Defenses
import Federation
import Randomness
import Tensors
import Testing

@Suite("Norm clipping with weak DP")
struct NormClippingDPTests {
  @Test("the worked example of the documentation holds")
  func example() throws {
    let defense = try NormClippingDP(clippingNorm: 5, sigma: 0)
    var chain = try RobustAggregation([defense, Mean()])
    expectClose(try #require(try chain.aggregate([[6, 8]]).vector), [3, 4])
    #expect(try chain.aggregate([[3, 0]]).vector == [3, 0])
    #expect(try noisy(defense, Vector([1, 2])) == Vector([1, 2]))
  }

  private func noisy(
    _ defense: NormClippingDP, _ aggregate: Vector, seed: UInt64 = 1
  ) throws -> Vector {
    var aggregate = aggregate
    var generator = Generator(seed: seed)
    var memory = Memory()
    let event = defense.apply(
      to: &aggregate, sensitivity: 0.1,
      cohort: Cohort(clients: [0], inclusionProbabilities: [1]), using: &generator, memory: &memory)
    // Nobody declared how the cohort was drawn.
    #expect(event == .nonPrivate)
    return aggregate
  }

  @Test("the noise has mean 0 and the standard deviation σ, and follows the stream")
  func noise() throws {
    let d = 40_000
    let zero = Vector(zeros: d)
    let defense = try NormClippingDP(clippingNorm: 1, sigma: 0.5)
    let noise = try noisy(defense, zero)
    // False alarms below 1e-6: five standard errors.
    let mean = noise.array.reduce(0.0) { $0 + Double($1) } / Double(d)
    #expect(abs(mean) < 5 * 0.5 / Double(d).squareRoot())
    let variance = noise.squaredNorm / Double(d)
    #expect(abs(variance - 0.25) < 5 * 0.25 * (2 / Double(d)).squareRoot())
    let isSame = try noisy(defense, zero) == noise
    let isOther = try noisy(defense, zero, seed: 2) != noise
    #expect(isSame && isOther)
  }

  private func event(
    _ scheme: CohortSampling.Scheme, sensitivity: Double?, sigma: Double = 0.5
  ) throws -> (mechanism: Mechanism, refusal: String?) {
    let defense = try NormClippingDP(clippingNorm: 2, sigma: sigma)
    var aggregate = Vector([0, 0])
    var generator = Generator(seed: 1)
    var memory = Memory()
    let cohort = Cohort(
      clients: [0], inclusionProbabilities: [1],
      sampling: CohortSampling(scheme, size: 1, probabilities: 1...1))
    let mechanism = defense.apply(
      to: &aggregate, sensitivity: sensitivity, cohort: cohort, using: &generator, memory: &memory)
    return (mechanism, defense.refusal(sensitivity: sensitivity, cohort: cohort))
  }

  @Test("a release is Gaussian where a sensitivity is known and the divisor public, else says why")
  func events() throws {
    for scheme in CohortSampling.Scheme.allCases {
      let (mechanism, refusal) = try event(scheme, sensitivity: 0.25)
      if [.everybody, .fixedSize, .cyclic].contains(scheme) {
        guard case .gaussian(let noise) = mechanism else {
          Issue.record("\(scheme): \(mechanism)")
          continue
        }
        #expect(noise <= 2 && noise >= 2 * (1 - 1e-5) && refusal == nil)
      } else {
        #expect(mechanism == .nonPrivate && refusal != nil, "\(scheme)")
      }
      let unknown = try event(scheme, sensitivity: nil)
      #expect(unknown.mechanism == .nonPrivate && unknown.refusal?.contains("uniform") == true)
      let silent = try event(scheme, sensitivity: 0.25, sigma: 0)
      #expect(silent.mechanism == .nonPrivate && silent.refusal == nil)
    }
  }

  @Test("the sensitivity of a clipped mean is what zeros in place of an update can move it by")
  func sensitivity() throws {
    func outcome(
      _ chain: [any RoundComponent], _ rows: [[Float]], weights: [Double]? = nil
    ) throws -> RobustAggregation.Result {
      var chain = try RobustAggregation(chain)
      return try chain.aggregate(rows, weights: weights)
    }
    let clip = try NormClippingDP(clippingNorm: 2)
    let rows: [[Float]] = [[30, 40], [0.5, 0], [-1, 1], [0, -9]]
    let clipped = try outcome([clip, Mean()], rows)
    #expect(clipped.sensitivity == 0.5)
    let zero: [Float] = [0, 0]
    let without = try outcome([clip, Mean()], [zero] + rows.dropFirst())
    let (one, other) = (try #require(clipped.vector), try #require(without.vector))
    let moved = (Vector(one) - Vector(other)).norm
    // The first row is longer than the norm, so it is reached.
    #expect(abs(moved - 0.5) < 1e-6)
    // Later clipping counts; mixing, other rules, claimed weights and a single row leave none.
    #expect(try outcome([clip, Clipping(clippingNorm: 1), Mean()], rows).sensitivity == 0.25)
    #expect(try outcome([clip, NNM(f: 1), Mean()], rows).sensitivity == nil)
    #expect(try outcome([clip, Median()], rows).sensitivity == nil)
    #expect(try outcome([clip, Mean()], rows, weights: [1, 1, 1, 2]).sensitivity == nil)
    #expect(try outcome([clip, Mean()], [rows[0]]).sensitivity == nil)
  }

  @Test("clips as the clipping stage does", arguments: HardRows.allCases)
  func clipping(kind: HardRows) throws {
    for seed in UInt64(1)...5 {
      let rows = kind.rows(7, 20, seed: seed)
      var one = try RobustAggregation([try NormClippingDP(clippingNorm: 2), Mean()])
      var other = try RobustAggregation([try Clipping(clippingNorm: 2), Mean()])
      #expect(try one.aggregate(rows).vector == (try other.aggregate(rows).vector))
    }
  }

  @Test("bad norms and deviations are refused")
  func bad() {
    for norm in [0, -1, .nan, .infinity] {
      #expect(throws: (any Error).self) { try NormClippingDP(clippingNorm: norm) }
    }
    for sigma in [-0.1, .nan, .infinity] {
      #expect(throws: (any Error).self) { try NormClippingDP(sigma: sigma) }
    }
  }
}
