import Randomness
import SecureAggregation
import Tensors
import TestSupport
import Testing

@Suite("Fixed-point encoding")
struct FixedPointEncodingTests {
  @Test("-c, 0 and c are codes exactly", arguments: 1...32, [1.0, 0.1, 3e-5, 8])
  func exactPoints(bits: Int, clip: Double) throws {
    for rounding in [Rounding.stochastic, .nearest] {
      let encoding = try FixedPointEncoding(clip: clip, bits: bits, clients: 1, rounding: rounding)
      let c = Float(clip)
      let x = Vector([-c.nextUp, -.greatestFiniteMagnitude, 0, c.nextUp, .greatestFiniteMagnitude])
      var generator = testGenerator(UInt64(bits))
      let sum = try encoding.encode(x, using: &generator)
      let top = encoding.largestCode
      #expect(top == (bits == 1 ? 1 : (1 << UInt64(bits)) - 2))
      let mean = try encoding.decode(sum).mean
      if bits > 1 {
        #expect(sum.elements == [0, 0, top / 2, top, top, 1])
        #expect(mean == [-clip, -clip, 0, clip, clip])
      } else {
        #expect(sum.elements[..<2] == [0, 0] && sum.elements[3...] == [1, 1, 1])
        #expect(mean[0] == -clip && mean[4] == clip)
      }
    }
  }

  /// The definition with a random word for each coordinate, written out on its own.
  static func code(_ x: Float, clip: Double, bits: Int, word: UInt32) -> UInt64 {
    let top = bits == 1 ? 1.0 : Double((1 << UInt64(bits)) - 2)
    let scaled = min(max(Double(x), -clip), clip) / clip * (top / 2)
    let shifted = bits == 1 ? scaled + 0.5 : scaled
    let lower = shifted.rounded(.down)
    let up = Double(word) * 0x1p-32 < shifted - lower
    return UInt64(lower + (up ? 1 : 0) + (bits == 1 ? 0 : top / 2))
  }

  @Test(
    "every element is the code by the definition times the weight",
    arguments: [1, 2, 3, 8, 16, 23, 24, 31, 32], [1, 2, 1000, 65_536])
  func definition(bits: Int, maxWeight: Int) throws {
    let encoding = try FixedPointEncoding(clip: 0.7, bits: bits, clients: 5, maxWeight: maxWeight)
    var generator = testGenerator(UInt64(bits), UInt64(maxWeight))
    for count in [0, 1, 2, 3, 17, 4095, 4096, 4097, 9001] {
      let x = (0..<count).map { _ in Float(0.5 * generator.normal()) }
      let weight = 1 + generator.uniform(below: maxWeight)
      let encoded: RingVector
      var replay = generator.fork("replay")
      var used = generator.fork("replay")
      encoded = try encoding.encode(Vector(x), weight: weight, using: &used)
      #expect(encoded.count == count + 1)
      #expect(encoded[count] == UInt64(weight))
      var word: UInt64 = 0
      for (index, value) in x.enumerated() {
        word = index % 2 == 0 ? replay.next() : word >> 32
        let code = Self.code(
          value, clip: 0.7, bits: bits, word: UInt32(truncatingIfNeeded: word))
        guard encoded[index] == code * UInt64(weight) else {
          Issue.record(
            "coordinate \(index) of \(count): \(encoded[index]), not \(weight) · \(code)")
          return
        }
      }
    }
  }

  @Test("rounding to the nearest is off by half a step at most", arguments: [2, 8, 20, 32])
  func nearest(bits: Int) throws {
    let encoding = try FixedPointEncoding(clip: 2, bits: bits, clients: 1, rounding: .nearest)
    var generator = testGenerator(UInt64(bits))
    let x = Vector(generator.normals(3000))
    let mean = try encoding.decode(encoding.encode(x, using: &generator)).mean
    for (value, decoded) in zip(x.array, mean) {
      let clipped = min(max(Double(value), -2), 2)
      #expect(abs(decoded - clipped) <= encoding.step / 2 * (1 + 1e-6))
    }
  }

  // Each of 4 levels' mean over 40,000 draws lies within 5 standard errors: false alarm 2e-6.
  @Test("stochastic rounding is unbiased", arguments: [1, 2, 6])
  func unbiased(bits: Int) throws {
    let encoding = try FixedPointEncoding(clip: 1, bits: bits, clients: 1)
    var generator = testGenerator(UInt64(bits))
    let draws = 40_000
    for value: Float in [-0.83, -0.11, 0.37, 0.99] {
      let x = Vector([Float](repeating: value, count: draws))
      let mean = try encoding.decode(encoding.encode(x, using: &generator)).mean
      let average = mean.reduce(0, +) / Double(draws)
      let deviation = encoding.step / 2
      #expect(abs(average - Double(value)) < 5 * deviation / Double(draws).squareRoot())
    }
  }

  @Test("same generator, same bits; another one, others")
  func deterministic() throws {
    let encoding = try FixedPointEncoding(clip: 1, bits: 8, clients: 1)
    var generator = testGenerator()
    let x = Vector(generator.normals(500))
    var (a, b, c) = (generator.fork("a"), generator.fork("a"), generator.fork("c"))
    let first = try encoding.encode(x, using: &a)
    #expect(try encoding.encode(x, using: &b) == first)
    #expect(try encoding.encode(x, using: &c) != first)
    #expect(try encoding.encode(x, using: &a) != first)
  }

  @Test(
    "sums are those of integers, and decode to the weighted mean of the rounded vectors",
    arguments: [(3, 16, 10), (50, 8, 1), (20, 32, 1_000_000), (7, 1, 5)])
  func weightedMean(_ parameters: (clients: Int, bits: Int, maxWeight: Int)) throws {
    let (clients, bits, maxWeight) = parameters
    let encoding = try FixedPointEncoding(
      clip: 1.5, bits: bits, clients: clients, maxWeight: maxWeight)
    var generator = testGenerator(UInt64(clients))
    let d = 101
    var encodings: [RingVector] = []
    var exact = [Int128](repeating: 0, count: d)
    var total: Int128 = 0
    var mean = [Double](repeating: 0, count: d)
    for _ in 0..<clients {
      let x = Vector(generator.normals(d))
      let weight = 1 + generator.uniform(below: maxWeight)
      let encoded = try encoding.encode(x, weight: weight, using: &generator)
      encodings.append(encoded)
      total += Int128(weight)
      for j in 0..<d {
        exact[j] += Int128(encoded[j])
        mean[j] += Double(weight) * min(max(Double(x[j]), -1.5), 1.5)
      }
    }
    let sum = try encoding.sum(encodings)
    #expect(sum.elements.map { Int128($0) } == exact + [total])
    let decoded = try encoding.decode(sum)
    #expect(decoded.totalWeight == Int(total))
    let top = Int128(encoding.largestCode)
    for j in 0..<d {
      let signed = 2 * exact[j] - top * total
      let reference = Double(signed) / Double(top) / Double(total) * 1.5
      #expect(isClose(decoded.mean[j], reference, tolerance: 1e-15))
      #expect(abs(decoded.mean[j] - mean[j] / Double(total)) < encoding.step + 1e-12)
    }
  }

  @Test(
    "the largest possible sum does not overflow",
    arguments: [1, 2, 3, 100, 1023], [1, 2, 7, 16, 32])
  func noOverflow(clients: Int, bits: Int) throws {
    for maxWeight in [1, 3, 1000] {
      let encoding = try FixedPointEncoding(
        clip: 1, bits: bits, clients: clients, maxWeight: maxWeight)
      var generator = testGenerator()
      let encoded = try encoding.encode(Vector([1, -1]), weight: maxWeight, using: &generator)
      let sum = try encoding.sum([RingVector](repeating: encoded, count: clients))
      let decoded = try encoding.decode(sum)
      #expect(decoded.mean == [1, -1])
      #expect(decoded.totalWeight == clients * maxWeight)
    }
  }

  @Test("what does not belong is refused by name")
  func refusals() throws {
    var generator = testGenerator()
    let encoding = try FixedPointEncoding(clip: 1, bits: 8, clients: 3, maxWeight: 4)
    for weight in [Int.min, -1, 0, 5, Int.max] {
      #expect(throws: EncodingError.weight(weight, maxWeight: 4)) {
        _ = try encoding.encode(Vector([0]), weight: weight, using: &generator)
      }
    }
    for value: Float in [.nan, .infinity, -.infinity] {
      #expect(throws: EncodingError.nonFinite(coordinate: 2)) {
        _ = try encoding.encode(Vector([0, 1, value, .nan]), using: &generator)
      }
    }
    let one = try encoding.encode(Vector([0, 1]), weight: 4, using: &generator)
    #expect(throws: EncodingError.tooManyClients(4, limit: 3)) {
      _ = try encoding.sum([one, one, one, one])
    }
    #expect(throws: EncodingError.self) { _ = try encoding.sum([]) }
    #expect(throws: EncodingError.ring(bits: 13, expected: encoding.ring.bits)) {
      _ = try encoding.decode(RingVector(zeros: 3, in: try MaskRing(bits: 13)))
    }
    #expect(throws: EncodingError.length(0, expected: 1)) {
      _ = try encoding.decode(RingVector(zeros: 0, in: encoding.ring))
    }
    // 3 clients of weight 4: at most 12; codes of weight 4 add up to 4 · 254 at most.
    for weight: UInt64 in [0, 13, 4095] {
      #expect(throws: EncodingError.totalWeight(weight, limit: 12)) {
        _ = try encoding.decode(RingVector([0, weight], in: encoding.ring))
      }
    }
    #expect(try encoding.decode(RingVector([1016, 4], in: encoding.ring)).mean == [1])
    #expect(throws: EncodingError.impossibleSum(coordinate: 1)) {
      _ = try encoding.decode(RingVector([1016, 1017, 4], in: encoding.ring))
    }
    for clip in [0, -1, .nan, .infinity, .leastNonzeroMagnitude] {
      #expect(throws: EncodingError.self) {
        _ = try FixedPointEncoding(clip: clip, bits: 8, clients: 3)
      }
    }
    for (norm, beta, bits) in [(0.0, 0.5, 8), (1, 1, 8), (1, -0.1, 8), (1, .nan, 8), (1, 0.5, 1)] {
      #expect(throws: EncodingError.self) {
        _ = try FixedPointEncoding(
          clip: 1, bits: bits, clients: 3, rounding: .conditional(norm: norm, beta: beta))
      }
    }
  }

  // The values published in discretization_test.py of TensorFlow Federated, computed there from
  // equations 18 and 19 of arXiv 2102.06387: norm 1, dimension 1e9, grid 1e-9 and 1e-2.
  @Test(
    "the bound on rounded norms has the published values",
    arguments: [
      (1e-9, 0.0, 1.0000316227766017), (1e-2, 0, 317.2277660168379),
      (1e-9, 0.01, 1.000000001642451), (1e-2, 0.01, 158.13231445360802),
      (1e-9, 0.5, 1.0000000007137142), (1e-2, 0.5, 158.12296930808552),
      (1e-9, 1, 1.000000000125), (1e-2, 1, 158.11704525445697),
    ])
  func roundedNorm(_ row: (grid: Double, beta: Double, expected: Double)) {
    let bound = Rounding.roundedNorm(1 / row.grid, dimension: 1_000_000_000, beta: row.beta)
    #expect(isClose(bound * row.grid, row.expected, tolerance: 1e-14))
  }

  @Test("conditional rounding keeps its bound, where the unconditional one often does not")
  func conditional() throws {
    let plain = try FixedPointEncoding(clip: 1, bits: 5, clients: 1)
    // The norm of 400 coordinates of half a step.
    let (d, norm) = (400, 10 * plain.step)
    // beta near 1: about the bound of the mean, which half of the draws exceed.
    let rounding = Rounding.conditional(norm: norm, beta: 0.999)
    let encoding = try FixedPointEncoding(clip: 1, bits: 5, clients: 1, rounding: rounding)
    let bound =
      Rounding.roundedNorm(norm / encoding.step, dimension: d, beta: 0.999) * encoding.step
    var generator = testGenerator()
    // All fractions 1/2: the most that rounding can add.
    let x = Vector(
      (0..<d).map { _ in Float(encoding.step / 2) * (generator.bernoulli(0.5) ? 1 : -1) })
    func decodedNorm(_ encoding: FixedPointEncoding, _ x: Vector) throws -> Double {
      let mean = try encoding.decode(encoding.encode(x, using: &generator)).mean
      return mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    var exceeded = 0
    for _ in 0..<200 {
      #expect(try decodedNorm(encoding, x) <= bound)
      if try decodedNorm(plain, x) > bound { exceeded += 1 }
    }
    #expect(exceeded > 20, "the unconditional rounding exceeded the bound \(exceeded) times")
    // A longer vector is scaled down to the norm first.
    var long = x
    long.scale(by: 10)
    for _ in 0..<50 { #expect(try decodedNorm(encoding, long) <= bound) }
  }

  @Test("words in bulk are those of single calls")
  func bulkWords() {
    for (before, count) in [(0, 0), (0, 1), (1, 1), (0, 8), (1, 8), (3, 7), (2, 4097)] {
      var single = testGenerator()
      var bulk = testGenerator()
      for _ in 0..<before { #expect(single.next() == bulk.next()) }
      var words = [UInt64](repeating: 0, count: count)
      words.withUnsafeMutableBufferPointer { bulk.fillWords($0) }
      #expect(words == (0..<count).map { _ in single.next() })
      #expect(single.next() == bulk.next())
    }
  }
}
