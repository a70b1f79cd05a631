import Randomness
import Tensors
import Testing

@Suite("A weighted sum, vector by vector")
struct WeightedSumTests {
  static func vectors(_ count: Int, dimension: Int) -> [Vector] {
    var generator = Generator(seed: 5).fork("weighted sum")
    return (0..<count).map { _ in
      Vector((0..<dimension).map { _ in Float(generator.normal()) })
    }
  }

  @Test("has the bits of the weighted mean of all", arguments: [1, 7, 1029, 40_000], [1, 3])
  func sameBits(dimension: Int, workers: Int) throws {
    let vectors = Self.vectors(23, dimension: dimension)
    let weights = (0..<23).map { 0.25 + Double($0) / 3 }
    let whole = UpdateView(try UpdateMatrix(rows: vectors)).weightedMean(weights)
    for group in [1, 4, 5, 23] {
      var sum = WeightedSum(zeros: dimension)
      for start in stride(from: 0, to: 23, by: group) {
        let range = start..<min(23, start + group)
        sum.add(Array(vectors[range]), weights: Array(weights[range]), workers: workers)
      }
      #expect(sum.mean.array.map(\.bitPattern) == whole.array.map(\.bitPattern))
    }
    // By a plain sum in Double.
    for index in [0, dimension / 2, dimension - 1] {
      var sum = 0.0
      for (vector, weight) in zip(vectors, weights) { sum += weight * Double(vector[index]) }
      let expected = sum / weights.reduce(0, +)
      #expect(abs(Double(whole[index]) - expected) <= 1e-7 * max(1, abs(expected)))
    }
  }

  @Test("of equal vectors is exactly that vector, whatever the weights")
  func equalVectors() {
    let vector = Self.vectors(1, dimension: 100)[0]
    var sum = WeightedSum(zeros: 100)
    for weight in [0.1, 3, 1e-9, 7.7] { sum.add([vector], weights: [weight]) }
    #expect(sum.mean == vector)
  }

  @Test("is a value, and zero before the first vector")
  func value() {
    var sum = WeightedSum(zeros: 2)
    #expect(sum.mean.array == [0, 0])
    sum.add([Vector([1, 2])], weights: [2])
    let copy = sum
    sum.add([Vector([4, 8])], weights: [6])
    #expect(copy.mean.array == [1, 2] && copy.totalWeight == 2)
    #expect(sum.mean.array == [3.25, 6.5])
  }
}
