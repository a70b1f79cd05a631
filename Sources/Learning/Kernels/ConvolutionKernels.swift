internal import CKernels

/// The passes of a convolution, each one call into C over a whole batch: `learning_conv.h` says what
/// they compute and what the caches hold. Images are channel-last, weights `[O, C/g, kh, kw]`.
protocol ConvolutionKernels {
  static func convolutionCacheBytes(_ shape: learning_conv_shape, rows: Int) -> Int
  static func convolutionTangentCacheBytes(_ shape: learning_conv_shape, rows: Int) -> Int
  /// `y = conv(x, weight) + bias`; fills the cache for the other passes.
  static func convolutionForward(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Self>,
    weight: UnsafePointer<Self>, bias: UnsafePointer<Self>?, into y: UnsafeMutablePointer<Self>,
    cache: UnsafeMutableRawPointer)
  /// `dx = convT(dy, weight)`.
  static func convolutionInput(
    _ shape: learning_conv_shape, rows: Int, _ dy: UnsafePointer<Self>,
    weight: UnsafePointer<Self>, into dx: UnsafeMutablePointer<Self>,
    cache: UnsafeMutableRawPointer)
  /// `weight = beta weight + alpha corr(x, dy)`, `bias = beta bias + alpha sum dy`.
  static func convolutionWeight(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Self>, _ dy: UnsafePointer<Self>,
    weight: UnsafeMutablePointer<Self>, bias: UnsafeMutablePointer<Self>?, alpha: Self,
    beta: Self, cache: UnsafeMutableRawPointer)
  /// Adds the squared norm of every example's own gradient.
  static func convolutionNorms(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Self>, _ dy: UnsafePointer<Self>,
    hasBias: Bool, addTo norms: UnsafeMutablePointer<Double>, cache: UnsafeMutableRawPointer)
  /// `yTangent = conv(xTangent, w) + conv(x, weight) + bias`, where `w` is the forward pass's
  /// weight and `weight` and `bias` are the direction.
  static func convolutionTangentForward(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Self>,
    _ xTangent: UnsafePointer<Self>?, weight: UnsafePointer<Self>, bias: UnsafePointer<Self>?,
    into yTangent: UnsafeMutablePointer<Self>, cache: UnsafeMutableRawPointer,
    tangentCache: UnsafeMutableRawPointer)
  /// `dxTangent = convT(dyTangent, weight) + convT(dy, weightTangent)`.
  static func convolutionTangentInput(
    _ shape: learning_conv_shape, rows: Int, _ dy: UnsafePointer<Self>,
    _ dyTangent: UnsafePointer<Self>, weight: UnsafePointer<Self>,
    weightTangent: UnsafePointer<Self>, into dxTangent: UnsafeMutablePointer<Self>,
    cache: UnsafeMutableRawPointer, tangentCache: UnsafeMutableRawPointer)
  /// `weight = beta weight + alpha (corr(x, dyTangent) + corr(xTangent, dy))`, `bias = beta bias +
  /// alpha sum dyTangent`.
  static func convolutionTangentWeight(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Self>,
    _ xTangent: UnsafePointer<Self>?, _ dy: UnsafePointer<Self>,
    _ dyTangent: UnsafePointer<Self>, weight: UnsafeMutablePointer<Self>,
    bias: UnsafeMutablePointer<Self>?, alpha: Self, beta: Self, cache: UnsafeMutableRawPointer,
    tangentCache: UnsafeMutableRawPointer)
}

extension Float: ConvolutionKernels {
  static func convolutionCacheBytes(_ shape: learning_conv_shape, rows: Int) -> Int {
    var shape = shape
    return learning_conv_cache_f32(&shape, rows)
  }

  static func convolutionTangentCacheBytes(_ shape: learning_conv_shape, rows: Int) -> Int {
    var shape = shape
    return learning_conv_tangent_cache_f32(&shape, rows)
  }

  static func convolutionForward(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Float>,
    weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>,
    cache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_forward_f32(&shape, rows, x, weight, bias, y, cache)
  }

  static func convolutionInput(
    _ shape: learning_conv_shape, rows: Int, _ dy: UnsafePointer<Float>,
    weight: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    cache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_input_f32(&shape, rows, dy, weight, dx, cache)
  }

  static func convolutionWeight(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    weight: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>?, alpha: Float,
    beta: Float, cache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_weight_f32(&shape, rows, x, dy, weight, bias, alpha, beta, cache)
  }

  static func convolutionNorms(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    hasBias: Bool, addTo norms: UnsafeMutablePointer<Double>, cache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_norms_f32(&shape, rows, x, dy, hasBias ? 1 : 0, norms, cache)
  }

  static func convolutionTangentForward(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Float>,
    _ xTangent: UnsafePointer<Float>?, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    into yTangent: UnsafeMutablePointer<Float>, cache: UnsafeMutableRawPointer,
    tangentCache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_tangent_forward_f32(
      &shape, rows, x, xTangent, weight, bias, yTangent, cache, tangentCache)
  }

  static func convolutionTangentInput(
    _ shape: learning_conv_shape, rows: Int, _ dy: UnsafePointer<Float>,
    _ dyTangent: UnsafePointer<Float>, weight: UnsafePointer<Float>,
    weightTangent: UnsafePointer<Float>, into dxTangent: UnsafeMutablePointer<Float>,
    cache: UnsafeMutableRawPointer, tangentCache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_tangent_input_f32(
      &shape, rows, dy, dyTangent, weight, weightTangent, dxTangent, cache, tangentCache)
  }

  static func convolutionTangentWeight(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Float>,
    _ xTangent: UnsafePointer<Float>?, _ dy: UnsafePointer<Float>,
    _ dyTangent: UnsafePointer<Float>, weight: UnsafeMutablePointer<Float>,
    bias: UnsafeMutablePointer<Float>?, alpha: Float, beta: Float, cache: UnsafeMutableRawPointer,
    tangentCache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_tangent_weight_f32(
      &shape, rows, x, xTangent, dy, dyTangent, weight, bias, alpha, beta, cache, tangentCache)
  }
}

extension Double: ConvolutionKernels {
  static func convolutionCacheBytes(_ shape: learning_conv_shape, rows: Int) -> Int {
    var shape = shape
    return learning_conv_cache_f64(&shape, rows)
  }

  static func convolutionTangentCacheBytes(_ shape: learning_conv_shape, rows: Int) -> Int {
    var shape = shape
    return learning_conv_tangent_cache_f64(&shape, rows)
  }

  static func convolutionForward(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Double>,
    weight: UnsafePointer<Double>, bias: UnsafePointer<Double>?,
    into y: UnsafeMutablePointer<Double>,
    cache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_forward_f64(&shape, rows, x, weight, bias, y, cache)
  }

  static func convolutionInput(
    _ shape: learning_conv_shape, rows: Int, _ dy: UnsafePointer<Double>,
    weight: UnsafePointer<Double>, into dx: UnsafeMutablePointer<Double>,
    cache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_input_f64(&shape, rows, dy, weight, dx, cache)
  }

  static func convolutionWeight(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Double>,
    _ dy: UnsafePointer<Double>,
    weight: UnsafeMutablePointer<Double>, bias: UnsafeMutablePointer<Double>?, alpha: Double,
    beta: Double, cache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_weight_f64(&shape, rows, x, dy, weight, bias, alpha, beta, cache)
  }

  static func convolutionNorms(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Double>,
    _ dy: UnsafePointer<Double>,
    hasBias: Bool, addTo norms: UnsafeMutablePointer<Double>, cache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_norms_f64(&shape, rows, x, dy, hasBias ? 1 : 0, norms, cache)
  }

  static func convolutionTangentForward(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Double>,
    _ xTangent: UnsafePointer<Double>?, weight: UnsafePointer<Double>, bias: UnsafePointer<Double>?,
    into yTangent: UnsafeMutablePointer<Double>, cache: UnsafeMutableRawPointer,
    tangentCache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_tangent_forward_f64(
      &shape, rows, x, xTangent, weight, bias, yTangent, cache, tangentCache)
  }

  static func convolutionTangentInput(
    _ shape: learning_conv_shape, rows: Int, _ dy: UnsafePointer<Double>,
    _ dyTangent: UnsafePointer<Double>, weight: UnsafePointer<Double>,
    weightTangent: UnsafePointer<Double>, into dxTangent: UnsafeMutablePointer<Double>,
    cache: UnsafeMutableRawPointer, tangentCache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_tangent_input_f64(
      &shape, rows, dy, dyTangent, weight, weightTangent, dxTangent, cache, tangentCache)
  }

  static func convolutionTangentWeight(
    _ shape: learning_conv_shape, rows: Int, _ x: UnsafePointer<Double>,
    _ xTangent: UnsafePointer<Double>?, _ dy: UnsafePointer<Double>,
    _ dyTangent: UnsafePointer<Double>, weight: UnsafeMutablePointer<Double>,
    bias: UnsafeMutablePointer<Double>?, alpha: Double, beta: Double,
    cache: UnsafeMutableRawPointer,
    tangentCache: UnsafeMutableRawPointer
  ) {
    var shape = shape
    learning_conv_tangent_weight_f64(
      &shape, rows, x, xTangent, dy, dyTangent, weight, bias, alpha, beta, cache, tangentCache)
  }
}
