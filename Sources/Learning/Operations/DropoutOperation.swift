internal import Randomness

/// Inverted dropout: in training every value is set to 0 with the given probability and the others
/// are scaled by `1 / (1 - probability)`; in evaluation nothing happens.
///
/// The mask is drawn from the step's own stream and kept, so that every pass of the step and every
/// replay drops the same values.
struct DropoutOperation: Operation {
  let features: Int
  let probability: Double

  var inputs: Int { features }
  var outputs: Int { features }
  var worksInPlace: Bool { true }

  func cacheBytes(rows: Int, bytesPerValue: Int) -> Int { rows * features * bytesPerValue }

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode) {
    let mask = mask(site)
    let count = site.rows * features
    switch mode {
    case .evaluation: mask.update(repeating: 1, count: count)
    case .training(let noise):
      // The site tells dropout layers of one network apart.
      var generator = noise.fork("mask", UInt64(site.place))
      let kept = S(1 / (1 - probability))
      for index in 0..<count {
        mask[index] = generator.uniform() < probability ? 0 : kept
      }
    }
    S.multiply(site.x, mask, into: site.y, count: count)
  }

  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>) {
    S.multiply(site.dy, mask(site), into: dx, count: site.rows * features)
  }

  func tangentForward<S: Scalar>(_ site: TangentSite<S>) {
    let count = site.base.rows * features
    if let xTangent = site.xTangent {
      S.multiply(xTangent, mask(site.base), into: site.yTangent, count: count)
    } else {
      site.yTangent.update(repeating: 0, count: count)
    }
  }

  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>
  ) {
    S.multiply(
      site.dyTangent, mask(site.base), into: dxTangent, count: site.base.rows * features)
  }

  private func mask<S: Scalar>(_ site: Site<S>) -> UnsafeMutablePointer<S> {
    site.cache.bindMemory(to: S.self, capacity: site.rows * features)
  }
}
