import CFFTW
import CKernels
import Glibc

/// Privacy loss distributions of one side, each with how often it happened: what all of them together
/// lose.
///
/// Composition is a power of Fourier transforms. Before it, masses are *tilted*: multiplied by
/// exp(theta loss) and rescaled, with theta at the saddle point of the question asked, so that the
/// composed masses that answer it are the largest ones. Round-off and what wraps around are then small
/// against the answer itself, not against 1, however small delta is; both are bounded and charged.
package struct ComposedLoss {
  /// The parts, on one grid.
  let parts: [(masses: LossMasses, count: Double)]
  let spacing: Double
  /// Losses of the composition are this plus multiples of the spacing.
  let offset: Double
  /// The mass of an infinite loss.
  let infinity: Double
  /// ln of the factor by which masses may be off.
  let massSlack: Double
  /// How far losses may be off, that factor included.
  let lossSlack: Double

  /// - Precondition: At least one part; all on grids of the same spacing; counts positive.
  package init(_ parts: [(masses: LossMasses, count: Int)]) {
    precondition(!parts.isEmpty, "nothing to compose")
    self.parts = parts.map { ($0.masses.withPeaks(), Double($0.count)) }
    spacing = parts[0].masses.spacing
    var offset = 0.0
    var stays = 0.0
    var mass = 0.0
    var loss = 0.0
    for (part, count) in self.parts {
      precondition(part.spacing == spacing, "grids differ")
      offset += count * part.offset
      stays += count * log1p(-min(part.infinity, 1))
      mass += count * part.massError
      loss += count * part.lossError
    }
    self.offset = offset
    infinity = stays < 0 ? -expm1(stays) : 0
    massSlack = mass
    lossSlack = mass + loss + 16 * unitRoundoff * offset.magnitude
  }

  /// The greatest finite loss, at most.
  var greatest: Double {
    parts.reduce(lossSlack) { sum, part in
      sum + part.count * part.masses.loss(part.masses.masses.count - 1)
    }.up(4)
  }

  /// ln of the moment generating function of the finite losses at `theta`, and its two derivatives.
  func logMoment(_ theta: Double) -> (value: Double, mean: Double, variance: Double) {
    var value = 0.0
    var mean = 0.0
    var variance = 0.0
    for (part, count) in parts {
      let step = theta * spacing
      // Scale by the greatest term, found on a coarse pass, so that nothing overflows.
      let shift = part.largestExponent(theta)
      var sums = (0.0, 0.0, 0.0)
      part.masses.withUnsafeBufferPointer { masses in
        withUnsafeMutableBytes(of: &sums) { raw in
          let out = raw.assumingMemoryBound(to: Double.self)
          guard let base = masses.baseAddress, let first = out.baseAddress else { return }
          rampart_loss_moments(base, masses.count, -shift, step, first)
        }
      }
      let average = sums.1 / sums.0
      value += count * (log(sums.0) + shift + theta * part.loss(0))
      mean += count * (part.loss(0) + spacing * average)
      variance += count * spacing * spacing * max(sums.2 / sums.0 - average * average, 0)
    }
    return (value, mean, variance)
  }

  /// The tilt whose mean loss is where the delta asked for is decided; 0 if that is below the mean.
  func tilt(delta: Double) -> Double {
    let finite = delta - infinity
    guard finite > 0 else { return 0 }
    let target = log(finite)
    // ln of the saddle-point approximation of delta at the tilted mean.
    func level(_ theta: Double) -> Double {
      let moment = logMoment(theta)
      let spread = (2 * Double.pi * max(moment.variance, spacing * spacing)).squareRoot()
      return moment.value - theta * moment.mean - log(theta * (theta + 1) * spread + 1)
    }
    let start = logMoment(0)
    let width = max(start.variance, spacing * spacing).squareRoot()
    guard width.isFinite else { return 0 }
    var theta = (-2 * min(target, -0.1)).squareRoot() / width
    let least = 0.05 / width
    if level(least) <= target { return 0 }
    var low = least
    var high = theta
    for _ in 0..<60 {
      if level(high) < target { break }
      low = high
      high *= 1.7
      // The greatest loss is an atom: any steep tilt finds it.
      if high * spacing > 40 { return high }
    }
    for _ in 0..<12 {
      theta = (low * high).squareRoot()
      let value = level(theta)
      if (value - target).magnitude < 1.5 || high / low < 1.02 { break }
      if value < target { high = theta } else { low = theta }
    }
    return theta
  }

  /// The tilt whose mean loss is `epsilon`; 0 if that is below the mean.
  func tilt(epsilon: Double) -> Double {
    let start = logMoment(0)
    guard epsilon > start.mean else { return 0 }
    var low = 0.0
    var high = 0.5 / max(start.variance, spacing * spacing).squareRoot()
    for _ in 0..<80 {
      if logMoment(high).mean > epsilon { break }
      low = high
      high *= 2
      if high * spacing > 40 { return high }
    }
    for _ in 0..<12 where high - low > 0.02 * high {
      let middle = 0.5 * (low + high)
      if logMoment(middle).mean > epsilon { high = middle } else { low = middle }
    }
    return 0.5 * (low + high)
  }
}

extension LossMasses {
  /// The greatest of ln(mass) + `theta` loss, losses counted from the first entry's.
  func largestExponent(_ theta: Double) -> Double {
    var greatest = -Double.infinity
    let step = theta * spacing
    // Blocks that cannot hold the greatest are passed over.
    for block in peaks.indices {
      let start = block * Self.block
      let end = min(start + Self.block, masses.count) - 1
      guard peaks[block] + max(step * Double(start), step * Double(end)) > greatest else {
        continue
      }
      for i in start...end where masses[i] > 0 {
        greatest = max(greatest, log(masses[i]) + step * Double(i))
      }
    }
    return greatest.isFinite ? greatest : 0
  }
}
