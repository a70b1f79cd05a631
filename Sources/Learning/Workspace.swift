/// All scratch memory of one worker for one network: activations, their gradients and tangents,
/// labels, optimiser state.
///
/// Passes allocate nothing while batches are no larger than `batchSize`; a larger batch enlarges the
/// workspace once, and so does the first gradient and the first tangent pass. A workspace belongs to
/// one worker at a time and carries nothing from one call to the next that a result could depend on,
/// but where a function says that it continues an earlier one.
public final class Workspace {
  /// The network it serves.
  let network: Network
  /// Scratch for work in `Float`.
  let float: Scratch<Float>
  /// Scratch for work in `Double`, made on first use.
  private(set) lazy var double = Scratch<Double>(network, rows: float.rows)

  /// Memory for `network` and batches of up to `batchSize` examples, by default `network.block`.
  public init(for network: Network, batchSize: Int? = nil) {
    let rows = batchSize ?? network.block
    precondition(rows >= 1, "a workspace holds at least one example")
    self.network = network
    float = Scratch(network, rows: rows)
  }
}

/// The memory behind a workspace in one scalar type, grown as passes ask for it.
final class Scratch<S: Scalar> {
  /// Vectors as long as the parameters that steps may need.
  enum VectorSlot {
    case gradient
    case firstMoment
    case secondMoment
  }

  private let network: Network
  private(set) var memory: ScratchMemory<S>
  private var vectors: [VectorSlot: UnsafeMutableRawPointer] = [:]
  /// Examples of the batch that the buffers hold for later passes, 0 if none.
  private(set) var heldRows = 0
  /// What each row's loss was multiplied by before it was last differentiated.
  var lossScale: S = 1
  /// Whether that batch's targets are dense.
  private(set) var hasDenseTargets = false

  init(_ network: Network, rows: Int) {
    self.network = network
    memory = ScratchMemory(network, rows: rows, stage: .activations)
  }

  deinit {
    memory.deallocate()
    for vector in vectors.values { vector.deallocate() }
  }

  /// Rows that the buffers can hold.
  var rows: Int { memory.rows }

  /// Makes room for `count` rows and the passes of `wanted`; what the buffers held is lost if they
  /// must grow.
  func reserve(rows count: Int, _ wanted: ScratchMemory<S>.Stage) {
    guard count > memory.rows || wanted > memory.stage else { return }
    let (rows, stage) = (max(count, memory.rows), max(wanted, memory.stage))
    memory.deallocate()
    memory = ScratchMemory(network, rows: rows, stage: stage)
    heldRows = 0
  }

  /// Copies a batch that fits the network, and keeps what it is.
  func load(_ batch: Batch<S>, rows: Int) {
    batch.inputs.withUnsafeBufferPointer { inputs in
      inputs.baseAddress.map { activation(0).update(from: $0, count: inputs.count) }
    }
    switch batch.targets {
    case .labels(let values):
      values.withUnsafeBufferPointer { values in
        values.baseAddress.map { labels.update(from: $0, count: rows) }
      }
      hasDenseTargets = false
    case .dense(let values):
      values.withUnsafeBufferPointer { values in
        values.baseAddress.map { targets.update(from: $0, count: values.count) }
      }
      hasDenseTargets = true
    }
    heldRows = rows
  }

  /// Copies examples, with their classes, into the buffers.
  func load(_ indices: some RandomAccessCollection<Int>, of examples: LabeledExamples) {
    examples.gather(indices, features: activation(0), labels: labels)
    hasDenseTargets = false
    heldRows = indices.count
  }

  /// A vector as long as the parameters, as it was left; zero when it is new.
  func vector(_ slot: VectorSlot) -> UnsafeMutablePointer<S> {
    let count = max(network.parameterCount, 1)
    if let vector = vectors[slot] { return vector.assumingMemoryBound(to: S.self) }
    let memory = ScratchMemory<S>.allocate(bytes: count * MemoryLayout<S>.stride)
    vectors[slot] = memory
    return memory.bindMemory(to: S.self, capacity: count)
  }

  /// The same vector, zeroed.
  func zeroedVector(_ slot: VectorSlot) -> UnsafeMutablePointer<S> {
    let vector = vector(slot)
    vector.update(repeating: 0, count: network.parameterCount)
    return vector
  }

  // MARK: What passes work on

  /// Activation buffer `index`; 0 holds the batch itself.
  func activation(_ index: Int) -> UnsafeMutablePointer<S> { memory.activations[index] }
  /// The outputs.
  var outputs: UnsafeMutablePointer<S> { memory.activations[memory.activations.count - 1] }
  /// The gradient of the loss by activation buffer `index`.
  func gradient(_ index: Int) -> UnsafeMutablePointer<S> { memory.gradients[index] }
  /// The tangent of activation buffer `index`.
  func tangent(_ index: Int) -> UnsafeMutablePointer<S> { memory.tangents[index] }
  /// The tangent of the gradient by activation buffer `index`.
  func gradientTangent(_ index: Int) -> UnsafeMutablePointer<S> { memory.gradientTangents[index] }
  /// Room for one more gradient of the widest activation.
  var spare: UnsafeMutablePointer<S> { memory.spare }
  /// Labels of the rows.
  var labels: UnsafeMutablePointer<Int32> { memory.labels }
  /// Dense targets of the rows, as wide as the outputs.
  var targets: UnsafeMutablePointer<S> { memory.targets }
  /// Room for targets made from labels.
  var spareTargets: UnsafeMutablePointer<S> { memory.spareTargets }
  /// Room for values as wide as the outputs.
  var spareOutputs: UnsafeMutablePointer<S> { memory.spareOutputs }
  /// A factor for each row.
  var factors: UnsafeMutablePointer<S> { memory.factors }
  /// Loss of each row.
  var losses: UnsafeMutablePointer<Double> { memory.losses }
  /// Squared gradient norm of each row.
  var norms: UnsafeMutablePointer<Double> { memory.norms }

  /// The memory of step `index` in the plain passes.
  func site(
    _ run: Step.Run, _ index: Int, _ parameters: UnsafePointer<S>, rows: Int
  ) -> Site<S> {
    Site(
      rows: rows, x: memory.activations[run.input], y: memory.activations[run.output],
      w: parameters + run.offset, dy: memory.gradients[run.output], cache: memory.caches[index],
      place: index, lossScale: lossScale)
  }

  /// The memory of step `index` in the tangent passes.
  func tangentSite(
    _ run: Step.Run, _ index: Int, _ parameters: UnsafePointer<S>, _ v: UnsafePointer<S>, rows: Int,
    moves: Bool
  ) -> TangentSite<S> {
    TangentSite(
      base: site(run, index, parameters, rows: rows), v: v + run.offset,
      xTangent: run.inputDepends || moves ? memory.tangents[run.input] : nil,
      yTangent: memory.tangents[run.output], dyTangent: memory.gradientTangents[run.output],
      cache: memory.tangentCaches[index])
  }
}
