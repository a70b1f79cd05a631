import CKernels

extension Float: Scalar {
  static func denseForward(
    _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, rows: Int, inputs: Int, outputs: Int
  ) {
    learning_dense_forward_f32(x, weight, bias, y, rows, inputs, outputs)
  }

  static func denseInput(
    _ dy: UnsafePointer<Float>, _ weight: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>,
    rows: Int, inputs: Int, outputs: Int, adding: Bool
  ) {
    learning_dense_input_f32(dy, weight, dx, rows, inputs, outputs, adding ? 1 : 0)
  }

  static func denseWeight(
    _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, weight: UnsafeMutablePointer<Float>,
    bias: UnsafeMutablePointer<Float>?, rows: Int, inputs: Int, outputs: Int, alpha: Float,
    beta: Float
  ) {
    learning_dense_weight_f32(dy, x, weight, bias, rows, inputs, outputs, alpha, beta)
  }

  static func relu(_ x: UnsafeMutablePointer<Float>, count: Int) {
    learning_relu_f32(x, count)
  }

  static func reluInput(
    _ y: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, count: Int
  ) {
    learning_relu_input_f32(y, dx, count)
  }

  static func softmaxCrossEntropy(
    _ logits: UnsafePointer<Float>, _ labels: UnsafePointer<Int32>,
    gradient: UnsafeMutablePointer<Float>, rows: Int, classes: Int, scale: Float,
    losses: UnsafeMutablePointer<Double>?
  ) {
    learning_softmax_f32(logits, labels, gradient, rows, classes, scale, losses)
  }

  static func topClass(
    _ logits: UnsafePointer<Float>, into top: UnsafeMutablePointer<Int32>, rows: Int, classes: Int
  ) {
    learning_top_f32(logits, top, rows, classes)
  }

  static func momentumStep(
    _ parameters: UnsafeMutablePointer<Float>, _ velocity: UnsafeMutablePointer<Float>, count: Int,
    rate: Float, decay: Float
  ) {
    learning_momentum_f32(parameters, velocity, count, rate, decay)
  }

  static func isFinite(_ x: UnsafePointer<Float>, count: Int) -> Bool {
    learning_is_finite_f32(x, count) != 0
  }

  static func copy(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    target.update(from: source, count: count)
  }

  static func scratch(of workspace: Workspace) -> Scratch<Float> { workspace.float }
}
