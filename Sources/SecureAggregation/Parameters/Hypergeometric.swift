internal import Glibc

/// How many marked members a random sample holds.
///
///     Pr[X = x] = C(marked, x) C(population - marked, sample - x) / C(population, sample)
///
/// Tails are sums of all their terms, away from the mode, in logarithms: no approximation but the
/// rounding of log-factorials, below 1e-8 relative up to a population of ten million.
struct Hypergeometric {
  let population: Int
  let marked: Int
  let sample: Int

  /// The least and the largest value.
  var support: ClosedRange<Int> {
    max(0, sample - (population - marked))...min(sample, marked)
  }

  /// The likeliest value.
  private var mode: Int { (sample + 1) * (marked + 1) / (population + 2) }

  /// ln Pr[X = x].
  private func logMass(_ x: Int) -> Double {
    func logChoose(_ n: Int, _ k: Int) -> Double {
      LogFactorial.of(n) - LogFactorial.of(k) - LogFactorial.of(n - k)
    }
    return logChoose(marked, x) + logChoose(population - marked, sample - x)
      - logChoose(population, sample)
  }

  /// ln Pr[X >= x].
  func logUpperTail(_ x: Int) -> Double {
    if x > support.upperBound { return -.infinity }
    if x <= support.lowerBound { return 0 }
    if x <= mode { return log1p(-exp(logLowerTail(x))) }
    var term = 1.0
    var sum = 1.0
    var at = x
    while at < support.upperBound, term > sum * 0x1p-60 {
      term *=
        Double(marked - at) / Double(at + 1) * Double(sample - at)
        / Double(population - marked - sample + at + 1)
      sum += term
      at += 1
    }
    return logMass(x) + log(sum)
  }

  /// ln Pr[X < x].
  func logLowerTail(_ x: Int) -> Double {
    if x <= support.lowerBound { return -.infinity }
    if x > support.upperBound { return 0 }
    if x > mode + 1 { return log1p(-exp(logUpperTail(x))) }
    var term = 1.0
    var sum = 1.0
    var at = x - 1
    while at > support.lowerBound, term > sum * 0x1p-60 {
      term *=
        Double(at) / Double(marked - at + 1) * Double(population - marked - sample + at)
        / Double(sample - at + 1)
      sum += term
      at -= 1
    }
    return logMass(x - 1) + log(sum)
  }

  /// The least x with ln Pr[X > x] <= `limit`, searched from a guess.
  func upperQuantile(_ limit: Double, near guess: Int) -> Int {
    var x = min(max(guess, support.lowerBound), support.upperBound)
    while logUpperTail(x + 1) > limit { x += 1 }
    while x > support.lowerBound, logUpperTail(x) <= limit { x -= 1 }
    return x
  }

  /// The largest x with ln Pr[X < x] < `limit`, searched from a guess.
  func lowerQuantile(_ limit: Double, near guess: Int) -> Int {
    var x = min(max(guess, support.lowerBound), support.upperBound)
    while x > support.lowerBound, logLowerTail(x) >= limit { x -= 1 }
    while x < support.upperBound, logLowerTail(x + 1) < limit { x += 1 }
    return x
  }
}

/// Logarithms of factorials.
enum LogFactorial {
  /// ln n!.
  static func of(_ n: Int) -> Double {
    n < small.count ? small[n] : stirling(Double(n))
  }

  /// Stirling's series, whose first term left out is below 1e-17 from 64 on.
  private static func stirling(_ n: Double) -> Double {
    let inverse = 1 / n
    let square = inverse * inverse
    let series =
      inverse / 12 * (1 - square / 30 * (1 - square * 2 / 7 * (1 - square * 3 / 4)))
    return (n + 0.5) * log(n) - n + 0.9189385332046728 + series
  }

  private static let small: [Double] = {
    var values = [0.0]
    for n in 1..<64 { values.append(values[n - 1] + log(Double(n))) }
    return values
  }()
}
