import Federation
import GradientInversion
import Learning
import Randomness
import Tensors
import Testing

@Suite("Division behind masks and noise")
struct RankOneDivisionTests {
  private let network: Network
  private let truth: [Float]
  private let delta: [Double]

  init() throws {
    network = try Network(input: [6], [.dense(outputs: 9), .relu, .dense(outputs: 3)])
    var generator = Generator(seed: 4)
    truth = (0..<6).map { _ in Float(generator.uniform()) }
    delta = (0..<9).map { _ in generator.normal() }
  }

  /// The gradient of one example in the first layer; of the second some numbers.
  private func gradient(noise: Double = 0, seed: UInt64 = 1) -> [Double] {
    var generator = Generator(seed: seed)
    var values = (0..<network.parameterCount).map { _ in generator.normal() }
    for unit in 0..<9 {
      for column in 0..<6 {
        values[unit * 6 + column] = delta[unit] * Double(truth[column]) + noise * generator.normal()
      }
      values[54 + unit] = delta[unit] + noise * generator.normal()
    }
    return values
  }

  private func error(_ input: [Float]) -> Double {
    zip(input, truth).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
  }

  @Test("one example comes back exactly, and with entries that were not sent")
  func exact() throws {
    let all = try RankOneDivision(gradient(), of: network)
    #expect(error(all.input) < 1e-10 && all.rest < 1e-12)
    // Two thirds of the weights and some of the bias are missing; every column has a unit left.
    var sent = [Bool](repeating: true, count: network.parameterCount)
    for place in 0..<54 where place % 3 != (place / 6) % 3 { sent[place] = false }
    for unit in [0, 4, 7] { sent[54 + unit] = false }
    var masked = gradient()
    for place in masked.indices where !sent[place] { masked[place] = 0 }
    let rest = try RankOneDivision(masked, sent: sent, of: network, sweeps: 3000)
    #expect(error(rest.input) < 1e-6, "\(rest.input) \(truth)")
    // Who takes the zeros for gradients gets something else.
    #expect(try error(RankOneDivision(masked, of: network).input) > 0.01)
  }

  @Test("behind noise it is the first singular vector of weights and bias together")
  func singular() throws {
    let noisy = gradient(noise: 0.1)
    let found = try RankOneDivision(noisy, of: network, sweeps: 500).input
    // Power iteration on the 7 x 7 matrix of scalar products.
    var v = [Double](repeating: 1, count: 7)
    for _ in 0..<2000 {
      var next = [Double](repeating: 0, count: 7)
      for unit in 0..<9 {
        let row = (0..<6).map { noisy[unit * 6 + $0] } + [noisy[54 + unit]]
        let along = zip(row, v).reduce(0) { $0 + $1.0 * $1.1 }
        for place in next.indices { next[place] += along * row[place] }
      }
      let norm = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
      v = next.map { $0 / norm }
    }
    for (value, expected) in zip(found, v) {
      #expect(abs(Double(value) - expected / v[6]) < 1e-5)
    }
  }

  @Test("it is nearer than the division of one unit, on average over 40 draws of the noise")
  func better() throws {
    var (fitted, divided) = (0.0, 0.0)
    for seed in 0..<40 {
      let noisy = gradient(noise: 0.05, seed: UInt64(seed))
      fitted += try error(RankOneDivision(noisy, of: network).input)
      divided += try error(DenseInversion(noisy, of: network).best)
    }
    // The first has about a third of the other's error; were they equal, 1/2 would be missed once in
    // thousands of times.
    #expect(fitted < divided / 2, "\(fitted) \(divided)")
  }

  @Test("nothing of the bias, a wrong size: said so")
  func refusals() throws {
    var sent = [Bool](repeating: true, count: network.parameterCount)
    for unit in 0..<9 { sent[54 + unit] = false }
    let (values, network) = (gradient(), network)
    #expect(throws: InversionError.self) {
      try RankOneDivision(values, sent: sent, of: network)
    }
    #expect(throws: InversionError.self) { try RankOneDivision([1, 2], of: network) }
  }

  private func division(_ counters: [InversionCounter]) throws -> DefendedDivision {
    try DefendedDivision(
      counters, observed: Vector(gradient().map { Float($0) }), of: network,
      tensors: ["fc1.weight", "fc1.bias"])
  }

  private func pieces(_ given: ForwardPiece...) -> InversionCounter {
    .forwardModel(GivenPieces { _ in given })
  }

  @Test("a common factor, another layer's defense and no defense leave quotients alone")
  func untouched() throws {
    let count = network.parameterCount
    for counters in [
      [], [pieces(.scale(Vector([Float](repeating: 0.5, count: count))))],
      [pieces(.clip(norm: 1, ranges: [0..<count]))], [.ignoring(tensors: ["fc2.weight"])],
      [pieces(.scale(Vector((0..<count).map { $0 < 63 ? 1 : 0 })))],
    ] as [[InversionCounter]] {
      let division = try division(counters)
      #expect(division.isUntouched && division.gaps.isEmpty && division.sent == nil)
    }
  }

  @Test("masks are read, noise is noted, and what cannot be divided is said")
  func touched() throws {
    let count = network.parameterCount
    let mask = try division([pieces(.scale(Vector((0..<count).map { $0 % 2 == 0 ? 1 : 0 })))])
    #expect(!mask.isUntouched && mask.gaps.isEmpty)
    #expect(try #require(mask.sent).prefix(63).enumerated().allSatisfy { $1 == ($0 % 2 == 0) })
    let noise = try division([pieces(.gaussian(deviation: 1))])
    #expect(!noise.isUntouched && noise.gaps.isEmpty && noise.sent == nil)
    for (counter, expected) in [
      (pieces(.sign), "signs"), (pieces(.clip(norm: 1, ranges: [0..<54])), "different factors"),
      (pieces(.scale(Vector((0..<count).map { Float($0) }))), "scaled differently"),
      (.ignoring(tensors: ["fc1.bias"]), "fc1.bias is what is divided"),
      (.mixed, "mixed"), (.transformed([[]]), "transformation"),
      (.nonAdaptiveOnly(reason: "nobody knows"), "nobody knows"),
    ] as [(InversionCounter, String)] {
      let division = try division([counter])
      #expect(division.gaps.first.map { $0.contains(expected) } == true, "\(division.gaps)")
    }
  }
}
