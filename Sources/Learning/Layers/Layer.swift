/// The layers a network can be made of: a closed set, so that a pass is a switch and not a dispatch
/// through protocols.
///
/// Each case has its own file, which holds its shapes and its passes side by side. Layers own no
/// memory: activations belong to the workspace and parameters to the flat vector.
public enum Layer: Sendable, Hashable {
  /// `y = x W' + b`.
  case dense(Dense)
  /// `y = max(x, 0)`.
  case relu(ReLU)

  /// Features of one example coming in.
  public var inputs: Int {
    switch self {
    case .dense(let layer): layer.inputs
    case .relu(let layer): layer.features
    }
  }

  /// Features of one example going out.
  public var outputs: Int {
    switch self {
    case .dense(let layer): layer.outputs
    case .relu(let layer): layer.features
    }
  }

  /// Length of its stretch of the parameter vector.
  public var parameterCount: Int {
    switch self {
    case .dense(let layer): layer.parameterCount
    case .relu: 0
    }
  }

  /// What its segments and error messages call it, before its order: `fc` in `fc1.weight`.
  public var kindName: String {
    switch self {
    case .dense: "fc"
    case .relu: "relu"
    }
  }

  /// Whether the output overwrites the input, so both live in one buffer.
  var worksInPlace: Bool {
    switch self {
    case .dense: false
    case .relu: true
    }
  }

  /// The segments of this layer, called `name`, when its parameters start at `offset`.
  func segments(named name: String, at offset: Int, role: SegmentRole) -> [Segment] {
    switch self {
    case .dense(let layer): layer.segments(named: name, at: offset, role: role)
    case .relu: []
    }
  }

  /// Bound of the uniform distribution that initial parameters come from.
  var initialBound: Double {
    switch self {
    case .dense(let layer): layer.initialBound
    case .relu: 0
    }
  }

  /// Computes `y` from `x`; the two are one buffer if the layer works in place.
  func forward<S: Scalar>(
    _ x: UnsafeMutablePointer<S>, parameters: UnsafePointer<S>, into y: UnsafeMutablePointer<S>,
    rows: Int
  ) {
    switch self {
    case .dense(let layer): layer.forward(x, parameters: parameters, into: y, rows: rows)
    case .relu(let layer): layer.forward(y, rows: rows)
    }
  }

  /// Computes `dx` from `dy`, unless `dx` is nil, and sends the parameter gradient to `sink`.
  func backward<S: Scalar>(
    _ dy: UnsafeMutablePointer<S>, input x: UnsafePointer<S>, output y: UnsafePointer<S>,
    parameters: UnsafePointer<S>, into dx: UnsafeMutablePointer<S>?, sink: GradientSink<S>,
    rows: Int
  ) {
    switch self {
    case .dense(let layer):
      layer.backward(dy, input: x, parameters: parameters, into: dx, sink: sink, rows: rows)
    case .relu(let layer): layer.backward(dy, output: y, rows: rows)
    }
  }
}

/// Where a parameter gradient `g` goes: `target = beta target + alpha g`.
///
/// With `target` a gradient array, `alpha = 1` and `beta` 0 or 1 that is a gradient or a running sum.
/// With `target` the parameters, `alpha = -rate` and `beta = 1 - rate decay` it is the SGD step
/// itself, and no gradient array exists. `beta = 0` never reads the target.
struct GradientSink<S: Scalar> {
  var target: UnsafeMutablePointer<S>
  var alpha: S
  var beta: S

  /// The sink of the layer whose parameters start at `offset`.
  func advanced(by offset: Int) -> GradientSink {
    GradientSink(target: target + offset, alpha: alpha, beta: beta)
  }
}
