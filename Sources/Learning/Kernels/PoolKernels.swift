import CKernels

/// Pooling on channel-last images.
protocol PoolKernels {
  /// The largest value of each window and its number in the window.
  static func maxPool(
    _ pool: learning_pool, x: UnsafePointer<Self>, y: UnsafeMutablePointer<Self>,
    argument: UnsafeMutablePointer<Int32>, rows: Int)
  /// The values of `x` where the largest were.
  static func maxPoolGather(
    _ pool: learning_pool, x: UnsafePointer<Self>, argument: UnsafePointer<Int32>,
    y: UnsafeMutablePointer<Self>, rows: Int)
  /// Sends `dy` back to where the largest were.
  static func maxPoolScatter(
    _ pool: learning_pool, dy: UnsafePointer<Self>, argument: UnsafePointer<Int32>,
    dx: UnsafeMutablePointer<Self>, rows: Int)
  /// The mean of each window.
  static func averagePool(
    _ pool: learning_pool, x: UnsafePointer<Self>, y: UnsafeMutablePointer<Self>, rows: Int)
  /// Spreads `dy` over each window.
  static func averagePoolScatter(
    _ pool: learning_pool, dy: UnsafePointer<Self>, dx: UnsafeMutablePointer<Self>, rows: Int)
}

extension Float: PoolKernels {
  static func maxPool(
    _ pool: learning_pool, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
    argument: UnsafeMutablePointer<Int32>, rows: Int
  ) {
    var pool = pool
    learning_max_pool_f32(&pool, x, y, argument, rows)
  }

  static func maxPoolGather(
    _ pool: learning_pool, x: UnsafePointer<Float>, argument: UnsafePointer<Int32>,
    y: UnsafeMutablePointer<Float>, rows: Int
  ) {
    var pool = pool
    learning_max_pool_gather_f32(&pool, x, argument, y, rows)
  }

  static func maxPoolScatter(
    _ pool: learning_pool, dy: UnsafePointer<Float>, argument: UnsafePointer<Int32>,
    dx: UnsafeMutablePointer<Float>, rows: Int
  ) {
    var pool = pool
    learning_max_pool_scatter_f32(&pool, dy, argument, dx, rows)
  }

  static func averagePool(
    _ pool: learning_pool, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, rows: Int
  ) {
    var pool = pool
    learning_average_pool_f32(&pool, x, y, rows)
  }

  static func averagePoolScatter(
    _ pool: learning_pool, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, rows: Int
  ) {
    var pool = pool
    learning_average_pool_scatter_f32(&pool, dy, dx, rows)
  }
}

extension Double: PoolKernels {
  static func maxPool(
    _ pool: learning_pool, x: UnsafePointer<Double>, y: UnsafeMutablePointer<Double>,
    argument: UnsafeMutablePointer<Int32>, rows: Int
  ) {
    var pool = pool
    learning_max_pool_f64(&pool, x, y, argument, rows)
  }

  static func maxPoolGather(
    _ pool: learning_pool, x: UnsafePointer<Double>, argument: UnsafePointer<Int32>,
    y: UnsafeMutablePointer<Double>, rows: Int
  ) {
    var pool = pool
    learning_max_pool_gather_f64(&pool, x, argument, y, rows)
  }

  static func maxPoolScatter(
    _ pool: learning_pool, dy: UnsafePointer<Double>, argument: UnsafePointer<Int32>,
    dx: UnsafeMutablePointer<Double>, rows: Int
  ) {
    var pool = pool
    learning_max_pool_scatter_f64(&pool, dy, argument, dx, rows)
  }

  static func averagePool(
    _ pool: learning_pool, x: UnsafePointer<Double>, y: UnsafeMutablePointer<Double>, rows: Int
  ) {
    var pool = pool
    learning_average_pool_f64(&pool, x, y, rows)
  }

  static func averagePoolScatter(
    _ pool: learning_pool, dy: UnsafePointer<Double>, dx: UnsafeMutablePointer<Double>, rows: Int
  ) {
    var pool = pool
    learning_average_pool_scatter_f64(&pool, dy, dx, rows)
  }
}
