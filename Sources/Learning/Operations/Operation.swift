/// One step of a compiled network: a layer bound to the shape that reaches it.
///
/// An operation owns no memory. A ``Site`` holds pointers to everything it reads and writes for one
/// batch; a ``TangentSite`` adds the tangents. The passes follow one notation: `x` and `y` are input
/// and output, `dx` and `dy` the loss's gradients by them, and a tangent is the derivative of any of
/// these along a direction `v` of the parameters.
///
///     forward                  y
///     inputGradient            dx          from dy
///     parameterGradient        dw          from dy, into a sink that may be the parameters
///     addSquaredNorms          |dw_i|^2    of every example's own gradient
///     tangentForward           y-tangent   from the x-tangent and v
///     tangentInputGradient     dx-tangent  from the dy-tangent, dy and v
///     tangentParameterGradient dw-tangent, the parameters' part of the Hessian-vector product
///
/// Input gradients are taken before parameter gradients, because the sink may be the parameters.
/// Images lie channel-last: one example is `[height][width][channels]`.
protocol Operation: Sendable, Hashable {
  /// Values of one example coming in.
  var inputs: Int { get }
  /// Values of one example going out.
  var outputs: Int { get }
  /// The tensors it owns, in the order they lie in the parameter vector.
  var tensors: [TensorDescription] { get }
  /// Whether output and input are one buffer; then so are their gradients and their tangents.
  var worksInPlace: Bool { get }
  /// Whether its gradients read its output, which the next operation must then not overwrite.
  var readsOutput: Bool { get }
  /// Whether an example's output depends on the other examples of a training batch, as in batch norm:
  /// then no example has a gradient of its own.
  var mixesExamples: Bool { get }
  /// Bytes of private memory that must survive from the forward pass to the last pass of the batch.
  func cacheBytes(rows: Int, bytesPerValue: Int) -> Int
  /// The same for the tangent passes.
  func tangentCacheBytes(rows: Int, bytesPerValue: Int) -> Int

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode)
  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>)
  func parameterGradient<S: Scalar>(_ site: Site<S>, sink: GradientSink<S>)
  func addSquaredNorms<S: Scalar>(_ site: Site<S>, to norms: UnsafeMutablePointer<Double>)
  /// Moves running statistics among its `parameters` towards those of the last training pass.
  func updateStatistics<S: Scalar>(_ site: Site<S>, parameters: UnsafeMutablePointer<S>)
  func tangentForward<S: Scalar>(_ site: TangentSite<S>)
  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>)
  func tangentParameterGradient<S: Scalar>(_ site: TangentSite<S>, sink: GradientSink<S>)
}

extension Operation {
  var tensors: [TensorDescription] { [] }
  var worksInPlace: Bool { false }
  var readsOutput: Bool { false }
  var mixesExamples: Bool { false }
  func cacheBytes(rows: Int, bytesPerValue: Int) -> Int { 0 }
  func tangentCacheBytes(rows: Int, bytesPerValue: Int) -> Int { 0 }
  func parameterGradient<S: Scalar>(_ site: Site<S>, sink: GradientSink<S>) {}
  func addSquaredNorms<S: Scalar>(_ site: Site<S>, to norms: UnsafeMutablePointer<Double>) {}
  func updateStatistics<S: Scalar>(_ site: Site<S>, parameters: UnsafeMutablePointer<S>) {}
  func tangentParameterGradient<S: Scalar>(_ site: TangentSite<S>, sink: GradientSink<S>) {}

  /// Length of its stretch of the parameter vector.
  var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }
}

/// A tensor that an operation owns.
struct TensorDescription: Sendable, Hashable {
  /// PyTorch's name for it: `weight`, `bias`, `running_mean`, `running_var`.
  let name: String
  /// Its shape, row-major, in PyTorch's layout.
  let shape: [Int]
  let kind: SegmentKind
  /// How it starts.
  let initial: InitialValue

  /// Number of values.
  var count: Int { shape.reduce(1, *) }
}

/// How a tensor starts.
enum InitialValue: Sendable, Hashable {
  /// Every value is this.
  case constant(Double)
  /// Uniform in `[-bound, bound)`.
  case uniform(bound: Double)
  /// Normal with mean 0.
  case normal(standardDeviation: Double)
}

/// An operation's memory for one batch of `rows` examples.
struct Site<S: Scalar> {
  /// Examples in the batch.
  let rows: Int
  /// Input, `rows` x `inputs`.
  let x: UnsafeMutablePointer<S>
  /// Output, `rows` x `outputs`; the same pointer as `x` if the operation works in place.
  let y: UnsafeMutablePointer<S>
  /// The operation's parameters.
  let w: UnsafePointer<S>
  /// The loss's gradient by `y`.
  let dy: UnsafeMutablePointer<S>
  /// `cacheBytes` bytes, 64-byte aligned, that the forward pass fills.
  let cache: UnsafeMutableRawPointer
  /// The operation's place in the network, which tells its random numbers from another's.
  var place = 0
  /// What each row's loss is multiplied by before it is differentiated.
  var lossScale: S = 1
}

/// An operation's memory for the tangent passes along a direction of the parameters.
struct TangentSite<S: Scalar> {
  /// The memory of the plain passes, all of which have run: `x`, `y`, `dy`, `cache` are filled.
  let base: Site<S>
  /// The direction's part for this operation, laid out as its parameters.
  let v: UnsafePointer<S>
  /// Tangent of `x`; nil where it is zero, as at the network's input.
  let xTangent: UnsafeMutablePointer<S>?
  /// Tangent of `y`; `xTangent` if the operation works in place.
  let yTangent: UnsafeMutablePointer<S>
  /// Tangent of `dy`.
  let dyTangent: UnsafeMutablePointer<S>
  /// `tangentCacheBytes` bytes, 64-byte aligned, that `tangentForward` fills.
  let cache: UnsafeMutableRawPointer
}
