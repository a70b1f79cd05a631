import Learning
import Randomness

/// A convolution by its definition: one loop over every product of an input, a weight and an output.
struct PlainConvolution {
  let shape: ConvolutionOperation
  let rows: Int

  /// Calls `term` with the places of an input, a weight and an output that meet, and their example.
  private func forEachTerm(_ term: (_ x: Int, _ w: Int, _ y: Int, _ row: Int) -> Void) {
    let s = shape
    let (inGroup, outGroup) = (s.inChannels / s.groups, s.outChannels / s.groups)
    for n in 0..<rows {
      for i in 0..<s.outHeight {
        for j in 0..<s.outWidth {
          for k in 0..<s.kernelHeight {
            for l in 0..<s.kernelWidth {
              let h = i * s.strideHeight + k - s.paddingHeight
              let g = j * s.strideWidth + l - s.paddingWidth
              guard (0..<s.inHeight).contains(h), (0..<s.inWidth).contains(g) else { continue }
              for o in 0..<s.outChannels {
                for c in 0..<inGroup {
                  let x = ((n * s.inHeight + h) * s.inWidth + g) * s.inChannels
                  let w = ((o * inGroup + c) * s.kernelHeight + k) * s.kernelWidth + l
                  let y = ((n * s.outHeight + i) * s.outWidth + j) * s.outChannels + o
                  term(x + o / outGroup * inGroup + c, w, y, n)
                }
              }
            }
          }
        }
      }
    }
  }

  /// `conv(x, w) + b`, with the bias after the weight in `w`.
  func forward(_ x: [Double], _ w: [Double]) -> [Double] {
    var y = [Double](repeating: 0, count: rows * shape.outputs)
    if shape.bias {
      for i in y.indices { y[i] = w[shape.weightCount + i % shape.outChannels] }
    }
    forEachTerm { i, j, k, _ in y[k] += x[i] * w[j] }
    return y
  }

  /// `convT(dy, w)`.
  func inputGradient(_ dy: [Double], _ w: [Double]) -> [Double] {
    var dx = [Double](repeating: 0, count: rows * shape.inputs)
    forEachTerm { i, j, k, _ in dx[i] += dy[k] * w[j] }
    return dx
  }

  /// `corr(x, dy)` and the bias's gradient, of every example.
  func parameterGradients(_ x: [Double], _ dy: [Double], bias: Bool = true) -> [[Double]] {
    let count = shape.weightCount + (shape.bias ? shape.outChannels : 0)
    var dw = [[Double]](repeating: [Double](repeating: 0, count: count), count: rows)
    forEachTerm { i, j, k, n in dw[n][j] += x[i] * dy[k] }
    if shape.bias && bias {
      for k in dy.indices {
        dw[k / shape.outputs][shape.weightCount + k % shape.outChannels] += dy[k]
      }
    }
    return dw
  }
}

extension ConvolutionOperation {
  /// Weights and biases.
  var count: Int { weightCount + (bias ? outChannels : 0) }

  /// Values in [-1, 1) for every pass; the sinks hold some too.
  func randomInputs(
    rows: Int, reserved: Int? = nil, xTangent: Bool = true, alpha: Double = 1, beta: Double = 0,
    seed: UInt64
  ) -> OperationInputs<Double> {
    var generator = Generator(seed: seed)
    func values(_ count: Int) -> [Double] { (0..<count).map { _ in generator.uniform() * 2 - 1 } }
    return OperationInputs(
      rows: rows, reservedRows: reserved ?? rows, x: values(rows * inputs), w: values(count),
      dy: values(rows * outputs), v: values(count),
      xTangent: xTangent ? values(rows * inputs) : nil, dyTangent: values(rows * outputs),
      target: values(count), alpha: alpha, beta: beta)
  }
}
