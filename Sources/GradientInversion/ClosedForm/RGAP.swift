internal import Glibc
public import Learning
public import Tensors

/// Recursive gradient attack: one example's input, layer by layer from the loss, by linear algebra.
///
/// For a chain of convolutions with leaky rectifiers and one dense output, all without biases,
/// under the logistic loss with label y = +-1 and output z:
///
/// 1. `<dL/dW, W> = k z = -m / (1 + e^m)` with `m = y z` and `k = dL/dz = -y / (1 + e^m)` is solved
///    for m. Below 0 there are two roots. Both are followed, and no equation tells them apart:
///    leaky rectifiers carry a factor through, so the two examples are multiples of each other.
///    Which of them is an image is for the valid range to say.
/// 2. The dense layer's input is `dL/dW / k`.
/// 3. Going back, the rectifier is inverted, and a convolution's input u solves the gradient rows
///    `corr(u, dz) = dL/dW` and the weight rows `conv(u, W) = z` together, in the least-squares
///    sense.
///
/// The rank of those rows over the number of unknowns says how much of a layer's input the gradient
/// determines; where every layer's is full, the example is exact.
///
/// Source: Zhu, Blaschko, R-GAP: recursive gradient attack on privacy, ICLR 2021, sections 3.2 to
/// 3.4.
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
  /// - Throws: `InversionError` for a model of another kind, a gradient that does not fit or
  ///   vanishes.
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
