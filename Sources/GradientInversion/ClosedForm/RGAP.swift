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
/// Under the softmax of several classes 1 becomes one equation for the label's own derivative
/// (`RGAPHead`), and 2 divides the label's row; the rest is the same.
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
    guard chain.classes == 1 else {
      throw .unsuitableModel(method: "R-GAP of a signed label", reason: "it has several classes")
    }
    let weights = try Self.weights(gradient, parameters, network, chain)
    let product = zip(gradient[chain.dense], weights[chain.dense]).reduce(0) { $0 + $1.0 * $1.1 }
    let found = Self.roots(product).map { root in
      let k = (isPositive ? -1.0 : 1.0) / (1 + exp(root))
      return chain.solve(
        output: gradient[chain.dense].map { $0 / k }, derivatives: [k], gradient, weights)
    }
    inputs = found.map { $0.input.map { Float($0) } }
    layers = found.first?.layers ?? []
  }

  /// Attacks the gradient of one example under the cross-entropy of several classes.
  ///
  /// - Parameters:
  ///   - gradient: Of the whole model.
  ///   - label: The example's class; ``label(_:of:)`` reads it off the gradient of three or more.
  /// - Throws: `InversionError` for a model of another kind, a label out of range, a gradient that
  ///   does not fit or vanishes.
  /// - Complexity: O(unknowns^3) a layer, so for small images.
  public init(
    _ gradient: [Double], parameters: Vector, network: Network, label: Int32
  ) throws(InversionError) {
    let chain = try RGAPChain(network)
    guard chain.classes >= 2 else {
      throw .unsuitableModel(method: "R-GAP of a class", reason: "it has a single output")
    }
    guard label >= 0, Int(label) < chain.classes else {
      throw .invalid(
        what: "the label", got: "\(label)", requirement: "must be from 0 to \(chain.classes - 1)")
    }
    let weights = try Self.weights(gradient, parameters, network, chain)
    let own = Array(gradient[chain.row(Int(label))])
    guard own.contains(where: { $0 != 0 }) else {
      throw .zeroGradient(what: "the last layer's gradient of class \(label)")
    }
    func products(_ values: [Double]) -> [Double] {
      (0..<chain.classes).map { c in
        zip(values[chain.row(c)], own).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    let head = RGAPHead(
      label: Int(label), outputs: products(weights), gradients: products(gradient))
    let found = head.roots.map { k in
      chain.solve(
        output: own.map { $0 / k }, derivatives: head.derivatives(k), gradient, weights)
    }
    inputs = found.map { $0.input.map { Float($0) } }
    layers = found.first?.layers ?? []
  }

  /// The class of a single example: its row of the last layer's gradient is the sum of all others
  /// turned around, so it is the longest. Nil for two classes, whose rows are as long.
  ///
  /// - Throws: `InversionError` for a model of another kind or a gradient that does not fit.
  public static func label(
    _ gradient: [Double], of network: Network
  ) throws(InversionError) -> Int32? {
    let chain = try RGAPChain(network)
    guard gradient.count == network.parameterCount else {
      throw .sizeMismatch(
        what: "values of the gradient", got: gradient.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
    guard chain.classes >= 3 else { return nil }
    let lengths = (0..<chain.classes).map { c in
      gradient[chain.row(c)].reduce(0) { $0 + $1 * $1 }
    }
    return lengths.indices.max { lengths[$0] < lengths[$1] }.map { Int32($0) }
  }

  /// The weights, after a look at everything's size.
  private static func weights(
    _ gradient: [Double], _ parameters: Vector, _ network: Network, _ chain: RGAPChain
  ) throws(InversionError) -> [Double] {
    guard gradient.count == network.parameterCount, parameters.count == gradient.count else {
      throw .sizeMismatch(
        what: "values of the gradient", got: gradient.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
    guard gradient[chain.dense].contains(where: { $0 != 0 }) else {
      throw .zeroGradient(what: "the last layer's gradient")
    }
    return parameters.array.map { Double($0) }
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
