internal import Accounting
internal import BigIntegers
internal import Glibc
internal import NoiseSamplers
internal import Randomness
internal import Tensors

/// Updates as integers with shares of noise, whose sum modulo 2^b is differentially private.
///
/// Each client clips to the norm C, rotates, rounds to multiples of γ at random so that the norm stays
/// below a bound Δ, adds integer noise of deviation s, and sends all of it modulo 2^b:
///
///     z_k = round(R clip(x_k, C) / γ) + N_Z(0, s²)  mod 2^b,   s = z Δ / √(n - t)
///
/// so that the noise of the n - t clients that are counted on adds up to z times what one client can
/// change. γ is the finest for which a coordinate of the sum stays within four standard deviations
/// of the modulus.
///
/// Source: Kairouz, Liu, Steinke 2021, *The Distributed Discrete Gaussian Mechanism for Federated
/// Learning with Secure Aggregation*, algorithms 1 and 2 and section 4; Agarwal, Kairouz, Liu 2021,
/// *The Skellam Mechanism for Differentially Private Federated Learning*, section 4.
struct NoisyEncoding: Sendable {
  /// What it is made for.
  struct Design: Sendable, Hashable {
    var law: DistributedDP.Law
    /// C.
    var norm: Double
    /// b.
    var bits: Int
    /// n: clients of a sum.
    var clients: Int
    /// n - t: clients whose noise is counted on.
    var counted: Int
    /// Coordinates of an update.
    var dimension: Int
  }

  /// How likely a rounding has to be drawn again is 1 - β at most.
  private static let beta = exp(-0.5)
  /// How much longer than C an update may become by rounding.
  private static let most = 1.1

  let design: Design
  /// γ.
  let granularity: Double
  /// s, in units of γ.
  let deviation: Double
  /// Δ, in units of γ.
  let sensitivity: Double
  let ring: MaskRing
  /// s², exactly what is drawn.
  private let variance: Rational

  /// The encoding whose noise is `multiplier` times the sensitivity.
  ///
  /// - Throws: ``EncodingError/invalid(_:_:_:)`` with the least number of bits if those are too few.
  init(_ design: Design, multiplier: Double) throws(EncodingError) {
    guard let fit = Self.fit(design, multiplier: multiplier),
      // Few digits are drawn fast; a little more noise costs nothing.
      let variance = Rational(exactly: (fit.deviation * fit.deviation * 64).rounded(.up) / 64)
    else {
      var enough = design
      while enough.bits < 40 {
        enough.bits += 1
        if Self.fit(enough, multiplier: multiplier) != nil { break }
      }
      throw .invalid(
        "the sum's number of bits", "\(design.bits)",
        "must be at least \(enough.bits) for \(design.clients) clients and this noise, or sums wrap "
          + "around")
    }
    self.design = design
    (granularity, sensitivity) = (fit.granularity, fit.sensitivity)
    deviation = Double(variance).squareRoot()
    self.variance = variance
    ring = try MaskRing(bits: design.bits)
  }

  private static func fit(
    _ design: Design, multiplier: Double
  ) -> (granularity: Double, deviation: Double, sensitivity: Double)? {
    let size = WalshHadamard.size(of: design.dimension)
    let n = Double(design.clients)
    let reach = exp2(Double(design.bits)) / 8
    guard reach * reach > n else { return nil }
    // Δ in units of the update: C times what rounding adds, found step by step.
    var bound = design.norm
    for _ in 0..<50 {
      let local = multiplier * bound / Double(design.counted).squareRoot()
      let signal = design.norm * design.norm * n * n / Double(size)
      let granularity = ((signal + local * local * n) / (reach * reach - n / 4)).squareRoot()
      let rounded = Rounding.roundedNorm(
        design.norm / granularity, dimension: size, beta: beta)
      guard rounded * granularity <= most * design.norm else { return nil }
      let isSettled = abs(rounded * granularity - bound) <= 1e-12 * bound
      bound = rounded * granularity
      if isSettled {
        let deviation = multiplier * rounded / Double(design.counted).squareRoot()
        // The theorem about sums of discrete Gaussians asks for 1/2.
        return deviation >= 0.5 ? (granularity, deviation, rounded) : nil
      }
    }
    return nil
  }

  /// D.
  var size: Int { WalshHadamard.size(of: design.dimension) }

  /// What a sum is in which `counted` clients' noise is.
  func mechanism(counted: Int) -> Mechanism {
    // Integers of norm Δ: their sum of magnitudes is at most Δ² and Δ√D.
    let l1 = min(sensitivity * sensitivity, sensitivity * Double(size).squareRoot())
    switch design.law {
    case .discreteGaussian:
      return .distributedDiscreteGaussian(
        standardDeviation: deviation, clients: counted, dimension: size, l2: sensitivity, l1: l1)
    case .skellam:
      return .skellam(variance: Double(counted) * deviation * deviation, l2: sensitivity, l1: l1)
    }
  }

  /// What a client sends; of an update that is not finite, noise alone.
  ///
  /// - Throws: ``EncodingError/rounding(attempts:)``, `NoiseError`.
  func encode(
    _ update: Vector, rotation: HadamardRotation, using generator: inout Generator
  ) throws -> RingVector {
    let plain = update.isFinite ? update : Vector(zeros: update.count)
    var rotated = rotation.rotated(plain)
    if !rotated.isFinite { rotated = Vector(zeros: rotation.size) }
    let codes = max(2, Int(log2(design.norm / granularity + 2).rounded(.up)) + 1)
    let encoding = try FixedPointEncoding(
      clip: granularity * (exp2(Double(codes - 1)) - 1), bits: codes, clients: 1,
      rounding: .conditional(norm: design.norm, beta: Self.beta))
    var rounding = generator.fork("rounding")
    let integers = try encoding.signedCodes(rotated, using: &rounding)
    var reader = RandomReader(SeededBits(generator.fork("noise")))
    let noise: [Int64] =
      switch design.law {
      case .discreteGaussian:
        try DiscreteGaussian(squaredDeviation: variance).sample(size, using: &reader).values
      case .skellam:
        try Skellam(variance: variance).sample(size, using: &reader).values
      }
    return RingVector(
      zip(integers, noise).map { UInt64(bitPattern: Int64($0) &+ $1) }, in: ring)
  }

  /// The mean of the `count` updates in a sum, noise included.
  func decode(_ sum: RingVector, count: Int, rotation: HadamardRotation) -> Vector {
    let half = UInt64(1) << UInt64(design.bits - 1)
    let values = sum.elements.map { element -> Double in
      let signed =
        element >= half ? Int64(element) - Int64(1) << Int64(design.bits) : Int64(element)
      return Double(signed) * granularity / Double(count)
    }
    return Vector(rotation.unrotated(values).map { Float($0) })
  }
}
