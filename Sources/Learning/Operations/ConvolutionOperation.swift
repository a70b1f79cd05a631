internal import CKernels

/// A two-dimensional convolution (cross-correlation, as in PyTorch's `Conv2d`) of channel-last images:
///
///     y[i, j, o] = b[o] + sum w[o, c, k, l] x[i s - p + k, j s - p + l, c]
///
/// where `x` is zero outside the image, and output channel `o` sees only the `C / groups` input
/// channels of its own group. The output is `(in + 2 padding - kernel) / stride + 1` high and wide,
/// rounded down.
///
/// The weight is `[O, C / groups, kh, kw]`, the bias, if there is one, `[O]`; both start uniform with
/// bound `1 / sqrt(C / groups kh kw)`, PyTorch's default.
package struct ConvolutionOperation: Operation {
  package let inChannels: Int
  package let inHeight: Int
  package let inWidth: Int
  package let outChannels: Int
  package let kernelHeight: Int
  package let kernelWidth: Int
  package let strideHeight: Int
  package let strideWidth: Int
  package let paddingHeight: Int
  package let paddingWidth: Int
  package let groups: Int
  package let bias: Bool

  package init(
    inChannels: Int, inHeight: Int, inWidth: Int, outChannels: Int, kernelHeight: Int,
    kernelWidth: Int, strideHeight: Int = 1, strideWidth: Int = 1, paddingHeight: Int = 0,
    paddingWidth: Int = 0, groups: Int = 1, bias: Bool = true
  ) {
    precondition(
      inChannels >= 1 && inHeight >= 1 && inWidth >= 1 && outChannels >= 1,
      "a convolution needs channels, a height and a width")
    precondition(kernelHeight >= 1 && kernelWidth >= 1, "a kernel is at least 1 x 1")
    precondition(strideHeight >= 1 && strideWidth >= 1, "a stride is at least 1")
    precondition(paddingHeight >= 0 && paddingWidth >= 0, "padding is at least 0")
    precondition(
      groups >= 1 && inChannels % groups == 0 && outChannels % groups == 0,
      "groups divide the channels on both sides")
    precondition(
      inHeight + 2 * paddingHeight >= kernelHeight && inWidth + 2 * paddingWidth >= kernelWidth,
      "the kernel fits into the padded image")
    self.inChannels = inChannels
    self.inHeight = inHeight
    self.inWidth = inWidth
    self.outChannels = outChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.paddingHeight = paddingHeight
    self.paddingWidth = paddingWidth
    self.groups = groups
    self.bias = bias
  }

  package var outHeight: Int { (inHeight + 2 * paddingHeight - kernelHeight) / strideHeight + 1 }
  package var outWidth: Int { (inWidth + 2 * paddingWidth - kernelWidth) / strideWidth + 1 }
  package var inputs: Int { inHeight * inWidth * inChannels }
  package var outputs: Int { outHeight * outWidth * outChannels }
  package var weightCount: Int { outChannels * fanIn }
  /// Inputs that one output sees.
  private var fanIn: Int { inChannels / groups * kernelHeight * kernelWidth }

  var tensors: [TensorDescription] {
    let initial = InitialValue.uniform(bound: 1 / Double(fanIn).squareRoot())
    let weight = TensorDescription(
      name: "weight", shape: [outChannels, inChannels / groups, kernelHeight, kernelWidth],
      kind: .weight, initial: initial)
    let shift = TensorDescription(
      name: "bias", shape: [outChannels], kind: .bias, initial: initial)
    return bias ? [weight, shift] : [weight]
  }

  private var shape: learning_conv_shape {
    learning_conv_shape(
      channels: inChannels, height: inHeight, width: inWidth, out_channels: outChannels,
      out_height: outHeight, out_width: outWidth, kernel_height: kernelHeight,
      kernel_width: kernelWidth, stride_height: strideHeight, stride_width: strideWidth,
      padding_height: paddingHeight, padding_width: paddingWidth, groups: groups)
  }

  func cacheBytes(rows: Int, bytesPerValue: Int) -> Int {
    bytesPerValue == MemoryLayout<Float>.size
      ? Float.convolutionCacheBytes(shape, rows: rows)
      : Double.convolutionCacheBytes(shape, rows: rows)
  }

  func tangentCacheBytes(rows: Int, bytesPerValue: Int) -> Int {
    bytesPerValue == MemoryLayout<Float>.size
      ? Float.convolutionTangentCacheBytes(shape, rows: rows)
      : Double.convolutionTangentCacheBytes(shape, rows: rows)
  }

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode) {
    S.convolutionForward(
      shape, rows: site.rows, site.x, weight: site.w, bias: bias ? site.w + weightCount : nil,
      into: site.y, cache: site.cache)
  }

  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>) {
    S.convolutionInput(
      shape, rows: site.rows, site.dy, weight: site.w, into: dx, cache: site.cache)
  }

  func parameterGradient<S: Scalar>(_ site: Site<S>, sink: GradientSink<S>) {
    S.convolutionWeight(
      shape, rows: site.rows, site.x, site.dy, weight: sink.target,
      bias: bias ? sink.target + weightCount : nil, alpha: sink.alpha, beta: sink.beta,
      cache: site.cache)
  }

  func addSquaredNorms<S: Scalar>(_ site: Site<S>, to norms: UnsafeMutablePointer<Double>) {
    S.convolutionNorms(
      shape, rows: site.rows, site.x, site.dy, hasBias: bias, addTo: norms, cache: site.cache)
  }

  func tangentForward<S: Scalar>(_ site: TangentSite<S>) {
    S.convolutionTangentForward(
      shape, rows: site.base.rows, site.base.x, site.xTangent, weight: site.v,
      bias: bias ? site.v + weightCount : nil, into: site.yTangent, cache: site.base.cache,
      tangentCache: site.cache)
  }

  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>
  ) {
    S.convolutionTangentInput(
      shape, rows: site.base.rows, site.base.dy, site.dyTangent, weight: site.base.w,
      weightTangent: site.v, into: dxTangent, cache: site.base.cache, tangentCache: site.cache)
  }

  func tangentParameterGradient<S: Scalar>(_ site: TangentSite<S>, sink: GradientSink<S>) {
    S.convolutionTangentWeight(
      shape, rows: site.base.rows, site.base.x, site.xTangent, site.base.dy, site.dyTangent,
      weight: sink.target, bias: bias ? sink.target + weightCount : nil, alpha: sink.alpha,
      beta: sink.beta, cache: site.base.cache, tangentCache: site.cache)
  }
}
