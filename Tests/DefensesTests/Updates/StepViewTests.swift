import Components
import Defenses
import Federation
import Foundation
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("What clients do within a step")
struct StepViewTests {
  private let network: Network
  private let parameters: Vector
  private let batch: Batch<Float>

  init() throws {
    var generator = testGenerator(name: "step views")
    network = try Network(
      input: [5], [.dense(outputs: 8), .activation(.sigmoid), .dense(outputs: 3)])
    parameters = network.initialParameters(using: &generator)
    batch = Batch(
      inputs: (0..<20).map { _ in Float(generator.normal()) }, labels: [0, 1, 2, 0])
  }

  @Test("Soteria zeroes the columns of lowest |dr/dX| / (|r| + 0.1), known in closed form")
  func soteria() throws {
    // r = sigmoid(w x + b): |dr/dX| = r (1 - r) |w|.
    let values = parameters.array.map { Double($0) }
    let scores = (0..<8).map { feature -> Double in
      let row = Array(values[(5 * feature)..<(5 * feature + 5)])
      let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return (0..<4).reduce(0.0) { sum, example in
        let x = batch.inputs[(5 * example)..<(5 * example + 5)].map { Double($0) }
        let z = zip(row, x).reduce(values[40 + feature]) { $0 + $1.0 * $1.1 }
        let r = 1 / (1 + exp(-z))
        return sum + r * (1 - r) * norm / (r + 0.1)
      }
    }
    let lowest = Set((0..<8).sorted { scores[$0] < scores[$1] }.prefix(3))
    var gradient = Vector(zeros: network.parameterCount)
    try network.differentiate(
      parameters: parameters, batch: batch, workspace: Workspace(for: network),
      gradient: &gradient)
    let before = gradient.array
    var generator = testGenerator()
    let soteria = try Soteria(ratio: 0.4)
    try soteria.adjust(
      &gradient, at: parameters, batch: batch, of: network, using: &generator)
    for index in before.indices {
      let isDefended = (48..<72).contains(index) && lowest.contains((index - 48) % 8)
      #expect(gradient[index] == (isDefended ? 0 : before[index]), "\(index)")
      #expect(before[index] != 0)
    }
    guard case .ignoring(let tensors) = try soteria.counter(network: network) else {
      Issue.record("Soteria's attacker leaves a layer out")
      return
    }
    #expect(tensors == ["fc2.weight"])
  }

  @Test("Soteria needs a dense layer behind others")
  func linear() throws {
    let linear = try Network(input: [4], [.flatten, .dense(outputs: 3)])
    #expect(throws: FederationError.self) { try Soteria(ratio: 0.5).check(linear) }
    try Soteria(ratio: 0.5).check(network)
    for ratio in [0, 1, .nan] { #expect(throws: ParameterError.self) { try Soteria(ratio: ratio) } }
  }

  private func targets(_ batch: Batch<Float>) -> [Float] {
    if case .dense(let values) = batch.targets { values } else { [] }
  }

  @Test("MixUp mixes inputs and labels with the same weights, λ of at least a half")
  func mixUp() throws {
    var generator = testGenerator()
    var shares: [Double] = []
    for _ in 0..<200 {
      let pair = Batch(inputs: Array(batch.inputs.prefix(10)), labels: [0, 1])
      let mixed = try MixUp(alpha: 1).view(pair, of: network, using: &generator)
      let q = targets(mixed)
      #expect(q.count == 6 && q[2] == 0 && q[5] == 0)
      for row in 0..<2 {
        #expect(q[3 * row + row] >= 0.5)
        for place in 0..<5 {
          let expected =
            q[3 * row] * pair.inputs[place] + q[3 * row + 1] * pair.inputs[5 + place]
          #expect(abs(mixed.inputs[5 * row + place] - expected) < 1e-5)
        }
      }
      if q[0] < 1 { shares.append(Double(q[0])) }
    }
    // Half of the permutations swap; then λ is uniform on (1/2, 1), mean 3/4 and deviation 0.144.
    #expect(abs(shares.count - 100) < 36)
    #expect(abs(shares.reduce(0, +) / Double(shares.count) - 0.75) < 0.08)
    let one = Batch<Float>(inputs: [1, 2, 3, 4, 5], labels: [2])
    #expect(try MixUp(alpha: 1).view(one, of: network, using: &generator) == one)
    #expect(throws: ParameterError.self) { try MixUp(alpha: 0) }
  }

  @Test("InstaHide flips half of the signs of mixtures whose weights are bounded")
  func instaHide() throws {
    var generator = testGenerator()
    let plain = try InstaHide(k: 1).view(batch, of: network, using: &generator)
    #expect(plain.inputs.map(\.magnitude) == batch.inputs.map(\.magnitude))
    #expect(plain.inputs != batch.inputs)
    var flips = 0
    for _ in 0..<100 {
      let distinct = Batch(inputs: Array(batch.inputs.prefix(15)), labels: [0, 1, 2])
      let mixed = try InstaHide(k: 2, largestWeight: 0.7).view(
        distinct, of: network, using: &generator)
      let q = targets(mixed)
      for row in 0..<3 {
        let weights = Array(q[(3 * row)..<(3 * row + 3)])
        #expect(abs(weights.reduce(0, +) - 1) < 1e-6)
        #expect(weights.allSatisfy { $0 <= 0.7001 } && weights[row] >= 0.2999)
        for place in 0..<5 {
          let expected = (0..<3).reduce(Float(0)) {
            $0 + weights[$1] * distinct.inputs[5 * $1 + place]
          }
          let value = mixed.inputs[5 * row + place]
          #expect(abs(value.magnitude - expected.magnitude) < 1e-5)
          flips += value.sign != expected.sign ? 1 : 0
        }
      }
    }
    // Of 1,500 signs, deviation 19: 5 of them are 1e-6 of false alarm.
    #expect(abs(flips - 750) < 97, "\(flips)")
    for (k, largest) in [(0, 0.65), (2, 0.5), (2, 1.1)] {
      #expect(throws: ParameterError.self) { try InstaHide(k: k, largestWeight: largest) }
    }
    guard case .nonAdaptiveOnly = try InstaHide(k: 2).counter(network: network) else {
      Issue.record("no attack on InstaHide is built")
      return
    }
  }

  @Test("mixtures need the cross-entropy and numbers")
  func losses() throws {
    let squared = try Network(input: [4], [.dense(outputs: 3)], loss: .meanSquaredError)
    let tokens = try Network(
      input: [4], [.embedding(vocabulary: 5, dimension: 2), .flatten, .dense(outputs: 3)])
    for network in [squared, tokens] {
      #expect(throws: FederationError.self) { try MixUp(alpha: 1).check(network) }
      #expect(throws: FederationError.self) { try InstaHide(k: 2).check(network) }
    }
  }

  @Test("ATS draws a policy and signs for each example; its attacker tries them all")
  func ats() throws {
    let images = try Network(input: [1, 2, 4], [.flatten, .dense(outputs: 3)])
    let batch = Batch<Float>(
      inputs: (0..<400).flatMap { _ in (1...8).map { Float($0) } },
      labels: [Int32](repeating: 0, count: 400))
    let ats = try ATS(policies: "translate-x 0.25 + flip 1, translate-y 0.5")
    var generator = testGenerator()
    let viewed = try ats.view(batch, of: images, using: &generator)
    var counts: [[Float]: Int] = [:]
    for row in 0..<400 { counts[Array(viewed.inputs[(8 * row)..<(8 * row + 8)]), default: 0] += 1 }
    // One pixel right or left; mirrored and one pixel down or up.
    let expected: [[Float]] = [
      [0, 1, 2, 3, 0, 5, 6, 7], [2, 3, 4, 0, 6, 7, 8, 0],
      [0, 0, 0, 0, 4, 3, 2, 1], [8, 7, 6, 5, 0, 0, 0, 0],
    ]
    #expect(Set(counts.keys) == Set(expected))
    // Each a quarter of 400, deviation 8.7: 5 of them are 1e-6 of false alarm.
    #expect(counts.values.allSatisfy { abs($0 - 100) < 44 }, "\(counts)")
    guard case .transformed(let lists) = try ats.counter(network: images) else {
      Issue.record("the attacker on ATS tries policies")
      return
    }
    #expect(lists.count == 4)
    for text in ["", "translate 1", "flip", "rotate nan", "flip 1 +", "contrast -1"] {
      #expect(throws: ParameterError.self, "\(text)") { try ATS(policies: text) }
    }
    #expect(throws: FederationError.self) { try ats.check(network) }
  }
}
