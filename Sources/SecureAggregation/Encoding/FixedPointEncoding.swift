internal import CKernels
public import Randomness
public import Tensors

/// Real vectors as integers whose weighted sum modulo R tells the weighted mean of the vectors.
///
///     code(x) = round(x / step) + offset,   step = c / offset,   offset = 2^(bits-1) - 1
///     element = weight · code(x) mod R,     one more element at the end: the weight itself
///     mean    = (Σ elements - offset · Σ weights) · step / Σ weights
///
/// Coordinates are clipped to -c...c. Codes run from 0 to 2^bits - 2, so that -c, 0 and c are codes
/// exactly (the code 2^bits - 1 is left out); one bit has only the codes 0 and 1 for -c and c.
/// The weight is multiplied in before any mask, and rides along under the masks, so the server learns
/// neither. R = 2^w is the least power of two that no sum of `clients` vectors can reach
/// (``MaskRing/init(clients:bits:maxWeight:)``): a sum that wraps around cannot happen while all keep
/// to the rules, and parameters that need more than 63 bits are refused here, before any key exists.
///
/// ```swift
/// let encoding = try FixedPointEncoding(clip: 1, bits: 16, clients: 3, maxWeight: 10)
/// var sum = try encoding.encode(Vector([0.5, -1]), weight: 2, using: &generator)
/// try sum.add(try encoding.encode(Vector([-1, 1]), weight: 6, using: &generator))
/// try encoding.decode(sum).mean   // -0.625, 0.5 within a step of 2^-15
/// ```
///
/// Source: Bonawitz et al. 2019, *Federated Learning with Autotuned Communication-Efficient Secure
/// Aggregation*, section 3 (clipping and uniform quantisation under a modulus).
public struct FixedPointEncoding: Sendable, Hashable {
  /// The most bits of a code.
  public static let maximumBits = 32

  /// c: coordinates are clipped to -c...c.
  public let clip: Double
  /// How many bits a code has, 1...32.
  public let bits: Int
  /// How many vectors may be added.
  public let clients: Int
  /// The largest weight of a vector.
  public let maxWeight: Int
  /// What happens to numbers between two codes.
  public let rounding: Rounding
  /// Where the sums live.
  public let ring: MaskRing

  /// An encoding for sums of up to `clients` vectors with weights in 1...`maxWeight`.
  ///
  /// - Throws: ``EncodingError/invalid(_:_:_:)`` for a parameter out of range,
  ///   ``EncodingError/modulusTooWide(clients:bits:maxWeight:needed:fitting:)`` if the sums need
  ///   more than 63 bits.
  public init(
    clip: Double, bits: Int, clients: Int, maxWeight: Int = 1, rounding: Rounding = .stochastic
  ) throws(EncodingError) {
    guard clip.isFinite, clip > 0, (1 / clip).isFinite else {
      throw .invalid("the clipping bound", "\(clip)", "must be positive and finite")
    }
    ring = try MaskRing(clients: clients, bits: bits, maxWeight: maxWeight)
    if case .conditional(let norm, let beta) = rounding {
      guard norm.isFinite, norm > 0 else {
        throw .invalid("the norm bound", "\(norm)", "must be positive and finite")
      }
      guard beta >= 0, beta < 1 else { throw .invalid("beta", "\(beta)", "must be in 0..<1") }
      guard bits >= 2 else {
        throw .invalid(
          "the number of bits", "1", "must be at least 2 to bound a norm: 0 has no code")
      }
    }
    self.clip = clip
    self.bits = bits
    self.clients = clients
    self.maxWeight = maxWeight
    self.rounding = rounding
  }

  /// The largest code, 2^bits - 2, or 1 for one bit: that of c.
  public var largestCode: UInt64 { bits == 1 ? 1 : 1 << UInt64(bits) - 2 }

  /// The distance of two neighbouring codes, in units of the coordinates.
  public var step: Double { 2 * clip / Double(largestCode) }

  /// The largest total weight.
  var maxTotalWeight: UInt64 { UInt64(clients) * UInt64(maxWeight) }

  /// The encoding of `update`: one element for each coordinate, and the weight.
  ///
  /// Reads `generator` only if the rounding is random; the same generator gives the same bits.
  /// A coordinate's mean is within 2^-32 steps of its clipped value under stochastic rounding.
  ///
  /// - Throws: ``EncodingError/weight(_:maxWeight:)`` unless the weight is in 1...`maxWeight`,
  ///   ``EncodingError/nonFinite(coordinate:)``, ``EncodingError/rounding(attempts:)`` if conditional
  ///   rounding never keeps its bound.
  /// - Complexity: O(d), a few nanoseconds a coordinate.
  public func encode(
    _ update: Vector, weight: Int = 1, using generator: inout Generator
  ) throws(EncodingError) -> RingVector {
    guard (1...maxWeight).contains(weight) else { throw .weight(weight, maxWeight: maxWeight) }
    guard update.isFinite else {
      let at = (0..<update.count).first { !update[$0].isFinite }
      throw .nonFinite(coordinate: at ?? 0)
    }
    var result = RingVector(zeros: update.count + 1, in: ring)
    result[update.count] = UInt64(weight)
    switch rounding {
    case .nearest:
      round(update, weight: weight, into: &result)
    case .stochastic:
      round(update, weight: weight, into: &result, using: &generator)
    case .conditional(let norm, let beta):
      try roundConditionally(
        update, weight: weight, norm: norm, beta: beta, into: &result, using: &generator)
    }
    return result
  }

  /// The codes of `update` without any weight, 0 being that of 0: in -(2^(bits - 1) - 1)...2^(bits - 1) - 1
  /// for two bits or more.
  ///
  /// - Throws: As ``encode(_:weight:using:)`` does.
  func signedCodes(
    _ update: Vector, using generator: inout Generator
  ) throws(EncodingError) -> [Int] {
    let elements = try encode(update, using: &generator)
    let offset = Int(largestCode / 2)
    return (0..<update.count).map { Int(elements[$0]) - offset }
  }

  private func roundConditionally(
    _ update: Vector, weight: Int, norm: Double, beta: Double, into result: inout RingVector,
    using generator: inout Generator
  ) throws(EncodingError) {
    let length = update.norm
    let factor = length > norm ? norm / length : 1
    let bound = Rounding.roundedNorm(norm / step, dimension: update.count, beta: beta)
    // The square rounded down, so that no rounding above the bound passes.
    let limit = bound * bound * (1 - 0x1p-50)
    // At least 1 - beta of the draws pass, but for rounding in the last place.
    let attempts = 10_000
    for _ in 0..<attempts {
      round(update, weight: weight, factor: factor, into: &result, using: &generator)
      if Double(squaredNorm(result, weight: UInt64(weight))) <= limit { return }
    }
    throw .rounding(attempts: attempts)
  }

  /// The exact squared norm of the rounded coordinates, in units of the step.
  private func squaredNorm(_ encoded: RingVector, weight: UInt64) -> UInt128 {
    let offset = Int64(largestCode / 2)
    var sum: UInt128 = 0
    for index in 0..<(encoded.count - 1) {
      let signed = Int64(encoded[index] / weight) - offset
      sum += UInt128(signed.magnitude * signed.magnitude)
    }
    return sum
  }

  /// Codes of all coordinates times the factor and then the weight, rounded at random.
  private func round(
    _ update: Vector, weight: Int, factor: Double = 1, into result: inout RingVector,
    using generator: inout Generator
  ) {
    round(update, weight: weight, factor: factor, into: &result) { words in
      unsafe words.withUnsafeMutableBufferPointer { unsafe generator.fillWords($0) }
    }
  }

  /// The same with random words that `refill` draws, or to the nearest.
  private func round(
    _ update: Vector, weight: Int, factor: Double = 1, into result: inout RingVector,
    refill: (inout [UInt64]) -> Void = { _ in }
  ) {
    let half = Double(largestCode) / 2
    var code = secagg_code(
      factor: factor, clip: clip, half: half, shift: bits == 1 ? 0.5 : 0,
      base: bits == 1 ? 0 : half)
    // Halves upwards: up where the fraction is above 1/2 - 2^-32.
    let block = 2048
    var random = [UInt64](repeating: 0x7FFF_FFFF_7FFF_FFFF, count: block)
    unsafe update.withUnsafeBufferPointer { x in
      guard let x = x.baseAddress else { return }
      for start in stride(from: 0, to: update.count, by: 2 * block) {
        let count = min(2 * block, update.count - start)
        if count < 2 * block { random.removeLast(block - (count + 1) / 2) }
        refill(&random)
        unsafe random.withUnsafeBufferPointer { words in
          guard let words = unsafe UnsafeRawPointer(words.baseAddress) else { return }
          unsafe words.withMemoryRebound(to: UInt32.self, capacity: count) { words in
            unsafe result.encode(
              x + start, words, count: count, code: &code, weight: UInt64(weight), at: start)
          }
        }
      }
    }
  }
}

// MARK: - Sums

extension FixedPointEncoding {
  /// What a sum of encodings says.
  public struct WeightedMean: Sendable, Hashable {
    /// Σ w_i x_i / Σ w_i, one number for each coordinate.
    public let mean: [Double]
    /// Σ w_i.
    public let totalWeight: Int
  }

  /// The plain sum of encodings modulo R: what every masked protocol must arrive at, bit for bit.
  ///
  /// - Throws: ``EncodingError/tooManyClients(_:limit:)``, ``EncodingError/invalid(_:_:_:)`` without
  ///   any, ``EncodingError/ring(bits:expected:)`` or ``EncodingError/length(_:expected:)`` unless all
  ///   are alike.
  public func sum(_ encodings: [RingVector]) throws(EncodingError) -> RingVector {
    guard encodings.count <= clients else {
      throw .tooManyClients(encodings.count, limit: clients)
    }
    guard let first = encodings.first else {
      throw .invalid("the number of vectors", "0", "must be positive: their mean is not defined")
    }
    var sum = RingVector(zeros: first.count, in: ring)
    for encoding in encodings { try sum.add(encoding) }
    return sum
  }

  /// The weighted mean of the vectors whose encodings add up to `sum`, the last element being the
  /// total weight.
  ///
  /// Integers are exact up to the one division; each coordinate is the mean of the rounded vectors
  /// within two roundings of Double.
  ///
  /// - Throws: ``EncodingError/ring(bits:expected:)``, ``EncodingError/length(_:expected:)`` for an
  ///   empty vector, ``EncodingError/totalWeight(_:limit:)`` and
  ///   ``EncodingError/impossibleSum(coordinate:)`` if no clients that keep to the rules have such a
  ///   sum. A client that breaks them unnoticeably shifts the mean; only proofs about the inputs stop
  ///   that.
  public func decode(_ sum: RingVector) throws(EncodingError) -> WeightedMean {
    guard sum.ring == ring else { throw .ring(bits: sum.ring.bits, expected: ring.bits) }
    let dimension = sum.count - 1
    guard dimension >= 0 else { throw .length(0, expected: 1) }
    let weight = sum[dimension]
    guard (1...maxTotalWeight).contains(weight) else {
      throw .totalWeight(weight, limit: maxTotalWeight)
    }
    let top = largestCode * weight
    var first = dimension
    let mean = unsafe [Double](unsafeUninitializedCapacity: dimension) { buffer, initialized in
      if let out = buffer.baseAddress {
        first = unsafe sum.decode(top: top, clip: clip, count: dimension, into: out)
      }
      initialized = dimension
    }
    guard first == dimension else { throw .impossibleSum(coordinate: first) }
    return WeightedMean(mean: mean, totalWeight: Int(weight))
  }
}
