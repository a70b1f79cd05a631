internal import Learning

/// The model as R-GAP walks through it.
struct RGAPChain {
  struct Convolved {
    let convolution: Convolution
    let channels: Int
    let height: Int
    let width: Int
    let outHeight: Int
    let outWidth: Int
    let slope: Double
    let weight: Range<Int>

    var unknowns: Int { channels * height * width }
  }

  let convolutions: [Convolved]
  let dense: Range<Int>
  let classes: Int

  init(_ network: Network) throws(InversionError) {
    func unsuitable(_ reason: String) -> InversionError {
      .unsuitableModel(method: "R-GAP", reason: reason)
    }
    let isSoftmax = network.loss == .crossEntropy() && network.classes >= 2
    guard isSoftmax || (network.loss == .binaryCrossEntropy && network.classes == 1) else {
      throw unsuitable(
        "it needs one output under the binary cross-entropy, or several under the plain cross-entropy"
      )
    }
    let segments = network.layout.segments
    guard segments.allSatisfy({ $0.kind == .weight }) else {
      throw unsuitable("it has biases or norms")
    }
    guard network.inputShape.count == 3 else { throw unsuitable("its input is no image") }
    var shape = network.inputShape
    var found: [Convolved] = []
    var layers = network.layers.filter { $0 != .flatten }[...]
    guard case .dense(network.classes, false) = layers.popLast() else {
      throw unsuitable("it does not end in a dense layer without a bias")
    }
    while let layer = layers.popFirst() {
      guard case .convolution(let convolution) = layer, convolution.groups == 1,
        case .activation(.leakyReLU(let slope)) = layers.popFirst(), slope > 0
      else {
        throw unsuitable("it is no chain of convolutions with leaky rectifiers")
      }
      func out(_ size: Int, _ kernel: Int, _ padding: Int, _ stride: Int) -> Int {
        (size + 2 * padding - kernel) / stride + 1
      }
      let height = out(
        shape[1], convolution.kernel.height, convolution.padding.height, convolution.stride.height)
      let width = out(
        shape[2], convolution.kernel.width, convolution.padding.width, convolution.stride.width)
      found.append(
        Convolved(
          convolution: convolution, channels: shape[0], height: shape[1], width: shape[2],
          outHeight: height, outWidth: width, slope: slope, weight: segments[found.count].range))
      shape = [convolution.outputs, height, width]
    }
    convolutions = found
    dense = segments[found.count].range
    classes = network.classes
  }

  /// The places of one class's weights in the dense layer.
  func row(_ label: Int) -> Range<Int> {
    let width = dense.count / classes
    return (dense.lowerBound + label * width)..<(dense.lowerBound + (label + 1) * width)
  }

  /// Goes back from the dense layer's input and `dL/dz` of its outputs.
  func solve(
    output: [Double], derivatives outer: [Double], _ gradient: [Double], _ weights: [Double]
  ) -> (input: [Double], layers: [RGAP.LayerRank]) {
    var values = output
    var derivatives = [Double](repeating: 0, count: output.count)
    for (label, derivative) in outer.enumerated() {
      for (place, weight) in weights[row(label)].enumerated() {
        derivatives[place] += weight * derivative
      }
    }
    var ranks: [RGAP.LayerRank] = []
    for layer in convolutions.reversed() {
      for index in values.indices where values[index] < 0 {
        values[index] /= layer.slope
        derivatives[index] *= layer.slope
      }
      let kernel = Array(weights[layer.weight])
      let (system, back) = layer.equations(
        values: values, derivatives: derivatives, kernel: kernel,
        gradient: Array(gradient[layer.weight]))
      let (solution, rank) = system.solved(unknowns: layer.unknowns)
      values = solution
      derivatives = back
      ranks.append(rank)
    }
    return (values, ranks)
  }
}

extension RGAPChain.Convolved {
  /// The gradient rows and weight rows of the input, and `dL/dinput`.
  func equations(
    values: [Double], derivatives: [Double], kernel: [Double], gradient: [Double]
  ) -> (system: RGAPEquations, back: [Double]) {
    let size = convolution.kernel
    let kernelCount = channels * size.height * size.width
    var back = [Double](repeating: 0, count: unknowns)
    var weightRows = [[Double]](
      repeating: [Double](repeating: 0, count: unknowns), count: values.count)
    var gradientRows = [[Double]](
      repeating: [Double](repeating: 0, count: unknowns), count: kernel.count)
    for out in 0..<convolution.outputs {
      for row in 0..<outHeight {
        for column in 0..<outWidth {
          let position = (out * outHeight + row) * outWidth + column
          for channel in 0..<channels {
            for i in 0..<size.height {
              let y = row * convolution.stride.height + i - convolution.padding.height
              guard y >= 0, y < height else { continue }
              for j in 0..<size.width {
                let x = column * convolution.stride.width + j - convolution.padding.width
                guard x >= 0, x < width else { continue }
                let place = (channel * height + y) * width + x
                let tap = out * kernelCount + (channel * size.height + i) * size.width + j
                weightRows[position][place] += kernel[tap]
                gradientRows[tap][place] += derivatives[position]
                back[place] += derivatives[position] * kernel[tap]
              }
            }
          }
        }
      }
    }
    var system = RGAPEquations()
    for (row, value) in zip(weightRows, values) { system.append(row, value) }
    for (row, value) in zip(gradientRows, gradient) { system.append(row, value) }
    return (system, back)
  }
}
