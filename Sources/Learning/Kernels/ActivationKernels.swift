import CKernels

/// Activation functions and their derivatives.
protocol ActivationKernels {
  /// `y = s(x)`.
  static func activation(
    kind: Int32, parameter: Self, x: UnsafePointer<Self>, y: UnsafeMutablePointer<Self>, count: Int)
  /// `out = s'(x) dy`.
  static func activationInput(
    kind: Int32, parameter: Self, x: UnsafePointer<Self>, y: UnsafePointer<Self>,
    dy: UnsafePointer<Self>, into out: UnsafeMutablePointer<Self>, count: Int)
  /// `out = s'(x) dyTangent + s''(x) xTangent dy`.
  static func activationTangent(
    kind: Int32, parameter: Self, x: UnsafePointer<Self>, y: UnsafePointer<Self>,
    xTangent: UnsafePointer<Self>?, dy: UnsafePointer<Self>, dyTangent: UnsafePointer<Self>,
    into out: UnsafeMutablePointer<Self>, count: Int)
}

extension Float: ActivationKernels {
  static func activation(
    kind: Int32, parameter: Float, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    learning_activation_f32(kind, parameter, x, y, count)
  }

  static func activationInput(
    kind: Int32, parameter: Float, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    dy: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    learning_activation_input_f32(kind, parameter, x, y, dy, out, count)
  }

  static func activationTangent(
    kind: Int32, parameter: Float, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    xTangent: UnsafePointer<Float>?, dy: UnsafePointer<Float>, dyTangent: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    learning_activation_tangent_f32(kind, parameter, x, y, xTangent, dy, dyTangent, out, count)
  }
}

extension Double: ActivationKernels {
  static func activation(
    kind: Int32, parameter: Double, x: UnsafePointer<Double>, y: UnsafeMutablePointer<Double>,
    count: Int
  ) {
    learning_activation_f64(kind, parameter, x, y, count)
  }

  static func activationInput(
    kind: Int32, parameter: Double, x: UnsafePointer<Double>, y: UnsafePointer<Double>,
    dy: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, count: Int
  ) {
    learning_activation_input_f64(kind, parameter, x, y, dy, out, count)
  }

  static func activationTangent(
    kind: Int32, parameter: Double, x: UnsafePointer<Double>, y: UnsafePointer<Double>,
    xTangent: UnsafePointer<Double>?, dy: UnsafePointer<Double>, dyTangent: UnsafePointer<Double>,
    into out: UnsafeMutablePointer<Double>, count: Int
  ) {
    learning_activation_tangent_f64(kind, parameter, x, y, xTangent, dy, dyTangent, out, count)
  }
}
