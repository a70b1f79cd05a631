import CKernels

/// Normalisation and its derivatives; `statistics` holds mean and 1 / deviation per set.
protocol NormKernels {
  /// `y = scale (x - mean) / deviation + shift`.
  static func groupNorm(
    _ norm: learning_norm, epsilon: Double, x: UnsafePointer<Self>, scale: UnsafePointer<Self>?,
    shift: UnsafePointer<Self>?, y: UnsafeMutablePointer<Self>,
    statistics: UnsafeMutablePointer<Double>, rows: Int)
  /// The gradient by `x`.
  static func groupNormInput(
    _ norm: learning_norm, x: UnsafePointer<Self>, scale: UnsafePointer<Self>?,
    dy: UnsafePointer<Self>, dx: UnsafeMutablePointer<Self>, statistics: UnsafePointer<Double>,
    rows: Int)
  /// The tangent of `y`.
  static func groupNormTangent(
    _ norm: learning_norm, x: UnsafePointer<Self>, scale: UnsafePointer<Self>?,
    v: UnsafePointer<Self>?, vShift: UnsafePointer<Self>?, xTangent: UnsafePointer<Self>?,
    yTangent: UnsafeMutablePointer<Self>, statistics: UnsafePointer<Double>, rows: Int)
  /// The tangent of the gradient by `x`.
  static func groupNormTangentInput(
    _ norm: learning_norm, x: UnsafePointer<Self>, scale: UnsafePointer<Self>?,
    v: UnsafePointer<Self>?, xTangent: UnsafePointer<Self>?, dy: UnsafePointer<Self>,
    dyTangent: UnsafePointer<Self>, into out: UnsafeMutablePointer<Self>,
    statistics: UnsafePointer<Double>, rows: Int)
  /// Adds the gradients by scale and shift, or their tangents, to `sums`.
  static func groupNormParameter(
    _ norm: learning_norm, x: UnsafePointer<Self>, xTangent: UnsafePointer<Self>?,
    dy: UnsafePointer<Self>, dyTangent: UnsafePointer<Self>?, statistics: UnsafePointer<Double>,
    sums: UnsafeMutablePointer<Double>, rows: Range<Int>, fixed: Bool)
  /// `y = a x + b` per channel, or that added.
  static func affine(
    x: UnsafePointer<Self>, a: UnsafePointer<Self>, b: UnsafePointer<Self>?,
    y: UnsafeMutablePointer<Self>, positions: Int, channels: Int, adding: Bool)
  /// Mean and biased variance per channel.
  static func channelMoments(
    x: UnsafePointer<Self>, positions: Int, channels: Int, mean: UnsafeMutablePointer<Double>,
    variance: UnsafeMutablePointer<Double>)
}

extension Float: NormKernels {
  static func groupNorm(
    _ norm: learning_norm, epsilon: Double, x: UnsafePointer<Float>, scale: UnsafePointer<Float>?,
    shift: UnsafePointer<Float>?, y: UnsafeMutablePointer<Float>,
    statistics: UnsafeMutablePointer<Double>, rows: Int
  ) {
    var norm = norm
    learning_group_norm_f32(&norm, epsilon, x, scale, shift, y, statistics, rows)
  }

  static func groupNormInput(
    _ norm: learning_norm, x: UnsafePointer<Float>, scale: UnsafePointer<Float>?,
    dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, statistics: UnsafePointer<Double>,
    rows: Int
  ) {
    var norm = norm
    learning_group_norm_input_f32(&norm, x, scale, dy, dx, statistics, rows)
  }

  static func groupNormTangent(
    _ norm: learning_norm, x: UnsafePointer<Float>, scale: UnsafePointer<Float>?,
    v: UnsafePointer<Float>?, vShift: UnsafePointer<Float>?, xTangent: UnsafePointer<Float>?,
    yTangent: UnsafeMutablePointer<Float>, statistics: UnsafePointer<Double>, rows: Int
  ) {
    var norm = norm
    learning_group_norm_tangent_f32(
      &norm, x, scale, v, vShift, xTangent, yTangent, statistics, rows)
  }

  static func groupNormTangentInput(
    _ norm: learning_norm, x: UnsafePointer<Float>, scale: UnsafePointer<Float>?,
    v: UnsafePointer<Float>?, xTangent: UnsafePointer<Float>?, dy: UnsafePointer<Float>,
    dyTangent: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
    statistics: UnsafePointer<Double>, rows: Int
  ) {
    var norm = norm
    learning_group_norm_tangent_input_f32(
      &norm, x, scale, v, xTangent, dy, dyTangent, out, statistics, rows)
  }

  static func groupNormParameter(
    _ norm: learning_norm, x: UnsafePointer<Float>, xTangent: UnsafePointer<Float>?,
    dy: UnsafePointer<Float>, dyTangent: UnsafePointer<Float>?, statistics: UnsafePointer<Double>,
    sums: UnsafeMutablePointer<Double>, rows: Range<Int>, fixed: Bool
  ) {
    var norm = norm
    learning_group_norm_parameter_f32(
      &norm, x, xTangent, dy, dyTangent, statistics, sums, rows.lowerBound, rows.upperBound,
      fixed ? 1 : 0)
  }

  static func affine(
    x: UnsafePointer<Float>, a: UnsafePointer<Float>, b: UnsafePointer<Float>?,
    y: UnsafeMutablePointer<Float>, positions: Int, channels: Int, adding: Bool
  ) {
    learning_affine_f32(x, a, b, y, positions, channels, adding ? 1 : 0)
  }

  static func channelMoments(
    x: UnsafePointer<Float>, positions: Int, channels: Int, mean: UnsafeMutablePointer<Double>,
    variance: UnsafeMutablePointer<Double>
  ) {
    learning_channel_moments_f32(x, positions, channels, mean, variance)
  }
}

extension Double: NormKernels {
  static func groupNorm(
    _ norm: learning_norm, epsilon: Double, x: UnsafePointer<Double>, scale: UnsafePointer<Double>?,
    shift: UnsafePointer<Double>?, y: UnsafeMutablePointer<Double>,
    statistics: UnsafeMutablePointer<Double>, rows: Int
  ) {
    var norm = norm
    learning_group_norm_f64(&norm, epsilon, x, scale, shift, y, statistics, rows)
  }

  static func groupNormInput(
    _ norm: learning_norm, x: UnsafePointer<Double>, scale: UnsafePointer<Double>?,
    dy: UnsafePointer<Double>, dx: UnsafeMutablePointer<Double>, statistics: UnsafePointer<Double>,
    rows: Int
  ) {
    var norm = norm
    learning_group_norm_input_f64(&norm, x, scale, dy, dx, statistics, rows)
  }

  static func groupNormTangent(
    _ norm: learning_norm, x: UnsafePointer<Double>, scale: UnsafePointer<Double>?,
    v: UnsafePointer<Double>?, vShift: UnsafePointer<Double>?, xTangent: UnsafePointer<Double>?,
    yTangent: UnsafeMutablePointer<Double>, statistics: UnsafePointer<Double>, rows: Int
  ) {
    var norm = norm
    learning_group_norm_tangent_f64(
      &norm, x, scale, v, vShift, xTangent, yTangent, statistics, rows)
  }

  static func groupNormTangentInput(
    _ norm: learning_norm, x: UnsafePointer<Double>, scale: UnsafePointer<Double>?,
    v: UnsafePointer<Double>?, xTangent: UnsafePointer<Double>?, dy: UnsafePointer<Double>,
    dyTangent: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>,
    statistics: UnsafePointer<Double>, rows: Int
  ) {
    var norm = norm
    learning_group_norm_tangent_input_f64(
      &norm, x, scale, v, xTangent, dy, dyTangent, out, statistics, rows)
  }

  static func groupNormParameter(
    _ norm: learning_norm, x: UnsafePointer<Double>, xTangent: UnsafePointer<Double>?,
    dy: UnsafePointer<Double>, dyTangent: UnsafePointer<Double>?, statistics: UnsafePointer<Double>,
    sums: UnsafeMutablePointer<Double>, rows: Range<Int>, fixed: Bool
  ) {
    var norm = norm
    learning_group_norm_parameter_f64(
      &norm, x, xTangent, dy, dyTangent, statistics, sums, rows.lowerBound, rows.upperBound,
      fixed ? 1 : 0)
  }

  static func affine(
    x: UnsafePointer<Double>, a: UnsafePointer<Double>, b: UnsafePointer<Double>?,
    y: UnsafeMutablePointer<Double>, positions: Int, channels: Int, adding: Bool
  ) {
    learning_affine_f64(x, a, b, y, positions, channels, adding ? 1 : 0)
  }

  static func channelMoments(
    x: UnsafePointer<Double>, positions: Int, channels: Int, mean: UnsafeMutablePointer<Double>,
    variance: UnsafeMutablePointer<Double>
  ) {
    learning_channel_moments_f64(x, positions, channels, mean, variance)
  }
}
