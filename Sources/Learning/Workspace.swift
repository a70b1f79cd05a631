/// All scratch memory of one worker for one network: activations, their gradients, labels, order.
///
/// Passes allocate nothing while batches are no larger than `batchSize`; a larger batch enlarges the
/// workspace once. A workspace belongs to one worker at a time and carries nothing from one call to
/// the next that a result could depend on.
public final class Workspace {
  /// Features of each activation buffer of the network it serves.
  let bufferSizes: [Int]
  /// Length of the network's parameter vector.
  let parameterCount: Int
  /// Scratch for work in `Float`.
  let float: Scratch<Float>
  /// Scratch for work in `Double`, made on first use.
  private(set) lazy var double = Scratch<Double>(
    bufferSizes: bufferSizes, parameterCount: parameterCount, rows: float.rows)

  /// Memory for `network` and batches of up to `batchSize` examples.
  public init(for network: Network, batchSize: Int = Network.block) {
    precondition(batchSize >= 1, "a workspace holds at least one example")
    bufferSizes = network.bufferSizes
    parameterCount = network.parameterCount
    float = Scratch(
      bufferSizes: network.bufferSizes, parameterCount: network.parameterCount, rows: batchSize)
  }
}

/// The memory behind a workspace in one scalar type: the one place that owns these pointers.
final class Scratch<S: Scalar> {
  private let bufferSizes: [Int]
  /// Rows that the buffers can hold.
  private(set) var rows: Int
  private var storage: UnsafeMutableBufferPointer<S>
  private var activations: [UnsafeMutablePointer<S>] = []
  private var gradients: [UnsafeMutablePointer<S>] = []
  private var velocityStorage: UnsafeMutableBufferPointer<S>?
  private let parameterCount: Int
  /// Labels of the rows.
  private(set) var labels: UnsafeMutablePointer<Int32>
  /// Loss of each row.
  private(set) var losses: UnsafeMutablePointer<Double>

  init(bufferSizes: [Int], parameterCount: Int, rows: Int) {
    self.bufferSizes = bufferSizes
    self.parameterCount = parameterCount
    self.rows = rows
    storage = UnsafeMutableBufferPointer(start: nil, count: 0)
    labels = UnsafeMutablePointer.allocate(capacity: rows)
    losses = UnsafeMutablePointer.allocate(capacity: rows)
    allocateBuffers()
  }

  deinit {
    free(storage)
    if let velocityStorage { free(velocityStorage) }
    labels.deallocate()
    losses.deallocate()
  }

  /// Makes room for `count` rows; what the buffers held is lost if they must grow.
  func reserve(rows count: Int) {
    guard count > rows else { return }
    rows = count
    free(storage)
    labels.deallocate()
    losses.deallocate()
    labels = UnsafeMutablePointer.allocate(capacity: rows)
    losses = UnsafeMutablePointer.allocate(capacity: rows)
    allocateBuffers()
  }

  /// Activation buffer `index`; 0 holds the batch itself.
  func activation(_ index: Int) -> UnsafeMutablePointer<S> { activations[index] }

  /// The gradient of the loss by activation buffer `index`.
  func gradient(_ index: Int) -> UnsafeMutablePointer<S> { gradients[index] }

  /// Room for one velocity vector, zeroed.
  func zeroedVelocity() -> UnsafeMutablePointer<S>? {
    if velocityStorage == nil { velocityStorage = Self.allocate(parameterCount) }
    velocityStorage?.update(repeating: 0)
    return velocityStorage?.baseAddress
  }

  private func allocateBuffers() {
    let lengths = bufferSizes.map { ($0 * rows + 15) / 16 * 16 }
    storage = Self.allocate(2 * lengths.reduce(0, +))
    activations = []
    gradients = []
    guard var next = storage.baseAddress else { return }
    for length in lengths {
      activations.append(next)
      gradients.append(next + length)
      next += 2 * length
    }
  }

  /// Zeroed memory on a cache line's boundary.
  private static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<S> {
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<S>.stride, alignment: 64)
    let typed = bytes.bindMemory(to: S.self)
    typed.initialize(repeating: 0)
    return typed
  }

  private func free(_ buffer: UnsafeMutableBufferPointer<S>) {
    UnsafeMutableRawPointer(buffer.baseAddress)?.deallocate()
  }
}
