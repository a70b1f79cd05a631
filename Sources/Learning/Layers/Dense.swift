/// A fully connected layer: `y = x W' + b` for a batch `x` of rows.
///
/// Parameters are `W`, `outputs` x `inputs` row-major as in PyTorch, then `b`. With `dy = dL/dy`:
/// `dx = dy W`, `dW = dy' x`, `db =` column sums of `dy`.
public struct Dense: Sendable, Hashable {
  /// Features of one example coming in.
  public let inputs: Int
  /// Features of one example going out.
  public let outputs: Int

  /// A layer from `inputs` to `outputs` features, each at least 1.
  public init(inputs: Int, outputs: Int) {
    precondition(inputs >= 1 && outputs >= 1, "a dense layer needs inputs and outputs")
    self.inputs = inputs
    self.outputs = outputs
  }

  /// `outputs * inputs` weights and `outputs` biases.
  public var parameterCount: Int { outputs * inputs + outputs }

  /// The segments of this layer, called `name`, when its parameters start at `offset`.
  func segments(named name: String, at offset: Int, role: SegmentRole) -> [Segment] {
    [
      Segment(
        name: "\(name).weight", offset: offset, shape: [outputs, inputs], kind: .weight, role: role),
      Segment(
        name: "\(name).bias", offset: offset + outputs * inputs, shape: [outputs], kind: .bias,
        role: role),
    ]
  }

  /// Every initial weight and bias is uniform in `[-bound, bound)`: PyTorch's default, Kaiming's
  /// uniform rule with a = sqrt(5) (torch.nn.Linear).
  var initialBound: Double { 1 / Double(inputs).squareRoot() }

  func forward<S: Scalar>(
    _ x: UnsafePointer<S>, parameters: UnsafePointer<S>, into y: UnsafeMutablePointer<S>,
    rows: Int
  ) {
    S.denseForward(
      x, parameters, parameters + outputs * inputs, into: y, rows: rows, inputs: inputs,
      outputs: outputs)
  }

  /// Takes the input gradient before it touches the sink, which may be the parameters themselves.
  func backward<S: Scalar>(
    _ dy: UnsafePointer<S>, input x: UnsafePointer<S>, parameters: UnsafePointer<S>,
    into dx: UnsafeMutablePointer<S>?, sink: GradientSink<S>, rows: Int
  ) {
    if let dx {
      S.denseInput(dy, parameters, into: dx, rows: rows, inputs: inputs, outputs: outputs)
    }
    S.denseWeight(
      dy, x, weight: sink.target, bias: sink.target + outputs * inputs, rows: rows,
      inputs: inputs, outputs: outputs, alpha: sink.alpha, beta: sink.beta)
  }
}
