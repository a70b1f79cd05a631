import CryptoCore
import Pairings
import SecureAggregation
import Tensors
import TestSupport
import Testing
import VerifiableAggregation

/// Weights of 4 bits let errors through at a rate that can be counted; theory gives the rate.
/// Bounds are 4.5 standard deviations of the binomial count: one false alarm in 100,000 for another
/// seed.
@Suite("The error of batched checks")
struct BatchSoundnessTests {
  static let trials = isOptimizedBuild ? 2000 : 300

  private func rate(
    _ plant: (inout VerifyNetAnnouncement) -> Void, expected: Double, seed: UInt64
  ) throws {
    var parties = try VerifyNetCase(.labelled, clients: 2, seed: seed)
    var claim = try parties.announcement()
    plant(&claim)
    #expect(parties.fault(claim, .each) != nil && parties.fault(claim, .batched(bits: 128)) != nil)
    var passed = 0
    for _ in 0..<Self.trials where parties.fault(claim, .batched(bits: 4)) == nil { passed += 1 }
    let mean = Double(Self.trials) * expected
    let deviation = (mean * (1 - expected)).squareRoot()
    #expect(abs(Double(passed) - mean) <= 4.5 * deviation, "\(passed) of \(mean) expected")
  }

  @Test("A false coordinate passes when its weight is zero: one in 16")
  func sum() throws {
    try rate({ $0.sum[1] += 1 }, expected: 1 / 16.0, seed: 3)
  }

  @Test("Two errors that cancel pass when their weights are equal: one in 16")
  func cancelling() throws {
    try rate(
      {
        $0.sum[0] += 1
        $0.sum[2] -= 1
      }, expected: 1 / 16.0, seed: 4)
  }

  @Test("Unrelated errors in two coordinates pass when both weights are zero: one in 256")
  func both() throws {
    // e w = -f w' for large unrelated e and f has no solution of 4 bits but zero.
    let (e, f) = (G1Point.generator * PairingScalar(0x1234_5678_9ABC), G1Point.generator)
    try rate(
      {
        $0.proof.a[0] += e
        $0.proof.a[1] += f
      }, expected: 1 / 256.0, seed: 5)
  }

  @Test("A false L passes when its weight is zero or both its equations' are")
  func folded() throws {
    // (iii) has u2 and (iv) u3 d: they cancel for no short u2, u3 but zero.
    try rate(
      { $0.proof.l[2] += .generator }, expected: 1 / 16.0 + 15 / 16.0 / 256, seed: 6)
  }

  @Test("A false pair L and Q passes when its weight or that of equation (iv) is zero")
  func mac() throws {
    try rate(
      {
        $0.proof.l[0] += .generator
        $0.proof.q[0] += .generator
      }, expected: 1 / 16.0 + 15 / 16.0 / 16, seed: 7)
  }

  @Test("Folds equal the sums of products one by one, for all lengths of weights")
  func folds() throws {
    var source = InsecureSeededSecrets(seed: 8)
    let numbers = try (0..<5).map { _ in try PairingScalar(random: &source) }
    for bits in [1, 4, 63, 64, 65, 127, 128] {
      let weights = try BatchWeights(count: 5, bits: bits, using: &source)
      let scalars = weights.scalars
      var (one, two, total) = (G1Point.zero, G2Point.zero, PairingScalar.zero)
      for (weight, number) in zip(scalars, numbers) {
        one += G1Point.generator * (weight * number)
        two += G2Point.generator * (weight * number)
        total = total + weight * number
        // Big-endian: nothing above the length.
        #expect(weight.bytes.prefix(32 - (bits + 7) / 8).allSatisfy { $0 == 0 })
      }
      #expect(weights.fold(numbers) == total)
      #expect(weights.fold(numbers.map { G1Point.generator * $0 }) == one)
      #expect(weights.fold(numbers.map { G2Point.generator * $0 }) == two)
      #expect(bits < 64 || Set(scalars.map(\.bytes)).count == 5)
    }
  }

  /// The promise of 20 is the benchmark `verification`'s to judge, on a quiet machine: 21.3. Other
  /// tests share this one's core and its caches, which moves the ratio of processor times.
  @Test(
    "For 10,000 coordinates the batched check is many times as fast as the naive one",
    .enabled(if: isOptimizedBuild))
  func speed() throws {
    let (count, sampled) = (10_000, 48)
    var parties = try VerifyNetCase(.labelled, clients: 2, dimension: count, seed: 9)
    let claim = try parties.announcement()
    // The naive check of a part, from which the whole follows: it is linear.
    var part = try VerifyNetCase(.labelled, clients: 2, dimension: sampled, seed: 9)
    let partClaim = try part.announcement()
    func seconds(_ check: () -> ProofFault?) -> Double {
      let began = ProcessorTime.ofThread()
      #expect(check() == nil)
      return ProcessorTime.ofThread() - began
    }
    let before = seconds { part.fault(partClaim, .each) }
    let batched = seconds { parties.fault(claim, .batched(bits: 128)) } / Double(count)
    let after = seconds { part.fault(partClaim, .each) }
    let naive = (before + after) / 2 / Double(sampled)
    #expect(naive >= 14 * batched, "\(naive) s and \(batched) s a coordinate")
  }
}
