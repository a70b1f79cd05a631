import CBenchSupport
import Harness
import Learning
import Randomness
import Tensors

/// Counts what training allocates once it is warm: nothing.
enum AllocationsBenchmark: Benchmark {
  static let name = "allocations"
  static let summary = "heap allocations after warm-up, by counting malloc"

  /// Steps that are counted.
  private static let steps = 30

  static func run(in session: Session) throws {
    try checkCounter()
    let cases: [(label: String, network: Network)] = [
      ("logistic", try makeNetwork("logistic", shape: [1, 28, 28], classes: 10)),
      ("mlp", try makeNetwork("mlp", shape: [1, 28, 28], classes: 10)),
      ("mlp with dropout", try withDropout()),
      ("cnn-431k", try makeNetwork("cnn-431k", shape: [1, 28, 28], classes: 10)),
      ("resnet-20", try makeNetwork("resnet-20", shape: [3, 8, 8], classes: 10)),
    ]
    session.remark("in 30 calls after warm-up; of the optimisers also in 28 steps of an epoch;")
    session.remark(
      "Nesterov: with the batch's gradient clipped; clipping: of every example's own gradient")
    session.columns(ofFindings: names)
    for (label, network) in cases { try look(at: network, label, session) }
  }

  private static let names = ["SGD", "momentum", "Nesterov", "AdamW", "clipping", "products"]

  private static func look(
    at network: Network, _ label: String, _ session: Session
  ) throws {
    let clients = try Clients(of: network, count: 1, examples: 60)
    let plain = SGDOptions(learningRate: 0.01)
    let momentum = SGDOptions(learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4)
    let nesterov = OptimizerOptions(
      learningRate: 0.01, momentum: 0.9, nesterov: true, clippingNorm: 1)
    let adamW = OptimizerOptions(.adamW(), learningRate: 0.001, weightDecay: 0.01)
    let counts = try [
      sgdSteps(clients, plain) + epochs(clients, OptimizerOptions(plain)),
      sgdSteps(clients, momentum) + epochs(clients, OptimizerOptions(momentum)),
      optimizerSteps(clients, nesterov) + epochs(clients, nesterov),
      optimizerSteps(clients, adamW) + epochs(clients, adamW), clippedSteps(clients),
      products(clients),
    ]
    session.check(
      label, outcome: counts.allSatisfy { $0 == 0 } ? .passed : .failed,
      Table.finding(counts.map { "\($0)" }),
      values: Dictionary(uniqueKeysWithValues: zip(names, counts.map(Double.init))))
  }

  /// The `mlp` with half of its hidden values dropped.
  private static func withDropout() throws -> Network {
    try Network(
      input: [1, 28, 28],
      [
        .dense(outputs: 200), .relu, .dropout(), .dense(outputs: 200), .relu, .dropout(),
        .dense(outputs: 10),
      ])
  }

  /// A counter that sees nothing would pass everything.
  private static func checkCounter() throws {
    let before = bench_allocations()
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 64)
    memory.deallocate()
    let vector = Vector(zeros: 1000)
    let seen = bench_allocations() - before
    guard vector.count == 1000, seen >= 2 else {
      throw BenchError.failure("allocations are not counted on this system")
    }
  }

  /// Allocations of `steps` calls of `work`, after three to warm up; it learns its number.
  private static func count(_ work: (_ step: Int) throws -> Void) rethrows -> Int {
    var before: UInt64 = 0
    for step in 0..<(steps + 3) {
      if step == 3 { before = bench_allocations() }
      try work(step)
    }
    return Int(bench_allocations() - before)
  }

  /// Six batches of ten.
  private static let batches = (0..<6).map { Array(($0 * 10)..<($0 * 10 + 10)) }

  private static func sgdSteps(_ clients: Clients, _ options: SGDOptions) throws -> Int {
    let workspace = Workspace(for: clients.network, batchSize: 10)
    let generator = Generator(seed: 1)
    var parameters = clients.start
    var velocity = Vector(zeros: parameters.count)
    return try count { step in
      try sgdStep(
        network: clients.network, parameters: &parameters, velocity: &velocity,
        examples: clients.data[0], batch: batches[step % batches.count], options: options,
        mode: .training(noise: generator), workspace: workspace)
    }
  }

  private static func optimizerSteps(
    _ clients: Clients, _ options: OptimizerOptions
  ) throws -> Int {
    let workspace = Workspace(for: clients.network, batchSize: 10)
    let generator = Generator(seed: 1)
    var parameters = clients.start
    var state = OptimizerState<Float>(for: clients.network, options: options)
    return try count { step in
      try optimizerStep(
        network: clients.network, parameters: &parameters, state: &state,
        examples: clients.data[0], batch: batches[step % batches.count], options: options,
        mode: .training(noise: generator), workspace: workspace)
    }
  }

  private static func clippedSteps(_ clients: Clients) throws -> Int {
    let workspace = Workspace(for: clients.network, batchSize: 10)
    let generator = Generator(seed: 1)
    var parameters = clients.start
    var velocity = Vector(zeros: parameters.count)
    return try count { step in
      try clients.network.clippedStep(
        parameters: &parameters, velocity: &velocity, examples: clients.data[0],
        batch: batches[step % batches.count], clippingNorm: 1,
        options: SGDOptions(learningRate: 0.01), mode: .training(noise: generator),
        workspace: workspace)
    }
  }

  private static func products(_ clients: Clients) throws -> Int {
    let network = clients.network
    let workspace = Workspace(for: network, batchSize: 10)
    let batches = try batches.map { try clients.data[0].batch($0) }
    var gradient = Vector(zeros: network.parameterCount)
    var products = LossProducts<Float>(for: network, rows: 10, parameters: true, inputs: true)
    return try count { step in
      try network.differentiate(
        parameters: clients.start, batch: batches[step % batches.count], workspace: workspace,
        gradient: &gradient)
      try network.products(
        along: gradient, parameters: clients.start, workspace: workspace, into: &products)
    }
  }

  /// What an epoch of many steps allocates beyond one of few: the order of the examples costs the
  /// same in both.
  private static func epochs(_ clients: Clients, _ options: OptimizerOptions) throws -> Int {
    let workspace = Workspace(for: clients.network, batchSize: 30)
    var parameters = clients.start
    var generator = Generator(seed: 1)
    func epoch(batch: Int) throws -> Int {
      let before = bench_allocations()
      try trainEpochs(
        network: clients.network, parameters: &parameters, examples: clients.data[0], epochs: 1,
        batchSize: batch, options: options, workspace: workspace, generator: &generator)
      return Int(bench_allocations() - before)
    }
    for batch in [30, 2] { _ = try epoch(batch: batch) }
    let few = try epoch(batch: 30)
    return try epoch(batch: 2) - few
  }
}
