import Learning
import Testing

@Suite("Convolution")
struct ConvolutionTests {
  /// (channels, height, width, out channels, kernel, stride, padding, groups, bias, rows)
  private static func shape(
    _ c: Int, _ h: Int, _ w: Int, _ o: Int, kernel: (Int, Int), stride: (Int, Int) = (1, 1),
    padding: (Int, Int) = (0, 0), groups: Int = 1, bias: Bool = true
  ) -> ConvolutionOperation {
    ConvolutionOperation(
      inChannels: c, inHeight: h, inWidth: w, outChannels: o, kernelHeight: kernel.0,
      kernelWidth: kernel.1, strideHeight: stride.0, strideWidth: stride.1,
      paddingHeight: padding.0, paddingWidth: padding.1, groups: groups, bias: bias)
  }

  /// Output channels below, at and above whole vectors of either type; strides 1 to 3; padding 0
  /// to 2; one group, some, as many as channels; kernels of one value, of a line, of the image.
  static let shapes: [ConvolutionOperation] = [
    shape(1, 1, 1, 1, kernel: (1, 1)),
    shape(3, 5, 4, 2, kernel: (1, 1), stride: (2, 3)),
    shape(9, 3, 3, 17, kernel: (1, 1), bias: false),
    shape(1, 9, 8, 6, kernel: (5, 5)),
    shape(2, 6, 7, 5, kernel: (3, 2), stride: (2, 1), padding: (1, 0)),
    shape(3, 8, 8, 12, kernel: (5, 5), stride: (2, 2), padding: (2, 2)),
    shape(4, 7, 5, 16, kernel: (3, 3), padding: (1, 1), bias: false),
    shape(5, 6, 6, 20, kernel: (3, 3), stride: (3, 3), padding: (1, 2)),
    shape(20, 7, 7, 50, kernel: (5, 5)),
    shape(7, 9, 1, 21, kernel: (3, 1), padding: (2, 0)),
    shape(1, 18, 18, 20, kernel: (5, 5)),
    shape(2, 4, 3, 33, kernel: (4, 3)),
    shape(4, 5, 5, 6, kernel: (3, 3), padding: (1, 1), groups: 2),
    shape(6, 5, 6, 36, kernel: (3, 2), stride: (1, 2), padding: (0, 1), groups: 3),
    shape(5, 6, 5, 5, kernel: (3, 3), stride: (2, 1), padding: (2, 1), groups: 5),
    shape(3, 5, 5, 9, kernel: (2, 2), groups: 3, bias: false),
    shape(2, 3, 3, 4, kernel: (1, 1), padding: (2, 1)),
  ]

  /// The largest difference, in units of the largest expected value.
  private func error<T: BinaryFloatingPoint>(_ got: [T], _ expected: [Double]) -> Double {
    var worst = 0.0
    var scale = 1e-300
    guard got.count == expected.count else { return .infinity }
    for (a, b) in zip(got, expected) {
      let difference = abs(Double(a) - b)
      if !(difference <= worst) { worst = difference }
      scale = max(scale, abs(b))
    }
    return worst / scale
  }

  private func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }
  private func inner(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
  private func total(_ rows: [[Double]]) -> [Double] { rows.dropFirst().reduce(rows[0], sum) }

  @Test("a hand-worked example comes out exactly")
  func byHand() {
    let shape = Self.shape(1, 3, 3, 1, kernel: (2, 2))
    let inputs = OperationInputs<Double>(
      rows: 1, reservedRows: 1, x: [1, 2, 3, 4, 5, 6, 7, 8, 9], w: [1, 2, 3, 4, 10],
      dy: [1, 0, 0, 2], v: [1, 0, 0, 0, 5], xTangent: nil, dyTangent: [0, 1, 0, 0],
      target: [1, 1, 1, 1, 1], alpha: 2, beta: 10)
    let result = shape.trace(inputs)
    #expect(result.y == [47, 57, 77, 87])
    #expect(result.dx == [1, 2, 0, 3, 6, 4, 0, 6, 8])
    #expect(result.dw == [32, 38, 50, 56, 16])  // 10 + 2 [11, 14, 20, 23, 3]
    #expect(result.squaredNorms == [1255])
    #expect(result.yTangent == [6, 7, 9, 10])
    #expect(result.dxTangent == [1, 1, 2, 0, 5, 4, 0, 0, 0])
    #expect(result.dwTangent == [14, 16, 20, 22, 12])
  }

  @Test("every pass equals its definition", arguments: shapes, [true, false])
  func definition(shape: ConvolutionOperation, xTangent: Bool) {
    let rows = 3
    let (alpha, beta) = xTangent ? (-0.5, 0.75) : (1.0, 0.0)
    let inputs = shape.randomInputs(
      rows: rows, reserved: 4, xTangent: xTangent, alpha: alpha, beta: beta, seed: 11)
    let result = shape.trace(inputs)
    let plain = PlainConvolution(shape: shape, rows: rows)
    func sink(_ gradient: [Double]) -> [Double] {
      zip(gradient, inputs.target).map { alpha * $0 + beta * $1 }
    }

    #expect(error(result.y, plain.forward(inputs.x, inputs.w)) < 1e-14)
    #expect(error(result.dx, plain.inputGradient(inputs.dy, inputs.w)) < 1e-14)
    let gradients = plain.parameterGradients(inputs.x, inputs.dy)
    #expect(error(result.dw, sink(total(gradients))) < 1e-13)
    #expect(error(result.squaredNorms, gradients.map { inner($0, $0) }) < 1e-13)

    var yTangent = plain.forward(inputs.x, inputs.v)
    var dwTangent = total(plain.parameterGradients(inputs.x, inputs.dyTangent))
    if let tangent = inputs.xTangent {
      var unbiased = inputs.w
      for o in shape.weightCount..<shape.count { unbiased[o] = 0 }
      yTangent = sum(yTangent, plain.forward(tangent, unbiased))
      dwTangent = sum(
        dwTangent, total(plain.parameterGradients(tangent, inputs.dy, bias: false)))
    }
    #expect(error(result.yTangent, yTangent) < 1e-14)
    let dxTangent = sum(
      plain.inputGradient(inputs.dyTangent, inputs.w), plain.inputGradient(inputs.dy, inputs.v))
    #expect(error(result.dxTangent, dxTangent) < 1e-14)
    #expect(error(result.dwTangent, sink(dwTangent)) < 1e-13)
  }

  /// The bound is that of the longest sum, 500 terms, growing like its root: 500^0.5 2^-24 = 1.3e-6,
  /// with a factor of two to spare.
  @Test("single precision stays within 3e-6 of double", arguments: shapes)
  func single(shape: ConvolutionOperation) {
    let inputs = shape.randomInputs(rows: 2, alpha: 0.5, beta: 0.25, seed: 5)
    func single(_ values: [Double]) -> [Float] { values.map { Float($0) } }
    let rounded = OperationInputs<Float>(
      rows: 2, reservedRows: 2, x: single(inputs.x), w: single(inputs.w), dy: single(inputs.dy),
      v: single(inputs.v), xTangent: inputs.xTangent.map(single),
      dyTangent: single(inputs.dyTangent), target: single(inputs.target), alpha: 0.5, beta: 0.25)
    func double(_ values: [Float]) -> [Double] { values.map { Double($0) } }
    let expected = shape.trace(
      OperationInputs<Double>(
        rows: 2, reservedRows: 2, x: double(rounded.x), w: double(rounded.w),
        dy: double(rounded.dy), v: double(rounded.v), xTangent: rounded.xTangent.map(double),
        dyTangent: double(rounded.dyTangent), target: double(rounded.target), alpha: 0.5,
        beta: 0.25))
    let result = shape.trace(rounded)
    #expect(error(result.y, expected.y) < 3e-6)
    #expect(error(result.dx, expected.dx) < 3e-6)
    #expect(error(result.dw, expected.dw) < 3e-6)
    #expect(error(result.squaredNorms, expected.squaredNorms) < 3e-6)
    #expect(error(result.yTangent, expected.yTangent) < 3e-6)
    #expect(error(result.dxTangent, expected.dxTangent) < 3e-6)
    #expect(error(result.dwTangent, expected.dwTangent) < 3e-6)
  }

  /// <conv(x, w), dy> = <x, convT(dy, w)> = <w, corr(x, dy)>, and <convT(dy, v), u> = <corr(u, dy), v>:
  /// the tangent of the input gradient along v is the transpose of the tangent of the weight gradient.
  @Test("forward, input gradient and weight gradient are each other's adjoints", arguments: shapes)
  func adjoints(shape: ConvolutionOperation) throws {
    var inputs = shape.randomInputs(rows: 2, seed: 23)
    inputs.dyTangent = inputs.dyTangent.map { _ in 0 }
    let tangent = try #require(inputs.xTangent)
    for o in shape.weightCount..<shape.count {
      inputs.w[o] = 0
      inputs.v[o] = 0
    }
    let result = shape.trace(inputs)
    let products = inner(result.y, inputs.dy)
    let size = inner(inputs.x, inputs.x).squareRoot() * inner(result.dx, result.dx).squareRoot()
    #expect(abs(products - inner(inputs.x, result.dx)) < 1e-13 * (size + 1))
    #expect(abs(products - inner(inputs.w, result.dw)) < 1e-13 * (size + 1))
    let other = inner(tangent, tangent) + inner(result.dxTangent, result.dxTangent)
    let difference = inner(result.dxTangent, tangent) - inner(result.dwTangent, inputs.v)
    #expect(abs(difference) < 1e-13 * (other + 1))
  }

  @Test("beta = 0 does not read the target", arguments: shapes)
  func blindSink(shape: ConvolutionOperation) {
    var inputs = shape.randomInputs(rows: 2, alpha: 3, seed: 7)
    let expected = shape.trace(inputs)
    inputs.target = inputs.target.map { _ in .nan }
    let result = shape.trace(inputs)
    #expect(result.dw == expected.dw)
    #expect(result.dwTangent == expected.dwTangent)
  }

  @Test("an example's results do not depend on the rest of the batch", arguments: shapes)
  func independentRows(shape: ConvolutionOperation) {
    let inputs = shape.randomInputs(rows: 5, seed: 31)
    let whole = shape.trace(inputs)
    func part(_ values: [Double], _ size: Int, _ row: Int) -> [Double] {
      Array(values[row * size..<(row + 1) * size])
    }
    for row in [0, 3, 4] {
      var own = inputs
      own.rows = 1
      own.x = part(inputs.x, shape.inputs, row)
      own.dy = part(inputs.dy, shape.outputs, row)
      own.xTangent = inputs.xTangent.map { part($0, shape.inputs, row) }
      own.dyTangent = part(inputs.dyTangent, shape.outputs, row)
      let alone = shape.trace(own)
      #expect(alone.y == part(whole.y, shape.outputs, row))
      #expect(alone.dx == part(whole.dx, shape.inputs, row))
      #expect(alone.squaredNorms == [whole.squaredNorms[row]])
      #expect(alone.yTangent == part(whole.yTangent, shape.outputs, row))
      #expect(alone.dxTangent == part(whole.dxTangent, shape.inputs, row))
    }
  }
}
