import CBenchSupport
import Harness
import Learning
import Randomness
import Tensors

/// Counts what training allocates once it is warm: nothing.
enum AllocationsBenchmark: Benchmark {
  static let name = "allocations"
  static let summary = "heap allocations of a training step after warm-up, by counting malloc"

  static func run(in session: Session) throws {
    try checkCounter()
    for model in ["logistic", "mlp", "cnn-431k"] {
      let clients = try Clients(model: model, count: 1, examples: 60)
      for momentum in [0, 0.9] {
        let options = SGDOptions(
          learningRate: 0.01, momentum: momentum, weightDecay: momentum == 0 ? 0 : 1e-4)
        let how = momentum == 0 ? "plain" : "momentum"
        let steps = 30
        let count = try singleSteps(clients, options, steps: steps)
        report(count, "\(model), \(how) step", "in \(steps) steps of sgdStep", to: session)
        let (more, extra) = try extraSteps(clients, OptimizerOptions(options))
        report(more, "\(model), \(how) epoch", "in \(extra) more steps of trainSGD", to: session)
      }
      for (how, options) in [
        (
          "clipped nesterov",
          OptimizerOptions(learningRate: 0.01, momentum: 0.9, nesterov: true, clippingNorm: 1)
        ), ("adamw", OptimizerOptions(.adamW(), learningRate: 0.001, weightDecay: 0.01)),
      ] {
        let (more, extra) = try extraSteps(clients, options)
        report(more, "\(model), \(how) epoch", "in \(extra) more steps of trainEpochs", to: session)
      }
    }
  }

  private static func report(_ count: Int, _ label: String, _ where: String, to session: Session) {
    let finding = "\(count) \(count == 1 ? "allocation" : "allocations") \(`where`)"
    session.check(label, outcome: count == 0 ? .passed : .failed, finding)
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

  /// Allocations of `steps` calls of `sgdStep` after three to warm up.
  private static func singleSteps(
    _ clients: Clients, _ options: SGDOptions, steps: Int
  ) throws -> Int {
    let workspace = Workspace(for: clients.network, batchSize: 10)
    var parameters = clients.start
    var velocity = Vector(zeros: parameters.count)
    let batches = (0..<6).map { Array(($0 * 10)..<($0 * 10 + 10)) }
    var before: UInt64 = 0
    for step in 0..<(steps + 3) {
      if step == 3 { before = bench_allocations() }
      try sgdStep(
        network: clients.network, parameters: &parameters, velocity: &velocity,
        examples: clients.data[0], batch: batches[step % batches.count], options: options,
        workspace: workspace)
    }
    return Int(bench_allocations() - before)
  }

  /// What an epoch of many steps allocates beyond one of few: the order of the examples costs the
  /// same in both.
  private static func extraSteps(
    _ clients: Clients, _ options: OptimizerOptions
  ) throws -> (count: Int, steps: Int) {
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
    return (try epoch(batch: 2) - few, 28)
  }
}
