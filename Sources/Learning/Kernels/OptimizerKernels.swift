import CKernels

/// Optimiser steps from a gradient in memory, which `scale` multiplies first.
protocol OptimizerKernels {
  /// With `g = scale gradient + decay parameters`: `parameters -= rate g`.
  static func sgdStep(
    _ parameters: UnsafeMutablePointer<Self>, _ gradient: UnsafePointer<Self>, count: Int,
    scale: Self, rate: Self, decay: Self)
  /// With the same `g`: `velocity = momentum velocity + g`, then `parameters -= rate velocity`, or
  /// `rate (g + momentum velocity)` with Nesterov's look ahead.
  static func sgdStep(
    _ parameters: UnsafeMutablePointer<Self>, velocity: UnsafeMutablePointer<Self>,
    _ gradient: UnsafePointer<Self>, count: Int, scale: Self, rate: Self, momentum: Self,
    decay: Self, nesterov: Bool)
  /// With the same `g`: `first = beta1 first + rest1 g`, `second = beta2 second + rest2 g^2`, then
  /// `parameters = keep parameters - rate first / (sqrt(second) / root + epsilon)`.
  static func adamStep(
    _ parameters: UnsafeMutablePointer<Self>, first: UnsafeMutablePointer<Self>,
    second: UnsafeMutablePointer<Self>, _ gradient: UnsafePointer<Self>, count: Int,
    _ factors: AdamFactors<Self>)
}

/// What a step of Adam multiplies by, bias corrections included.
struct AdamFactors<S> {
  var scale: S
  var decay: S
  var keep: S
  var beta1: S
  var rest1: S
  var beta2: S
  var rest2: S
  var rate: S
  var root: S
  var epsilon: S
}

extension Float: OptimizerKernels {
  static func sgdStep(
    _ parameters: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, count: Int,
    scale: Float, rate: Float, decay: Float
  ) {
    learning_sgd_f32(parameters, gradient, count, scale, rate, decay)
  }

  static func sgdStep(
    _ parameters: UnsafeMutablePointer<Float>, velocity: UnsafeMutablePointer<Float>,
    _ gradient: UnsafePointer<Float>, count: Int, scale: Float, rate: Float, momentum: Float,
    decay: Float, nesterov: Bool
  ) {
    learning_sgd_momentum_f32(
      parameters, velocity, gradient, count, scale, rate, momentum, decay, nesterov ? 1 : 0)
  }

  static func adamStep(
    _ parameters: UnsafeMutablePointer<Float>, first: UnsafeMutablePointer<Float>,
    second: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, count: Int,
    _ factors: AdamFactors<Float>
  ) {
    learning_adam_f32(
      parameters, first, second, gradient, count, factors.scale, factors.decay, factors.keep,
      factors.beta1, factors.rest1, factors.beta2, factors.rest2, factors.rate, factors.root,
      factors.epsilon)
  }
}

extension Double: OptimizerKernels {
  static func sgdStep(
    _ parameters: UnsafeMutablePointer<Double>, _ gradient: UnsafePointer<Double>, count: Int,
    scale: Double, rate: Double, decay: Double
  ) {
    learning_sgd_f64(parameters, gradient, count, scale, rate, decay)
  }

  static func sgdStep(
    _ parameters: UnsafeMutablePointer<Double>, velocity: UnsafeMutablePointer<Double>,
    _ gradient: UnsafePointer<Double>, count: Int, scale: Double, rate: Double, momentum: Double,
    decay: Double, nesterov: Bool
  ) {
    learning_sgd_momentum_f64(
      parameters, velocity, gradient, count, scale, rate, momentum, decay, nesterov ? 1 : 0)
  }

  static func adamStep(
    _ parameters: UnsafeMutablePointer<Double>, first: UnsafeMutablePointer<Double>,
    second: UnsafeMutablePointer<Double>, _ gradient: UnsafePointer<Double>, count: Int,
    _ factors: AdamFactors<Double>
  ) {
    learning_adam_f64(
      parameters, first, second, gradient, count, factors.scale, factors.decay, factors.keep,
      factors.beta1, factors.rest1, factors.beta2, factors.rest2, factors.rate, factors.root,
      factors.epsilon)
  }
}
