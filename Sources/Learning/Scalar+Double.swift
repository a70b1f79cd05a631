import CKernels

extension Double: Scalar {
  static func denseForward(
    _ x: UnsafePointer<Double>, _ weight: UnsafePointer<Double>, _ bias: UnsafePointer<Double>?,
    into y: UnsafeMutablePointer<Double>, rows: Int, inputs: Int, outputs: Int
  ) {
    learning_dense_forward_f64(x, weight, bias, y, rows, inputs, outputs)
  }

  static func denseInput(
    _ dy: UnsafePointer<Double>, _ weight: UnsafePointer<Double>,
    into dx: UnsafeMutablePointer<Double>,
    rows: Int, inputs: Int, outputs: Int, adding: Bool
  ) {
    learning_dense_input_f64(dy, weight, dx, rows, inputs, outputs, adding ? 1 : 0)
  }

  static func denseWeight(
    _ dy: UnsafePointer<Double>, _ x: UnsafePointer<Double>, weight: UnsafeMutablePointer<Double>,
    bias: UnsafeMutablePointer<Double>?, rows: Int, inputs: Int, outputs: Int, alpha: Double,
    beta: Double
  ) {
    learning_dense_weight_f64(dy, x, weight, bias, rows, inputs, outputs, alpha, beta)
  }

  static func relu(_ x: UnsafeMutablePointer<Double>, count: Int) {
    learning_relu_f64(x, count)
  }

  static func reluInput(
    _ y: UnsafePointer<Double>, _ dx: UnsafeMutablePointer<Double>, count: Int
  ) {
    learning_relu_input_f64(y, dx, count)
  }

  static func softmaxCrossEntropy(
    _ logits: UnsafePointer<Double>, _ labels: UnsafePointer<Int32>,
    gradient: UnsafeMutablePointer<Double>, rows: Int, classes: Int, scale: Double,
    losses: UnsafeMutablePointer<Double>?
  ) {
    learning_softmax_f64(logits, labels, gradient, rows, classes, scale, losses)
  }

  static func topClass(
    _ logits: UnsafePointer<Double>, into top: UnsafeMutablePointer<Int32>, rows: Int, classes: Int
  ) {
    learning_top_f64(logits, top, rows, classes)
  }

  static func momentumStep(
    _ parameters: UnsafeMutablePointer<Double>, _ velocity: UnsafeMutablePointer<Double>,
    count: Int,
    rate: Double, decay: Double
  ) {
    learning_momentum_f64(parameters, velocity, count, rate, decay)
  }

  static func isFinite(_ x: UnsafePointer<Double>, count: Int) -> Bool {
    learning_is_finite_f64(x, count) != 0
  }

  static func copy(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Double>, count: Int
  ) {
    for i in 0..<count { target[i] = Double(source[i]) }
  }

  static func scratch(of workspace: Workspace) -> Scratch<Double> { workspace.double }
}
