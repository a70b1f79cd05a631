import Components
import Defenses
import Federation
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Client updates: worked examples and wrong input")
struct UpdateTransformTests {
  private static let two = [
    Segment(name: "fc1.weight", offset: 0, shape: [1], kind: .weight, role: .base),
    Segment(name: "fc2.weight", offset: 1, shape: [1], kind: .weight, role: .head),
  ]

  private func sent(
    _ transform: any UpdateTransform, _ delta: [Float], segments: [Segment] = [], seed: UInt64 = 0
  ) throws -> [Float] {
    var update = Update(
      client: 0, startedRound: 0, delta: Vector(delta), weight: 1, steps: 1, loss: 0)
    var generator = testGenerator(seed)
    var memory = Memory()
    try transform.transform(&update, segments: segments, using: &generator, memory: &memory)
    return update.delta.array
  }

  @Test("noise of deviation 0.5 on 10,000 zeros has norm 50; both laws have that deviation")
  func noise() throws {
    for law in UpdateNoise.Law.allCases {
      let zeros = [Float](repeating: 0, count: 10_000)
      let values = try sent(UpdateNoise(law: law, sigma: 0.5), zeros)
      #expect(abs(Vector(values).norm - 50) < 2.5)
      // Mean magnitudes: σ √(2/π) and σ / √2.
      let magnitude = values.reduce(0.0) { $0 + Double($1.magnitude) } / 10_000
      #expect(abs(magnitude - (law == .gaussian ? 0.3989 : 0.3536)) < 0.02)
      #expect(try sent(UpdateNoise(law: law, sigma: 0), zeros) == zeros)
    }
  }

  @Test("clipping, as a whole and by layer")
  func clipping() throws {
    let whole = try sent(UpdateClipping(clippingNorm: 5), [6, 8])
    #expect(abs(whole[0] - 3) < 1e-6 && abs(whole[1] - 4) < 1e-6)
    #expect(try sent(UpdateClipping(clippingNorm: 11), [6, 8]) == [6, 8])
    let layers = try sent(
      UpdateClipping(clippingNorm: 2.0.squareRoot(), scope: .layer), [6, 8], segments: Self.two)
    #expect(abs(layers[0] - 1) < 1e-6 && abs(layers[1] - 1) < 1e-6)
  }

  @Test("pruning keeps the largest, of equals the first; in each tensor or in all")
  func pruning() throws {
    #expect(try sent(GradientPruning(ratio: 0.5), [3, -1, 2, -4]) == [3, 0, 0, -4])
    #expect(try sent(GradientPruning(ratio: 0.5), [1, 1, 1, 1]) == [1, 1, 0, 0])
    #expect(try sent(GradientPruning(ratio: 0.99), [3, -1, 2, -4]) == [0, 0, 0, -4])
    #expect(try sent(GradientPruning(ratio: 0), [3, -1]) == [3, -1])
    let tensor = GradientPruning.Scope.tensor
    #expect(
      try sent(GradientPruning(ratio: 0.5, scope: tensor), [1, 9], segments: Self.two) == [1, 9])
    #expect(
      try sent(GradientPruning(ratio: 0.5, scope: .whole), [1, 9], segments: Self.two) == [0, 9])
  }

  @Test("random coordinates are doubled where half are sent, and each comes equally often")
  func random() throws {
    var counts = [0, 0, 0, 0]
    for seed in 0..<2000 {
      let values = try sent(RandomK(fraction: 0.5), [1, 2, 3, 4], seed: UInt64(seed))
      #expect(values.count { $0 != 0 } == 2)
      for (index, value) in values.enumerated() where value != 0 {
        #expect(value == 2 * Float(index + 1))
        counts[index] += 1
      }
    }
    // Each count is binomial, deviation 22; 5 of them are 1e-6 of false alarm.
    #expect(counts.allSatisfy { abs($0 - 1000) < 110 }, "\(counts)")
    #expect(try sent(RandomK(fraction: 1), [1, 2]) == [1, 2])
  }

  @Test("signs, times the mean magnitude or a step; zeros stay")
  func sign() throws {
    #expect(try sent(SignCompression(), [3, -1]) == [2, -2])
    #expect(try sent(SignCompression(step: 0.1), [3, -1, 0]) == [0.1, -0.1, 0])
    #expect(try sent(SignCompression(), [3, -1], segments: Self.two) == [3, -1])
  }

  @Test("nearest levels, and random ones with the right probability")
  func quantisation() throws {
    let nearest = try Quantisation(levels: 2, rounding: .nearest, norm: .maximum)
    #expect(try sent(nearest, [1, 0.3, -0.2]) == [1, 0.5, 0])
    let random = try Quantisation(levels: 2, norm: .maximum)
    var up = 0
    for seed in 0..<2000 {
      let values = try sent(random, [1, 0.3, -0.2], seed: UInt64(seed))
      #expect(values[0] == 1 && [0, 0.5].contains(values[1]) && [0, -0.5].contains(values[2]))
      up += values[1] == 0.5 ? 1 : 0
    }
    // Binomial with p = 0.6, deviation 22; 5 of them are 1e-6 of false alarm.
    #expect(abs(up - 1200) < 110, "\(up)")
    // QSGD: |(3, 4)| = 5, one level: all is -5, 0 or 5.
    let qsgd = try sent(Quantisation(levels: 1), [3, -4])
    #expect(qsgd.allSatisfy { [0, 5].contains($0.magnitude) })
    #expect(try sent(nearest, [0, 0]) == [0, 0])
  }

  @Test("frozen layers say so to the wire, and a model must have another layer")
  func frozen() throws {
    var update = Update(
      client: 0, startedRound: 0, delta: Vector([1, 9]), weight: 1, steps: 1, loss: 0)
    var (generator, memory) = (testGenerator(), Memory())
    try FrozenLayers().transform(
      &update, segments: Self.two, using: &generator, memory: &memory)
    #expect(update.delta.array == [1, 0] && update.support == .ranges([0..<1]))
    #expect(update.support.bytes(dimension: 2) == 4)
    #expect(try sent(FrozenLayers(end: .first), [1, 9], segments: Self.two) == [0, 9])
    #expect(throws: FederationError.self) {
      try sent(FrozenLayers(layers: 2), [1, 9], segments: Self.two)
    }
    #expect(throws: FederationError.self) { try sent(FrozenLayers(), [1, 9]) }
  }

  @Test("parameters out of range are refused")
  func ranges() {
    for value in [-0.1, .nan, .infinity] {
      #expect(throws: ParameterError.self) { try UpdateNoise(sigma: value) }
      #expect(throws: ParameterError.self) { try UpdateClipping(clippingNorm: value) }
      #expect(throws: ParameterError.self) { try GradientPruning(ratio: value) }
      #expect(throws: ParameterError.self) { try RandomK(fraction: value) }
      #expect(throws: ParameterError.self) { try SignCompression(step: value) }
    }
    #expect(throws: ParameterError.self) { try UpdateClipping(clippingNorm: 0) }
    #expect(throws: ParameterError.self) { try GradientPruning(ratio: 1) }
    #expect(throws: ParameterError.self) { try RandomK(fraction: 0) }
    #expect(throws: ParameterError.self) { try Quantisation(levels: 0) }
    #expect(throws: ParameterError.self) { try FrozenLayers(layers: 0) }
  }
}
