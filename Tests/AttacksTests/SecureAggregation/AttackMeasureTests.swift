import Attacks
import Learning
import Randomness
import Tensors
import Testing

@Suite("What attacks on the protocol measure with")
struct AttackMeasureTests {
  @Test("The Mersenne Twister gives the numbers of the C++ standard and of NumPy")
  func twister() {
    var generator = MersenneTwister(seed: 5489)
    #expect((0..<3).map { _ in generator.next() } == [3_499_211_612, 581_869_302, 3_890_346_734])
    for _ in 3..<9999 { _ = generator.next() }
    #expect(generator.next() == 4_123_659_995)
    for seed: UInt32 in [0, 1, 5489, .max] {
      var words = [UInt32](repeating: 0, count: 227)
      var state = [UInt32](repeating: 0, count: 624)
      MersenneTwister.first(&words, of: seed, state: &state)
      var other = MersenneTwister(seed: seed)
      #expect(words == words.map { _ in other.next() }, "\(seed)")
    }
  }

  @Test("The test of uniformity gives the p-values of the chi-square distribution of 63 degrees")
  func uniformity() {
    // Half of the bins have 100 + d words, half 100 - d: X = 64 d² / 100. Judge: mpmath's
    // incomplete gamma function.
    for (d, p) in [
      (6, 0.9999991), (8, 0.985860), (10, 0.441180), (12, 0.00972600), (14, 4.92355e-6),
    ] {
      let words = (0..<64).flatMap { bin -> [UInt64] in
        let count = bin % 2 == 0 ? 100 + d : 100 - d
        return [UInt64](repeating: UInt64(bin) << 14 | 77, count: count)
      }
      let found = Uniformity.pValue(words, bits: 20)
      #expect(abs(found / p - 1) < (p < 1e-3 ? 0.1 : 0.005), "\(d): \(found)")
    }
    // Bits below the six highest do not count.
    var generator = Generator(seed: 4)
    let even = (0..<6400).map { index in
      let low: UInt64 = generator.next() % (1 << 14)
      return UInt64(index % 64) << 14 | low
    }
    #expect(Uniformity.pValue(even, bits: 20) > 0.999)
  }

  @Test("Dead units have no gradient but in the last layer's biases, and the model another digest")
  func deadModel() throws {
    let models = try InconsistentModels(.small(seed: 6))
    let last = try #require(models.network.layout.segments.last)
    #expect(last.name == "fc2.bias")
    for (client, gradient) in models.gradients.enumerated() {
      let isDead = gradient.array.prefix(last.range.lowerBound).allSatisfy { $0 == 0 }
      #expect(isDead == (client > 0), "client \(client)")
      #expect(gradient.array[last.range].contains { $0 != 0 }, "client \(client)")
    }
    #expect(
      InconsistentModels.digest(of: models.shown[0])
        != InconsistentModels.digest(of: models.shown[1]))
    #expect(models.shown[1] == models.shown[2])
  }

  @Test("Subtracted sums are as far off as the others' changes make them", arguments: [11, 12])
  func differencing(seed: UInt64) throws {
    let findings = try Differencing().run(.small(seed: seed))
    #expect(findings[0].value > 1 - 1e-6 && findings[0].evidence == "x_v, every bit")
    // 4096 coordinates: the cosine's own deviation is below 1/64, and false alarms below 10^-6.
    for (finding, variance) in [(findings[1], 0.0025), (findings[2], 2)] {
      #expect(abs(finding.value - 1 / (1 + 7 * variance).squareRoot()) < 5 / 64, "\(finding)")
    }
    // A batch of four tells the sum of four independent updates.
    #expect(abs(findings[5].value - 0.5) < 5 / 64)
  }

  @Test("The mean moves as far as the poisoner asks, from inside the ring")
  func poisoning() throws {
    var setting = ProtocolAttackSetting.small(seed: 13)
    setting.dimension = 4096
    let findings = try OverflowPoisoning().run(setting)
    // Less the poisoner's own mean, one of 8 clients' and 4096 coordinates': 1/8 · 1/4 · 1/64.
    for finding in findings.prefix(2) { #expect(abs(finding.value - 0.5) < 0.003, "\(finding)") }
    // Of three groups' means the larger of two honest ones: 0.56 deviations, of 2 or 3 clients.
    #expect(findings[3].value > 0 && findings[3].value < 0.15, "\(findings[3])")
  }
}
