internal import CryptoCore

/// Finds the polynomial of degree below `threshold` that most of the values lie on, and the values
/// that do not.
///
/// Shares are a Reed-Solomon code word, so that up to (count - threshold) / 2 bad ones can be told
/// (Berlekamp and Welch, US patent 4,633,470, 1986). The way taken is Gao's ("A new algorithm for
/// decoding Reed-Solomon codes", 2003): with g0 the product of all z - x and g1 the polynomial through
/// all values, the extended Euclidean algorithm on g0 and g1 stops at the first remainder g of degree
/// below (count + threshold) / 2; where it is u g0 + v g1, the polynomial is g / v, and v is zero at
/// the bad points.
///
/// O(count^2) products. Takes a time that depends on the values.
struct Decoder {
  let points: [UInt32]
  let threshold: Int

  /// The secret and the places of the bad values; nil if there is no polynomial near enough.
  func decode(_ values: [SecretBytes]) -> (secret: SecretBytes, badPositions: [Int])? {
    let most = (points.count - threshold) / 2
    let values = values.compactMap { FieldElement($0) }
    guard most > 0, values.count == points.count else { return nil }
    let abscissae = points.map { FieldElement($0) }

    var (last, current) = interpolate(abscissae, values)
    var (lastFactor, factor) = (Polynomial([]), Polynomial([.one]))
    while 2 * current.degree >= points.count + threshold {
      let (quotient, remainder) = last.divided(by: current)
      (last, current) = (current, remainder)
      (lastFactor, factor) = (factor, lastFactor - quotient * factor)
    }
    let (message, remainder) = current.divided(by: factor)
    guard remainder.isZero, message.degree < threshold else { return nil }
    let badPositions = abscissae.indices.filter {
      !(message.value(at: abscissae[$0]) - values[$0]).isZero
    }
    guard badPositions.count <= most else { return nil }
    return (message.value(at: .zero).bytes, badPositions)
  }

  /// The product of all z - x, and the polynomial of degree below their number through all values.
  private func interpolate(
    _ abscissae: [FieldElement], _ values: [FieldElement]
  ) -> (product: Polynomial, through: Polynomial) {
    // Newton's way: each point adds the multiple of the product so far that mends its value.
    var product = Polynomial([.one])
    var through = Polynomial([])
    for (x, y) in zip(abscissae, values) {
      let scale = (y - through.value(at: x)) * product.value(at: x).inverse
      through = through - product * Polynomial([.zero - scale])
      product = product * Polynomial([.zero - x, .one])
    }
    return (product, through)
  }
}

/// A polynomial over the field: its coefficients, degree 0 first, the last of them not zero.
struct Polynomial {
  let coefficients: [FieldElement]

  init(_ coefficients: [FieldElement]) {
    var coefficients = coefficients
    while let last = coefficients.last, last.isZero { coefficients.removeLast() }
    self.coefficients = coefficients
  }

  var isZero: Bool { coefficients.isEmpty }

  /// -1 for zero.
  var degree: Int { coefficients.count - 1 }

  func value(at x: FieldElement) -> FieldElement {
    coefficients.reversed().reduce(.zero) { $0 * x + $1 }
  }

  static func - (a: Polynomial, b: Polynomial) -> Polynomial {
    Polynomial(
      (0..<max(a.coefficients.count, b.coefficients.count)).map { index in
        let first = index < a.coefficients.count ? a.coefficients[index] : .zero
        return index < b.coefficients.count ? first - b.coefficients[index] : first
      })
  }

  static func * (a: Polynomial, b: Polynomial) -> Polynomial {
    guard !a.isZero, !b.isZero else { return Polynomial([]) }
    var product = [FieldElement](
      repeating: .zero, count: a.coefficients.count + b.coefficients.count - 1)
    for (i, x) in a.coefficients.enumerated() {
      for (j, y) in b.coefficients.enumerated() { product[i + j] = product[i + j] + x * y }
    }
    return Polynomial(product)
  }

  /// Quotient and remainder by a polynomial that is not zero.
  func divided(by divisor: Polynomial) -> (quotient: Polynomial, remainder: Polynomial) {
    guard degree >= divisor.degree, let leading = divisor.coefficients.last else {
      return (Polynomial([]), self)
    }
    let inverse = leading.inverse
    var remainder = coefficients
    var quotient = [FieldElement](repeating: .zero, count: degree - divisor.degree + 1)
    for shift in quotient.indices.reversed() {
      let factor = remainder[shift + divisor.degree] * inverse
      quotient[shift] = factor
      for (index, coefficient) in divisor.coefficients.enumerated() {
        remainder[shift + index] = remainder[shift + index] - factor * coefficient
      }
    }
    return (Polynomial(quotient), Polynomial(Array(remainder.prefix(divisor.degree))))
  }
}
