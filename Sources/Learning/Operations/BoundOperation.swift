/// An operation of a network: a closed set, so that each pass is a switch whose branches are
/// specialised for the scalar type.
enum BoundOperation: Sendable, Hashable {
  case dense(DenseOperation)
  case convolution(ConvolutionOperation)
  case activation(ActivationOperation)
  case pool(PoolOperation)
  case groupNorm(GroupNormOperation)
  case batchNorm(BatchNormOperation)
  case dropout(DropoutOperation)
  case bottleneck(BottleneckOperation)
  case embedding(EmbeddingOperation)
  case permute(PermuteOperation)

  /// The operation without its case, for what is not hot.
  var operation: any Operation {
    switch self {
    case .dense(let operation): operation
    case .convolution(let operation): operation
    case .activation(let operation): operation
    case .pool(let operation): operation
    case .groupNorm(let operation): operation
    case .batchNorm(let operation): operation
    case .dropout(let operation): operation
    case .bottleneck(let operation): operation
    case .embedding(let operation): operation
    case .permute(let operation): operation
    }
  }

  /// As the operation's own, but asked in every training step: without a box around the operation.
  var mixesExamples: Bool {
    if case .batchNorm(let operation) = self { operation.mixesExamples } else { false }
  }

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode) {
    switch self {
    case .dense(let operation): operation.forward(site, mode: mode)
    case .convolution(let operation): operation.forward(site, mode: mode)
    case .activation(let operation): operation.forward(site, mode: mode)
    case .pool(let operation): operation.forward(site, mode: mode)
    case .groupNorm(let operation): operation.forward(site, mode: mode)
    case .batchNorm(let operation): operation.forward(site, mode: mode)
    case .dropout(let operation): operation.forward(site, mode: mode)
    case .bottleneck(let operation): operation.forward(site, mode: mode)
    case .embedding(let operation): operation.forward(site, mode: mode)
    case .permute(let operation): operation.forward(site, mode: mode)
    }
  }

  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>) {
    switch self {
    case .dense(let operation): operation.inputGradient(site, into: dx)
    case .convolution(let operation): operation.inputGradient(site, into: dx)
    case .activation(let operation): operation.inputGradient(site, into: dx)
    case .pool(let operation): operation.inputGradient(site, into: dx)
    case .groupNorm(let operation): operation.inputGradient(site, into: dx)
    case .batchNorm(let operation): operation.inputGradient(site, into: dx)
    case .dropout(let operation): operation.inputGradient(site, into: dx)
    case .bottleneck(let operation): operation.inputGradient(site, into: dx)
    case .embedding(let operation): operation.inputGradient(site, into: dx)
    case .permute(let operation): operation.inputGradient(site, into: dx)
    }
  }

  func parameterGradient<S: Scalar>(_ site: Site<S>, sink: GradientSink<S>) {
    switch self {
    case .dense(let operation): operation.parameterGradient(site, sink: sink)
    case .convolution(let operation): operation.parameterGradient(site, sink: sink)
    case .groupNorm(let operation): operation.parameterGradient(site, sink: sink)
    case .batchNorm(let operation): operation.parameterGradient(site, sink: sink)
    case .embedding(let operation): operation.parameterGradient(site, sink: sink)
    case .activation, .pool, .dropout, .bottleneck, .permute: break
    }
  }

  func addSquaredNorms<S: Scalar>(_ site: Site<S>, to norms: UnsafeMutablePointer<Double>) {
    switch self {
    case .dense(let operation): operation.addSquaredNorms(site, to: norms)
    case .convolution(let operation): operation.addSquaredNorms(site, to: norms)
    case .groupNorm(let operation): operation.addSquaredNorms(site, to: norms)
    case .batchNorm(let operation): operation.addSquaredNorms(site, to: norms)
    case .embedding(let operation): operation.addSquaredNorms(site, to: norms)
    case .activation, .pool, .dropout, .bottleneck, .permute: break
    }
  }

  func updateStatistics<S: Scalar>(_ site: Site<S>, parameters: UnsafeMutablePointer<S>) {
    if case .batchNorm(let operation) = self {
      operation.updateStatistics(site, parameters: parameters)
    }
  }

  func tangentForward<S: Scalar>(_ site: TangentSite<S>) {
    switch self {
    case .dense(let operation): operation.tangentForward(site)
    case .convolution(let operation): operation.tangentForward(site)
    case .activation(let operation): operation.tangentForward(site)
    case .pool(let operation): operation.tangentForward(site)
    case .groupNorm(let operation): operation.tangentForward(site)
    case .batchNorm(let operation): operation.tangentForward(site)
    case .dropout(let operation): operation.tangentForward(site)
    case .bottleneck(let operation): operation.tangentForward(site)
    case .embedding(let operation): operation.tangentForward(site)
    case .permute(let operation): operation.tangentForward(site)
    }
  }

  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>
  ) {
    switch self {
    case .dense(let operation): operation.tangentInputGradient(site, into: dxTangent)
    case .convolution(let operation): operation.tangentInputGradient(site, into: dxTangent)
    case .activation(let operation): operation.tangentInputGradient(site, into: dxTangent)
    case .pool(let operation): operation.tangentInputGradient(site, into: dxTangent)
    case .groupNorm(let operation): operation.tangentInputGradient(site, into: dxTangent)
    case .batchNorm(let operation): operation.tangentInputGradient(site, into: dxTangent)
    case .dropout(let operation): operation.tangentInputGradient(site, into: dxTangent)
    case .bottleneck(let operation): operation.tangentInputGradient(site, into: dxTangent)
    case .embedding(let operation): operation.tangentInputGradient(site, into: dxTangent)
    case .permute(let operation): operation.tangentInputGradient(site, into: dxTangent)
    }
  }

  func tangentParameterGradient<S: Scalar>(_ site: TangentSite<S>, sink: GradientSink<S>) {
    switch self {
    case .dense(let operation): operation.tangentParameterGradient(site, sink: sink)
    case .convolution(let operation): operation.tangentParameterGradient(site, sink: sink)
    case .groupNorm(let operation): operation.tangentParameterGradient(site, sink: sink)
    case .batchNorm(let operation): operation.tangentParameterGradient(site, sink: sink)
    case .embedding(let operation): operation.tangentParameterGradient(site, sink: sink)
    case .activation, .pool, .dropout, .bottleneck, .permute: break
    }
  }
}
