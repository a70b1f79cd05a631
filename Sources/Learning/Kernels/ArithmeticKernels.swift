import CKernels

/// Plain arithmetic on arrays.
protocol ArithmeticKernels {
  /// `out = a + b`.
  static func sum(
    _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, into out: UnsafeMutablePointer<Self>,
    count: Int)
  /// `target += source`.
  static func add(_ source: UnsafePointer<Self>, to target: UnsafeMutablePointer<Self>, count: Int)
  /// `out = a b`, value by value.
  static func multiply(
    _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, into out: UnsafeMutablePointer<Self>,
    count: Int)
  /// `out = factor x`.
  static func scaled(
    _ x: UnsafePointer<Self>, by factor: Self, into out: UnsafeMutablePointer<Self>, count: Int)
  /// Multiplies row `r` by `factors[r]`.
  static func scaleRows(
    _ x: UnsafeMutablePointer<Self>, by factors: UnsafePointer<Self>, rows: Int, width: Int)
  /// The sum of squares.
  static func squaredNorm(_ x: UnsafePointer<Self>, count: Int) -> Double
  /// Transposes `rows` blocks of `m` x `n`.
  static func transpose(
    _ x: UnsafePointer<Self>, into out: UnsafeMutablePointer<Self>, rows: Int, from m: Int,
    by n: Int)
}

extension Float: ArithmeticKernels {
  static func sum(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    learning_sum_f32(a, b, out, count)
  }

  static func add(
    _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    learning_add_f32(source, target, count)
  }

  static func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    learning_multiply_f32(a, b, out, count)
  }

  static func scaled(
    _ x: UnsafePointer<Float>, by factor: Float, into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    learning_scaled_f32(x, factor, out, count)
  }

  static func scaleRows(
    _ x: UnsafeMutablePointer<Float>, by factors: UnsafePointer<Float>, rows: Int, width: Int
  ) {
    learning_scale_rows_f32(x, factors, rows, width)
  }

  static func squaredNorm(_ x: UnsafePointer<Float>, count: Int) -> Double {
    learning_squared_norm_f32(x, count)
  }

  static func transpose(
    _ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, rows: Int, from m: Int,
    by n: Int
  ) {
    learning_transpose_f32(x, out, rows, m, n)
  }
}

extension Double: ArithmeticKernels {
  static func sum(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>,
    count: Int
  ) {
    learning_sum_f64(a, b, out, count)
  }

  static func add(
    _ source: UnsafePointer<Double>, to target: UnsafeMutablePointer<Double>, count: Int
  ) {
    learning_add_f64(source, target, count)
  }

  static func multiply(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>,
    count: Int
  ) {
    learning_multiply_f64(a, b, out, count)
  }

  static func scaled(
    _ x: UnsafePointer<Double>, by factor: Double, into out: UnsafeMutablePointer<Double>,
    count: Int
  ) {
    learning_scaled_f64(x, factor, out, count)
  }

  static func scaleRows(
    _ x: UnsafeMutablePointer<Double>, by factors: UnsafePointer<Double>, rows: Int, width: Int
  ) {
    learning_scale_rows_f64(x, factors, rows, width)
  }

  static func squaredNorm(_ x: UnsafePointer<Double>, count: Int) -> Double {
    learning_squared_norm_f64(x, count)
  }

  static func transpose(
    _ x: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, rows: Int, from m: Int,
    by n: Int
  ) {
    learning_transpose_f64(x, out, rows, m, n)
  }
}
