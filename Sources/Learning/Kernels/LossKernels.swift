import CKernels

/// Losses, their gradients by the outputs and the tangents of those.
protocol LossKernels {
  /// Cross-entropy against distributions.
  static func softmaxDense(
    _ logits: UnsafePointer<Self>, targets: UnsafePointer<Self>,
    gradient: UnsafeMutablePointer<Self>, rows: Int, classes: Int, scale: Self,
    losses: UnsafeMutablePointer<Double>?)
  /// The tangent of its gradient.
  static func softmaxTangent(
    _ logits: UnsafePointer<Self>, targets: UnsafePointer<Self>?, tangent: UnsafePointer<Self>,
    into out: UnsafeMutablePointer<Self>, rows: Int, classes: Int, scale: Self)
  /// The tangent of its gradient by the targets.
  static func softmaxTargetTangent(
    _ logits: UnsafePointer<Self>, tangent: UnsafePointer<Self>,
    into out: UnsafeMutablePointer<Self>, rows: Int, classes: Int, scale: Self)
  /// Mean squared error.
  static func squaredError(
    _ outputs: UnsafePointer<Self>, targets: UnsafePointer<Self>,
    gradient: UnsafeMutablePointer<Self>, rows: Int, width: Int, scale: Self,
    losses: UnsafeMutablePointer<Double>?)
  /// Binary cross-entropy of logits.
  static func binary(
    _ outputs: UnsafePointer<Self>, targets: UnsafePointer<Self>,
    gradient: UnsafeMutablePointer<Self>, rows: Int, width: Int, scale: Self,
    losses: UnsafeMutablePointer<Double>?)
  /// The tangent of its gradient.
  static func binaryTangent(
    _ outputs: UnsafePointer<Self>, tangent: UnsafePointer<Self>,
    into out: UnsafeMutablePointer<Self>, rows: Int, width: Int, scale: Self)
}

extension Float: LossKernels {
  static func softmaxDense(
    _ logits: UnsafePointer<Float>, targets: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, rows: Int, classes: Int, scale: Float,
    losses: UnsafeMutablePointer<Double>?
  ) {
    learning_softmax_dense_f32(logits, targets, gradient, rows, classes, scale, losses)
  }

  static func softmaxTangent(
    _ logits: UnsafePointer<Float>, targets: UnsafePointer<Float>?, tangent: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>, rows: Int, classes: Int, scale: Float
  ) {
    learning_softmax_tangent_f32(logits, targets, tangent, out, rows, classes, scale)
  }

  static func softmaxTargetTangent(
    _ logits: UnsafePointer<Float>, tangent: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>, rows: Int, classes: Int, scale: Float
  ) {
    learning_softmax_target_tangent_f32(logits, tangent, out, rows, classes, scale)
  }

  static func squaredError(
    _ outputs: UnsafePointer<Float>, targets: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, rows: Int, width: Int, scale: Float,
    losses: UnsafeMutablePointer<Double>?
  ) {
    learning_squared_error_f32(outputs, targets, gradient, rows, width, scale, losses)
  }

  static func binary(
    _ outputs: UnsafePointer<Float>, targets: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, rows: Int, width: Int, scale: Float,
    losses: UnsafeMutablePointer<Double>?
  ) {
    learning_binary_f32(outputs, targets, gradient, rows, width, scale, losses)
  }

  static func binaryTangent(
    _ outputs: UnsafePointer<Float>, tangent: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>, rows: Int, width: Int, scale: Float
  ) {
    learning_binary_tangent_f32(outputs, tangent, out, rows, width, scale)
  }
}

extension Double: LossKernels {
  static func softmaxDense(
    _ logits: UnsafePointer<Double>, targets: UnsafePointer<Double>,
    gradient: UnsafeMutablePointer<Double>, rows: Int, classes: Int, scale: Double,
    losses: UnsafeMutablePointer<Double>?
  ) {
    learning_softmax_dense_f64(logits, targets, gradient, rows, classes, scale, losses)
  }

  static func softmaxTangent(
    _ logits: UnsafePointer<Double>, targets: UnsafePointer<Double>?,
    tangent: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, rows: Int, classes: Int,
    scale: Double
  ) {
    learning_softmax_tangent_f64(logits, targets, tangent, out, rows, classes, scale)
  }

  static func softmaxTargetTangent(
    _ logits: UnsafePointer<Double>, tangent: UnsafePointer<Double>,
    into out: UnsafeMutablePointer<Double>, rows: Int, classes: Int, scale: Double
  ) {
    learning_softmax_target_tangent_f64(logits, tangent, out, rows, classes, scale)
  }

  static func squaredError(
    _ outputs: UnsafePointer<Double>, targets: UnsafePointer<Double>,
    gradient: UnsafeMutablePointer<Double>, rows: Int, width: Int, scale: Double,
    losses: UnsafeMutablePointer<Double>?
  ) {
    learning_squared_error_f64(outputs, targets, gradient, rows, width, scale, losses)
  }

  static func binary(
    _ outputs: UnsafePointer<Double>, targets: UnsafePointer<Double>,
    gradient: UnsafeMutablePointer<Double>, rows: Int, width: Int, scale: Double,
    losses: UnsafeMutablePointer<Double>?
  ) {
    learning_binary_f64(outputs, targets, gradient, rows, width, scale, losses)
  }

  static func binaryTangent(
    _ outputs: UnsafePointer<Double>, tangent: UnsafePointer<Double>,
    into out: UnsafeMutablePointer<Double>, rows: Int, width: Int, scale: Double
  ) {
    learning_binary_tangent_f64(outputs, tangent, out, rows, width, scale)
  }
}
