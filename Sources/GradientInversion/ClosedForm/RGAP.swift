internal import Glibc
public import Learning
public import Tensors

/// Recursive gradient attack: one example's input, layer by layer from the loss, by linear algebra.
///
/// For a chain of convolutions with leaky rectifiers and one dense output, all without biases, under the
/// logistic loss with label y = +-1 and output z:
///
/// 1. `<dL/dW, W> = k z = -m / (1 + e^m)` with `m = y z` and `k = dL/dz = -y / (1 + e^m)` is solved
///    for m. Below 0 there are two roots. Both are followed, and no equation tells them apart: leaky
///    rectifiers carry a factor through, so the two examples are multiples of each other. Which of them
///    is an image is for the valid range to say.
/// 2. The dense layer's input is `dL/dW / k`.
/// 3. Going back, the rectifier is inverted, and a convolution's input u solves the gradient rows
///    `corr(u, dz) = dL/dW` and the weight rows `conv(u, W) = z` together, in the least-squares sense.
///
/// The rank of those rows over the number of unknowns says how much of a layer's input the gradient
/// determines; where every layer's is full, the example is exact.
///
/// Source: Zhu, Blaschko, R-GAP: recursive gradient attack on privacy, ICLR 2021, sections 3.2 to 3.4.
public struct RGAP: Sendable {
  /// One layer's equations.
  public struct LayerRank: Sendable, Hashable {
    /// Unknowns: values of the layer's input.
    public let unknowns: Int
    /// Independent equations among them.
    public let rank: Int
    /// The root mean square of what the equations leave, with rows scaled to unit length.
    public let residual: Double
  }

  /// An example for each root.
  public let inputs: [[Float]]
  /// The convolutions' equations, from the last to the first; those of the first root.
  public let layers: [LayerRank]

  /// Whether every layer's equations determine its input.
  public var isDetermined: Bool { layers.allSatisfy { $0.rank == $0.unknowns } }

  /// Attacks the gradient of one example.
  ///
  /// - Parameters:
  ///   - gradient: Of the whole model.
  ///   - isPositive: The label, y = +1 or -1.
  /// - Throws: `InversionError` for a model of another kind, a gradient that does not fit or vanishes.
  /// - Complexity: O(unknowns^3) a layer, so for small images.
  public init(
    _ gradient: [Double], parameters: Vector, network: Network, isPositive: Bool
  ) throws(InversionError) {
    let chain = try RGAPChain(network)
    guard gradient.count == network.parameterCount, parameters.count == gradient.count else {
      throw .sizeMismatch(
        what: "values of the gradient", got: gradient.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
    let weights = parameters.array.map { Double($0) }
    let product = zip(gradient[chain.dense], weights[chain.dense]).reduce(0) { $0 + $1.0 * $1.1 }
    guard gradient[chain.dense].contains(where: { $0 != 0 }) else {
      throw .zeroGradient(what: "the last layer's gradient")
    }
    let found = Self.roots(product).map { root in
      let k = (isPositive ? -1.0 : 1.0) / (1 + exp(root))
      return chain.solve(
        output: gradient[chain.dense].map { $0 / k }, derivative: k, gradient, weights)
    }
    inputs = found.map { $0.input.map { Float($0) } }
    layers = found.first?.layers ?? []
  }

  /// The solutions of `-m / (1 + e^m) = s`, at least one.
  static func roots(_ s: Double) -> [Double] {
    func f(_ m: Double) -> Double { -m / (1 + exp(m)) }
    /// `f` falls or rises on the whole interval.
    func bisect(_ from: Double, _ to: Double) -> Double {
      var (low, high) = (from, to)
      let rises = f(to) > f(from)
      for _ in 0..<200 {
        let middle = (low + high) / 2
        if (f(middle) < s) == rises { low = middle } else { high = middle }
      }
      return (low + high) / 2
    }
    // f falls to its minimum, where e^m (m - 1) = 1, and rises to 0 from there.
    let lowest = 1.278_464_542_761_073_8
    if s >= 0 { return [bisect(-2 * s - 2, 0)] }
    guard s > f(lowest) else { return [lowest] }
    return [bisect(0, lowest), bisect(lowest, 800)]
  }
}

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

  init(_ network: Network) throws(InversionError) {
    func unsuitable(_ reason: String) -> InversionError {
      .unsuitableModel(method: "R-GAP", reason: reason)
    }
    guard network.loss == .binaryCrossEntropy, network.classes == 1 else {
      throw unsuitable("it needs one output under the binary cross-entropy")
    }
    let segments = network.layout.segments
    guard segments.allSatisfy({ $0.kind == .weight }) else {
      throw unsuitable("it has biases or norms")
    }
    guard network.inputShape.count == 3 else { throw unsuitable("its input is no image") }
    var shape = network.inputShape
    var found: [Convolved] = []
    var layers = network.layers.filter { $0 != .flatten }[...]
    guard case .dense(1, false) = layers.popLast() else {
      throw unsuitable("it does not end in a dense layer of one output without a bias")
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
  }

  /// Goes back from the dense layer's input and `dL/dz` of its output.
  func solve(
    output: [Double], derivative: Double, _ gradient: [Double], _ weights: [Double]
  ) -> (input: [Double], layers: [RGAP.LayerRank]) {
    var values = output
    var derivatives = weights[dense].map { $0 * derivative }
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

/// Rows of `a x = b`, each of unit length.
struct RGAPEquations {
  var rows: [[Double]] = []
  var right: [Double] = []

  mutating func append(_ row: [Double], _ value: Double) {
    let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard norm > 0 else { return }
    rows.append(row.map { $0 / norm })
    right.append(value / norm)
  }

  /// The solution of least norm, and what the rows determine.
  func solved(unknowns: Int) -> (solution: [Double], rank: RGAP.LayerRank) {
    let a = SmallMatrix(rows)
    let transposed = a.transposed
    let normal = SmallMatrix.product(transposed, a)
    guard !rows.isEmpty, let eigen = normal.symmetricEigen, let largest = eigen.values.last else {
      return (
        [Double](repeating: 0, count: unknowns),
        RGAP.LayerRank(unknowns: unknowns, rank: 0, residual: .infinity)
      )
    }
    let b = SmallMatrix(rows: right.count, columns: 1, entries: right)
    let projected = SmallMatrix.product(transposed, b).entries
    var solution = [Double](repeating: 0, count: unknowns)
    var rank = 0
    for (index, value) in eigen.values.enumerated() where value > 1e-13 * largest {
      rank += 1
      let vector = eigen.vectors.row(index)
      let share = zip(vector, projected).reduce(0) { $0 + $1.0 * $1.1 } / value
      for place in solution.indices { solution[place] += share * vector[place] }
    }
    let left = SmallMatrix.product(
      a, SmallMatrix(rows: unknowns, columns: 1, entries: solution)
    ).entries
    let squares = zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (
      solution,
      RGAP.LayerRank(
        unknowns: unknowns, rank: rank, residual: (squares / Double(rows.count)).squareRoot())
    )
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
