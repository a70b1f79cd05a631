internal import CKernels

/// A function of every value: `y = s(x)`, `dx = s'(x) dy`, and along a direction
///
///     y-tangent  = s'(x) x-tangent
///     dx-tangent = s'(x) dy-tangent + s''(x) x-tangent dy
///
/// The piecewise linear ones have `s'' = 0` and read nothing but the sign of `y`: they work in place.
struct ActivationOperation: Operation {
  let features: Int
  let function: ActivationFunction

  var inputs: Int { features }
  var outputs: Int { features }
  var readsOutput: Bool { true }

  var worksInPlace: Bool {
    switch function {
    case .relu, .leakyReLU: true
    default: false
    }
  }

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode) {
    let count = site.rows * features
    if function == .relu {
      if site.x != site.y { site.y.update(from: site.x, count: count) }
      S.relu(site.y, count: count)
    } else {
      S.activation(kind: kind, parameter: S(parameter), x: site.x, y: site.y, count: count)
    }
  }

  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>) {
    slope(site, of: site.dy, into: dx)
  }

  func tangentForward<S: Scalar>(_ site: TangentSite<S>) {
    if let xTangent = site.xTangent {
      slope(site.base, of: xTangent, into: site.yTangent)
    } else {
      site.yTangent.update(repeating: 0, count: site.base.rows * features)
    }
  }

  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>
  ) {
    guard !worksInPlace else { return slope(site.base, of: site.dyTangent, into: dxTangent) }
    S.activationTangent(
      kind: kind, parameter: S(parameter), x: site.base.x, y: site.base.y,
      xTangent: site.xTangent, dy: site.base.dy, dyTangent: site.dyTangent, into: dxTangent,
      count: site.base.rows * features)
  }

  /// `out = s'(x) values`.
  private func slope<S: Scalar>(
    _ site: Site<S>, of values: UnsafeMutablePointer<S>, into out: UnsafeMutablePointer<S>
  ) {
    let count = site.rows * features
    if function == .relu {
      if values != out { out.update(from: values, count: count) }
      S.reluInput(site.y, out, count: count)
    } else {
      S.activationInput(
        kind: kind, parameter: S(parameter), x: site.x, y: site.y, dy: values, into: out,
        count: count)
    }
  }

  private var kind: Int32 {
    switch function {
    case .relu, .leakyReLU: Int32(LEARNING_LEAKY_RELU)
    case .elu: Int32(LEARNING_ELU)
    case .sigmoid: Int32(LEARNING_SIGMOID)
    case .tanh: Int32(LEARNING_TANH)
    case .softplus: Int32(LEARNING_SOFTPLUS)
    case .gelu: Int32(LEARNING_GELU)
    case .silu: Int32(LEARNING_SILU)
    }
  }

  private var parameter: Double {
    switch function {
    case .leakyReLU(let slope): slope
    case .elu(let alpha): alpha
    case .softplus(let beta): beta
    default: 0
    }
  }
}
