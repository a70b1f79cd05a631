/// A fully connected layer: `y = x W' + b` for a batch `x` of rows.
///
/// Parameters are `W`, `outputs` x `inputs` row-major as in PyTorch, then `b`. With `dy = dL/dy`:
/// `dx = dy W`, `dW = dy' x`, `db =` column sums of `dy`. Along a direction `(V, u)`:
///
///     y-tangent  = x-tangent W' + x V' + u
///     dx-tangent = dy-tangent W + dy V
///     dW-tangent = dy-tangent' x + dy' x-tangent
struct DenseOperation: Operation {
  let inputs: Int
  let outputs: Int
  let bias: Bool

  /// Every initial weight and bias is uniform within `1 / sqrt(inputs)`: PyTorch's default, Kaiming's
  /// uniform rule with a = sqrt(5) (torch.nn.Linear).
  var tensors: [TensorDescription] {
    let initial = InitialValue.uniform(bound: 1 / Double(inputs).squareRoot())
    let weight = TensorDescription(
      name: "weight", shape: [outputs, inputs], kind: .weight, initial: initial)
    guard bias else { return [weight] }
    return [
      weight, TensorDescription(name: "bias", shape: [outputs], kind: .bias, initial: initial),
    ]
  }

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode) {
    times(site.x, site.w, into: site.y, rows: site.rows)
  }

  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>) {
    S.denseInput(
      site.dy, site.w, into: dx, rows: site.rows, inputs: inputs, outputs: outputs, adding: false)
  }

  func parameterGradient<S: Scalar>(_ site: Site<S>, sink: GradientSink<S>) {
    S.denseWeight(
      site.dy, site.x, weight: sink.target, bias: bias ? sink.target + outputs * inputs : nil,
      rows: site.rows, inputs: inputs, outputs: outputs, alpha: sink.alpha, beta: sink.beta)
  }

  /// `|dy_i|^2 (|x_i|^2 + 1)`: an example's gradient is the outer product of `dy_i` and `(x_i, 1)`.
  func addSquaredNorms<S: Scalar>(_ site: Site<S>, to norms: UnsafeMutablePointer<Double>) {
    for row in 0..<site.rows {
      let input = S.squaredNorm(site.x + row * inputs, count: inputs)
      let gradient = S.squaredNorm(site.dy + row * outputs, count: outputs)
      norms[row] += gradient * (input + (bias ? 1 : 0))
    }
  }

  func tangentForward<S: Scalar>(_ site: TangentSite<S>) {
    times(site.base.x, site.v, into: site.yTangent, rows: site.base.rows)
    guard let xTangent = site.xTangent else { return }
    S.denseForward(
      xTangent, site.base.w, nil, into: site.yTangent, rows: site.base.rows, inputs: inputs,
      outputs: outputs)
  }

  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>
  ) {
    S.denseInput(
      site.dyTangent, site.base.w, into: dxTangent, rows: site.base.rows, inputs: inputs,
      outputs: outputs, adding: false)
    S.denseInput(
      site.base.dy, site.v, into: dxTangent, rows: site.base.rows, inputs: inputs,
      outputs: outputs, adding: true)
  }

  func tangentParameterGradient<S: Scalar>(_ site: TangentSite<S>, sink: GradientSink<S>) {
    S.denseWeight(
      site.dyTangent, site.base.x, weight: sink.target,
      bias: bias ? sink.target + outputs * inputs : nil, rows: site.base.rows, inputs: inputs,
      outputs: outputs, alpha: sink.alpha, beta: sink.beta)
    guard let xTangent = site.xTangent else { return }
    S.denseWeight(
      site.base.dy, xTangent, weight: sink.target, bias: nil, rows: site.base.rows,
      inputs: inputs, outputs: outputs, alpha: sink.alpha, beta: 1)
  }

  /// `y = x weight' + bias`, where the bias follows the weight, if there is one.
  private func times<S: Scalar>(
    _ x: UnsafePointer<S>, _ weight: UnsafePointer<S>, into y: UnsafeMutablePointer<S>, rows: Int
  ) {
    if !bias { y.update(repeating: 0, count: rows * outputs) }
    S.denseForward(
      x, weight, bias ? weight + outputs * inputs : nil, into: y, rows: rows, inputs: inputs,
      outputs: outputs)
  }
}
