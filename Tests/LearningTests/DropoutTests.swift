import Learning
import Randomness
import TestSupport
import Testing

@Suite("Dropout")
struct DropoutTests {
  private func mask<S: BinaryFloatingPoint & Sendable>(
    _ probability: Double, count: Int, noise: Generator, layers: Int = 1, _: S.Type = Float.self
  ) throws -> [S] {
    try Revealing.values(
      of: [Layer](repeating: .dropout(probability), count: layers), input: [count],
      at: [S](repeating: 1, count: count), mode: .training(noise: noise))
  }

  // The number kept is binomial: outside 5 standard deviations with probability below 6e-7.
  @Test("keeps the stated share and scales it up", arguments: [0.1, 0.25, 0.5, 0.9])
  func rate(_ probability: Double) throws {
    let count = 20_000
    let mask = try mask(probability, count: count, noise: testGenerator())
    let kept = mask.filter { $0 != 0 }
    #expect(kept.allSatisfy { $0 == Float(1 / (1 - probability)) })
    let expected = Double(count) * (1 - probability)
    let deviation = (expected * probability).squareRoot()
    #expect(abs(Double(kept.count) - expected) <= 5 * deviation)
    // Neighbours are dropped independently: of the count / 2 pairs, a share of the square is kept.
    let pairs = stride(from: 0, to: count, by: 2).count { mask[$0] != 0 && mask[$0 + 1] != 0 }
    let share = (1 - probability) * (1 - probability)
    let mean = Double(count / 2) * share
    #expect(abs(Double(pairs) - mean) <= 5 * (mean * (1 - share)).squareRoot())
  }

  @Test("the same stream drops the same values, in both precisions; another stream others")
  func repeats() throws {
    let noise = testGenerator()
    let first: [Float] = try mask(0.5, count: 256, noise: noise)
    #expect(try mask(0.5, count: 256, noise: noise) == first)
    let wide: [Double] = try mask(0.5, count: 256, noise: noise, Double.self)
    #expect(wide == first.map { Double($0) })
    // Two masks of 256 fair coins are equal with probability 2^-256.
    #expect(try mask(0.5, count: 256, noise: noise.fork("other")) != first)
  }

  @Test("every dropout layer of a network has a mask of its own")
  func layersDiffer() throws {
    // With one mask twice, half of the values would stay, at 4; with two masks a quarter. A quarter
    // of 4,096 has deviation 27.7: 2,048 - 1,024 is 37 of them away.
    let kept = try mask(0.5, count: 4096, noise: testGenerator(), layers: 2).filter { $0 != 0 }
    #expect(kept.allSatisfy { $0 == 4 })
    #expect(abs(kept.count - 1024) < 139)
  }

  @Test("gradients go through the same mask")
  func gradients() throws {
    let noise = testGenerator()
    let mask: [Double] = try mask(0.5, count: 64, noise: noise, Double.self)
    let weights = (0..<64).map { Double($0 + 1) }
    let gradient = try Revealing.pullBack(
      weights, through: [.dropout(0.5)], input: [64], at: [Double](repeating: 1, count: 64),
      mode: .training(noise: noise))
    #expect(gradient == zip(mask, weights).map { $0 * $1 })
  }

  @Test("evaluation changes nothing, nor does probability 0 in training")
  func identity() throws {
    let x = (0..<100).map { Float($0) / 7 - 5 }
    #expect(try Revealing.values(of: [.dropout(0.7)], input: [100], at: x) == x)
    #expect(
      try Revealing.values(
        of: [.dropout(0)], input: [100], at: x, mode: .training(noise: testGenerator())) == x)
  }
}
