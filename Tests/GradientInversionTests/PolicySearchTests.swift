import Foundation
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Search for transformation policies")
struct PolicySearchTests {
  private func images(_ count: Int, _ shape: [Int]) throws -> LabeledExamples {
    var generator = testGenerator(name: "images")
    let values = (0..<(count * shape.reduce(1, *))).map { _ in Float(generator.uniform()) }
    return try LabeledExamples(
      features: values, labels: (0..<count).map { Int32($0 % 3) }, shape: shape, classes: 3)
  }

  private func search(_ network: Network, _ examples: LabeledExamples) throws -> PolicySearch {
    var generator = testGenerator(name: "weights")
    return try PolicySearch(
      of: network, trained: network.initialParameters(using: &generator),
      untrained: network.initialParameters(using: &generator), on: examples)
  }

  private func small() throws -> Network {
    try Network(
      input: [1, 6, 6],
      [
        .convolution(Convolution(outputs: 4, kernel: 3)), .activation(.tanh), .flatten,
        .dense(outputs: 3),
      ])
  }

  @Test("a linear model's Jacobians are all alike: the accuracy score has its closed form")
  func linear() throws {
    let network = try Network(input: [1, 4, 4], [.flatten, .dense(outputs: 3)])
    let score = try search(network, images(5, [1, 4, 4])).score([], using: testGenerator())
    let k = 1e-5
    // One eigenvalue is 5, four are 0.
    let expected = -(log(5 + k) + 1 / (5 + k)) - 4 * (log(k) + 1 / k)
    #expect(isClose(score.accuracy, expected, tolerance: 1e-6))
  }

  @Test("the privacy score is the area under an independent computation's cosines")
  func area() throws {
    // Squared error of one layer without bias: g = (W x - y) x', up to a factor.
    let network = try Network(
      input: [1, 2, 2], [.flatten, .dense(outputs: 3, bias: false)], loss: .meanSquaredError)
    let examples = try images(3, [1, 2, 2])
    var generator = testGenerator(name: "weights")
    let weights = network.initialParameters(using: &generator).array.map { Double($0) }
    let score = try search(network, examples)
      .score([ImageTransformation(.contrast, 2)], using: testGenerator())
    var stream = testGenerator().fork("policy")
    func gradient(_ x: [Double], _ label: Int32) -> [Double] {
      (0..<3).flatMap { row -> [Double] in
        let z = (0..<4).reduce(0.0) { $0 + weights[4 * row + $1] * x[$1] }
        return x.map { $0 * (z - (row == Int(label) ? 1 : 0)) }
      }
    }
    func cosine(_ a: [Double], _ b: [Double]) -> Double {
      func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
    var total = 0.0
    for example in 0..<3 {
      let x = examples.features(of: example).map { Double($0) }
      let mean = x.reduce(0, +) / 4
      let image = x.map { 2 * $0 - mean }
      let start = image.map { _ in Double(Float(stream.uniform())) }
      let label = examples.labels[example]
      let values = (0...20).map { step -> Double in
        let t = Double(step) / 20
        return cosine(
          gradient(zip(start, image).map { (1 - t) * $0 + t * $1 }, label), gradient(image, label))
      }
      for (left, right) in zip(values, values.dropFirst()) { total += (left + right) / 2 / 20 }
    }
    #expect(isClose(score.privacy, total / 3, tolerance: 1e-5))
    #expect(score.text == "contrast 2.0")
  }

  @Test("a policy that moves every image out of sight is told by its accuracy")
  func blank() throws {
    let search = try search(small(), images(12, [1, 6, 6]))
    let plain = try search.score([], using: testGenerator())
    let blank = try search.score([ImageTransformation(.translateX, 1)], using: testGenerator())
    #expect(blank.accuracy < plain.accuracy - 1e5)
    #expect((-1...1).contains(plain.privacy))
    // All images are black, and the gradient is the aim's own only at the very end.
    #expect(blank.privacy < 1)
  }

  @Test("two examples' correlation, by differences, gives the accuracy score")
  func correlation() throws {
    let network = try Network(
      input: [1, 6, 6], [.dense(outputs: 8), .activation(.tanh), .dense(outputs: 3)],
      initialBound: 0.5)
    let examples = try images(2, [1, 6, 6])
    var generator = testGenerator(name: "weights")
    _ = network.initialParameters(using: &generator)
    let untrained = network.initialParameters(using: &generator)
    let h: Float = 0.01
    func sum(_ image: [Float]) throws -> Double {
      let one = try LabeledExamples(features: image, labels: [0], shape: [1, 6, 6], classes: 3)
      return try network.predict(
        parameters: untrained, on: one, workspace: Workspace(for: network)
      ).logits.reduce(0) { $0 + Double($1) }
    }
    let jacobians = try (0..<2).map { example -> [Double] in
      let image = Array(examples.features(of: example))
      return try image.indices.map { place in
        var (ahead, behind) = (image, image)
        ahead[place] += h
        behind[place] -= h
        return (try sum(ahead) - sum(behind)) / Double(2 * h)
      }
    }
    func score(_ correlation: Double) -> Double {
      var sum = 0.0
      for value in [1 + correlation + 1e-5, 1 - correlation + 1e-5] {
        sum -= log(value) + 1 / value
      }
      return sum
    }
    func correlation(centred: Bool) -> Double {
      let rows = jacobians.map { row in
        row.map { $0 - (centred ? row.reduce(0, +) / Double(row.count) : 0) }
      }
      func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      return dot(rows[0], rows[1]) / (dot(rows[0], rows[0]) * dot(rows[1], rows[1])).squareRoot()
    }
    let got = try search(network, examples).score([], using: testGenerator()).accuracy
    let expected = score(correlation(centred: true))
    #expect(isClose(got, expected, tolerance: 0.01))
    #expect(!isClose(score(correlation(centred: false)), expected, tolerance: 0.05))
  }

  @Test("the best are the most private of the more accurate half, whoever works")
  func best() throws {
    let search = try search(small(), images(6, [1, 6, 6]))
    let all = try search.candidates(20, using: testGenerator())
    #expect(try search.candidates(20, workers: 2, using: testGenerator()) == all)
    let half = PolicySearch.best(10, of: all)
    let worst = try #require(half.map(\.accuracy).min())
    #expect(all.filter { !half.contains($0) }.allSatisfy { $0.accuracy <= worst })
    #expect(half.map(\.privacy) == half.map(\.privacy).sorted())
    #expect(PolicySearch.best(3, of: all) == Array(half.prefix(3)))
    #expect(Set(all.map(\.policy.count)) == [1, 2, 3])
    // What is found is written as ATS reads it.
    for score in all {
      let read = try score.text.split(separator: ",").map { try ImageTransformation(String($0)) }
      #expect(read == score.policy)
    }
  }

  @Test("what cannot be searched is refused by name")
  func refusals() throws {
    let network = try small()
    let weights = Vector(zeros: network.parameterCount)
    let images = try images(4, [1, 6, 6])
    func refusal(_ make: () throws -> PolicySearch) -> String {
      do {
        return "\(try make())"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      refusal {
        try PolicySearch(of: network, trained: Vector([1]), untrained: weights, on: images)
      }.contains("trained weights"))
    #expect(
      refusal {
        try PolicySearch(
          of: network, trained: weights, untrained: weights.map { _ in .nan }, on: images)
      }.contains("untrained weights"))
    #expect(
      refusal {
        try PolicySearch(
          of: network, trained: weights, untrained: weights, on: self.images(1, [1, 6, 6]))
      }.contains("at least 2"))
    let table = try Network(input: [5], [.dense(outputs: 3)])
    #expect(
      refusal {
        try PolicySearch(
          of: table, trained: Vector(zeros: table.parameterCount),
          untrained: Vector(zeros: table.parameterCount), on: images)
      }.contains("channels, height, width"))
  }
}
