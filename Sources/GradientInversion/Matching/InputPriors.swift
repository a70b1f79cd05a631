internal import Learning

/// The priors on the inputs themselves: values, and gradients that are added to what is there.
struct InputPriors<S: AttackPrecision>: Sendable {
  let priors: [AttackSettings.Prior]
  /// Channels, height and width; a plain row counts as one line.
  let channels: Int
  let height: Int
  let width: Int
  /// Planes that the colour form compares: every channel, and differences of channels.
  private let planes: [(first: Int, second: Int?)]

  init(_ priors: [AttackSettings.Prior], inputShape: [Int]) {
    self.priors = priors
    if inputShape.count == 3 {
      (channels, height, width) = (inputShape[0], inputShape[1], inputShape[2])
    } else {
      (channels, height, width) = (1, 1, inputShape.reduce(1, *))
    }
    planes =
      (0..<channels).map { ($0, nil) } + (channels == 3 ? [(0, 1), (0, 2), (1, 2)] : [])
  }

  private var count: Int { channels * height * width }

  /// Adds the weighted priors' gradients by `z`, `rows` examples of `epochs` epochs.
  func add(
    _ z: UnsafePointer<S>, to gradient: UnsafeMutablePointer<S>, rows: Int, epochs: Int,
    consensus: [S]?
  ) -> Double {
    var sum = 0.0
    for prior in priors {
      switch prior {
      case .totalVariation(let weight, .absolute):
        let planes = rows * channels
        sum += S.variation(
          z, gradient, planes: planes, height: height, width: width,
          across: weight / Double(max(1, planes * height * (width - 1))),
          down: weight / Double(max(1, planes * (height - 1) * width)))
      case .totalVariation(let weight, .isotropicColour):
        sum += colourVariation(z, gradient, rows: rows, weight: weight)
      case .squaredNorm(let weight):
        let total = rows * count
        let factor = S(weight / Double(total))
        sum += weight / 2 * S.dots(z, z, count: total).gg / Double(total)
        for index in 0..<total { gradient[index] += factor * z[index] }
      case .group(let weight):
        guard let consensus else { continue }
        let factor = S(weight / Double(consensus.count))
        var squares = 0.0
        for index in consensus.indices {
          let difference = z[index] - consensus[index]
          squares += Double(difference * difference)
          gradient[index] += factor * difference
        }
        sum += weight / 2 * squares / Double(consensus.count)
      case .orderInvariant(let weight, let aggregate):
        sum += orderInvariant(
          z, gradient, rows: rows, epochs: epochs, weight: weight, aggregate)
      case .batchNorm, .feature: continue
      }
    }
    return sum
  }

  /// `mean sqrt(dx^2 + dy^2 + epsilon)` over channels and the differences of the first from the
  /// second and third and of the second from the third; forward differences, without the last row
  /// and column.
  private func colourVariation(
    _ z: UnsafePointer<S>, _ gradient: UnsafeMutablePointer<S>, rows: Int, weight: Double
  ) -> Double {
    let terms = rows * planes.count * max(0, height - 1) * max(0, width - 1)
    guard terms > 0 else { return 0 }
    let (area, factor) = (height * width, S(weight / Double(terms)))
    var sum = 0.0
    for row in 0..<rows {
      for (a, b) in planes {
        let first = (row * channels + a) * area
        let second = b.map { (row * channels + $0) * area }
        func value(_ place: Int) -> S { z[first + place] - (second.map { z[$0 + place] } ?? 0) }
        func pull(_ place: Int, _ amount: S) {
          gradient[first + place] += amount
          if let second { gradient[second + place] -= amount }
        }
        for y in 0..<(height - 1) {
          for x in 0..<(width - 1) {
            let place = y * width + x
            let here = value(place)
            let (dx, dy) = (value(place + 1) - here, value(place + width) - here)
            let size = (dx * dx + dy * dy + 1e-12).squareRoot()
            sum += Double(size)
            let (px, py) = (factor * dx / size, factor * dy / size)
            pull(place + 1, px)
            pull(place + width, py)
            pull(place, -(px + py))
          }
        }
      }
    }
    return weight * sum / Double(terms)
  }

  /// The mean over pairs of epochs and over pixels of the squared difference of aggregates.
  private func orderInvariant(
    _ z: UnsafePointer<S>, _ gradient: UnsafeMutablePointer<S>, rows: Int, epochs: Int,
    weight: Double, _ aggregate: AttackSettings.Prior.Aggregate
  ) -> Double {
    guard epochs > 1 else { return 0 }
    let each = rows / epochs
    let pairs = epochs * (epochs - 1) / 2
    let scale = weight / Double(pairs * count)
    var sum = 0.0
    // One aggregate at a time: the epochs' values of a pixel.
    for pixel in 0..<count {
      func place(_ epoch: Int, _ row: Int) -> Int { (epoch * each + row) * count + pixel }
      func top(_ epoch: Int) -> Int {
        var best = 0
        for row in 1..<max(1, each) where z[place(epoch, row)] > z[place(epoch, best)] {
          best = row
        }
        return best
      }
      func value(_ epoch: Int) -> S {
        if aggregate == .maximum { return z[place(epoch, top(epoch))] }
        var mean: S = 0
        for row in 0..<each { mean += z[place(epoch, row)] }
        return mean / S(each)
      }
      for a in 0..<epochs {
        let own = value(a)
        for b in 0..<epochs where b != a {
          let difference = own - value(b)
          if a < b { sum += Double(difference * difference) }
          let pull = S(2 * scale) * difference
          if aggregate == .maximum {
            gradient[place(a, top(a))] += pull
          } else {
            for row in 0..<each { gradient[place(a, row)] += pull / S(each) }
          }
        }
      }
    }
    return scale * sum
  }
}
