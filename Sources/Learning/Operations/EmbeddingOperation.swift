/// A vector for each token: `y[t] = E[x[t]]`. A token number outside the vocabulary counts as the
/// nearest one inside; data is checked before it gets here.
///
/// Tokens have no gradient. An example's gradient adds up `dy` over the positions of each token, so
/// its squared norm is the sum of `<dy[s], dy[t]>` over all pairs of positions with one token.
struct EmbeddingOperation: Operation {
  /// Size of the vocabulary.
  let tokens: Int
  let dimension: Int
  let positions: Int

  var inputs: Int { positions }
  var outputs: Int { positions * dimension }

  var tensors: [TensorDescription] {
    [
      TensorDescription(
        name: "weight", shape: [tokens, dimension], kind: .weight,
        initial: .normal(standardDeviation: 1))
    ]
  }

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode) {
    lookUp(site, in: site.w, into: site.y)
  }

  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>) {
    dx.update(repeating: 0, count: site.rows * positions)
  }

  func parameterGradient<S: Scalar>(_ site: Site<S>, sink: GradientSink<S>) {
    scatter(site, site.dy, sink: sink)
  }

  func addSquaredNorms<S: Scalar>(_ site: Site<S>, to norms: UnsafeMutablePointer<Double>) {
    for row in 0..<site.rows {
      let first = row * positions
      for s in 0..<positions {
        let left = site.dy + (first + s) * dimension
        norms[row] += S.squaredNorm(left, count: dimension)
        let word = token(site.x[first + s])
        for t in 0..<s where token(site.x[first + t]) == word {
          let right = site.dy + (first + t) * dimension
          var inner = 0.0
          for d in 0..<dimension { inner += Double(left[d]) * Double(right[d]) }
          norms[row] += 2 * inner
        }
      }
    }
  }

  func tangentForward<S: Scalar>(_ site: TangentSite<S>) {
    lookUp(site.base, in: site.v, into: site.yTangent)
  }

  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>
  ) {
    dxTangent.update(repeating: 0, count: site.base.rows * positions)
  }

  func tangentParameterGradient<S: Scalar>(_ site: TangentSite<S>, sink: GradientSink<S>) {
    scatter(site.base, site.dyTangent, sink: sink)
  }

  private func lookUp<S: Scalar>(
    _ site: Site<S>, in table: UnsafePointer<S>, into y: UnsafeMutablePointer<S>
  ) {
    for index in 0..<(site.rows * positions) {
      (y + index * dimension).update(
        from: table + token(site.x[index]) * dimension, count: dimension)
    }
  }

  private func scatter<S: Scalar>(
    _ site: Site<S>, _ dy: UnsafePointer<S>, sink: GradientSink<S>
  ) {
    let size = tokens * dimension
    if sink.beta == 0 {
      sink.target.update(repeating: 0, count: size)
    } else if sink.beta != 1 {
      S.scaled(sink.target, by: sink.beta, into: sink.target, count: size)
    }
    for index in 0..<(site.rows * positions) {
      let target = sink.target + token(site.x[index]) * dimension
      for d in 0..<dimension { target[d] += sink.alpha * dy[index * dimension + d] }
    }
  }

  private func token<S: Scalar>(_ value: S) -> Int {
    guard value > 0 else { return 0 }
    return value < S(tokens) ? Int(value) : tokens - 1
  }
}
