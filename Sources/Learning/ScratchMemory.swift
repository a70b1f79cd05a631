/// The buffers of a workspace for a number of rows: the one place that allocates them.
struct ScratchMemory<S: Scalar> {
  /// Which passes the buffers serve; each includes the ones before.
  enum Stage: Int, Comparable {
    case activations
    case gradients
    case tangents

    static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
  }

  let rows: Int
  let stage: Stage
  let activations: [UnsafeMutablePointer<S>]
  /// The activations themselves until gradients are wanted: nothing reads them before.
  let gradients: [UnsafeMutablePointer<S>]
  let tangents: [UnsafeMutablePointer<S>]
  let gradientTangents: [UnsafeMutablePointer<S>]
  let caches: [UnsafeMutableRawPointer]
  let tangentCaches: [UnsafeMutableRawPointer]
  let spare: UnsafeMutablePointer<S>
  let labels: UnsafeMutablePointer<Int32>
  let targets: UnsafeMutablePointer<S>
  let spareTargets: UnsafeMutablePointer<S>
  let spareOutputs: UnsafeMutablePointer<S>
  let factors: UnsafeMutablePointer<S>
  let losses: UnsafeMutablePointer<Double>
  let norms: UnsafeMutablePointer<Double>
  private let blocks: [UnsafeMutableRawPointer]

  init(_ network: Network, rows: Int, stage: Stage) {
    var blocks: [UnsafeMutableRawPointer] = []
    func take<Value>(_ count: Int, _ type: Value.Type) -> UnsafeMutablePointer<Value> {
      let block = Self.allocate(bytes: count * MemoryLayout<Value>.stride)
      blocks.append(block)
      return block.bindMemory(to: type, capacity: max(count, 1))
    }
    func activationBuffers() -> [UnsafeMutablePointer<S>] {
      network.bufferSizes.map { take($0 * rows, S.self) }
    }
    func cacheBuffers(_ bytes: (any Operation) -> Int) -> [UnsafeMutableRawPointer] {
      network.steps.map { step in
        guard case .run(let run) = step else { return UnsafeMutableRawPointer(take(0, UInt8.self)) }
        return UnsafeMutableRawPointer(take(bytes(run.operation.operation), UInt8.self))
      }
    }
    let size = MemoryLayout<S>.stride
    self.rows = rows
    self.stage = stage
    activations = activationBuffers()
    caches = cacheBuffers { $0.cacheBytes(rows: rows, bytesPerValue: size) }
    gradients = stage >= .gradients ? activationBuffers() : activations
    tangents = stage >= .tangents ? activationBuffers() : []
    gradientTangents = stage >= .tangents ? activationBuffers() : []
    tangentCaches =
      stage >= .tangents
      ? cacheBuffers { $0.tangentCacheBytes(rows: rows, bytesPerValue: size) } : []
    spare = take(stage >= .gradients ? rows * (network.bufferSizes.max() ?? 1) : 0, S.self)
    labels = take(rows, Int32.self)
    targets = take(rows * network.classes, S.self)
    spareTargets = take(rows * network.classes, S.self)
    spareOutputs = take(rows * network.classes, S.self)
    factors = take(rows, S.self)
    losses = take(rows, Double.self)
    norms = take(rows, Double.self)
    self.blocks = blocks
  }

  func deallocate() {
    for block in blocks { block.deallocate() }
  }

  /// Zeroed memory on a cache line's boundary, with a line to spare for whole-vector loads.
  static func allocate(bytes: Int) -> UnsafeMutableRawPointer {
    let size = (bytes + 127) / 64 * 64
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return memory
  }
}
