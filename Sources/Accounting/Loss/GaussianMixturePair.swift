import Glibc

/// Normal mixtures of one deviation, P with means to the right of Q's: user-level sampling, where what
/// a unit adds is a random number of clipped records.
///
/// The loss increases because the ratio of two such mixtures is a monotone likelihood ratio when one
/// of them is a single normal at one end; `init` takes only that form.
struct GaussianMixturePair: LossPair {
  let deviation: Double
  /// Means at least 0, ascending, with their weights.
  let parts: [(mean: Double, weight: Double)]
  /// A bound on the relative error of each weight.
  let weightError: Double
  /// Whether the mixture is P (a unit more) or, mirrored, Q (a unit less).
  let isGain: Bool

  /// ln of the mixture's density over the normal's at 0, by log-sum-exp.
  func ratio(_ x: Double) -> (value: Double, slope: Double) {
    var greatest = -Double.infinity
    for part in parts where part.weight > 0 {
      greatest = max(
        greatest,
        log(part.weight) + part.mean * (x - 0.5 * part.mean) / (deviation * deviation))
    }
    var sum = 0.0
    var moment = 0.0
    for part in parts where part.weight > 0 {
      let exponent = part.mean * (x - 0.5 * part.mean) / (deviation * deviation)
      let term = part.weight * exp(exponent - greatest)
      sum += term
      moment += term * part.mean
    }
    return (greatest + log(sum), moment / sum / (deviation * deviation))
  }

  private var floor: Double {
    let atZero = parts.first.map { $0.mean == 0 ? $0.weight : 0 } ?? 0
    return atZero > 0 ? log(atZero) : -.infinity
  }

  var losses: (low: Double, high: Double) { isGain ? (floor, .infinity) : (-.infinity, -floor) }

  func point(loss: Double) -> Double {
    let target = isGain ? loss : -loss
    // The ratio is convex and increasing: Newton's method from a point above the root descends to it.
    let variance = deviation * deviation
    let top = parts.last ?? (mean: 1, weight: 1)
    var x = (target - log(top.weight)) * variance / top.mean + 0.5 * top.mean
    for _ in 0..<200 {
      let (value, slope) = ratio(x)
      let step = (value - target) / slope
      x -= step
      if step.magnitude <= 4e-16 * (1 + x.magnitude) || !(step.isFinite) { break }
    }
    return isGain ? x : -x
  }

  func mass(_ a: Double, _ b: Double) -> PairMass {
    let (low, high) = isGain ? (a, b) : (-b, -a)
    let alone = normalMass(low, high, mean: 0, precision: 1 / deviation)
    var mixed = 0.0
    for part in parts {
      mixed +=
        part.weight * normalMass(low, high, mean: part.mean, precision: 1 / deviation)
    }
    return isGain ? PairMass(p: mixed, q: alone) : PairMass(p: alone, q: mixed)
  }

  func density(_ x: Double) -> PairMass {
    let x = isGain ? x : -x
    let alone = normalDensity(x / deviation) / deviation
    var mixed = 0.0
    for part in parts {
      mixed += part.weight * normalDensity((x - part.mean) / deviation) / deviation
    }
    return isGain ? PairMass(p: mixed, q: alone) : PairMass(p: alone, q: mixed)
  }

  func support(logTail: Double) -> (low: Double, high: Double) {
    let reach = (-2 * logTail).squareRoot() * deviation
    let first = parts.first?.mean ?? 0
    let last = parts.last?.mean ?? 0
    return isGain ? (first - reach, last + reach) : (-reach, reach)
  }

  func errors(low: Double, high: Double) -> (mass: Double, loss: Double) {
    let last = parts.last?.mean ?? 0
    let far = max(low.magnitude, high.magnitude) + last
    let mass =
      normalMassError(reach: far / deviation) + weightError
      + 2 * Double(parts.count) * unitRoundoff
    let exponent = (last + 1) * far / (deviation * deviation)
    return (mass, 64 * unitRoundoff * (exponent + Double(parts.count)))
  }
}
