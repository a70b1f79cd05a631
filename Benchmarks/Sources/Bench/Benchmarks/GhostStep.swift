import Harness
import Learning
import Tensors

/// What clipping every example's gradient costs on top of a plain step.
enum GhostStepBenchmark: Benchmark {
  static let name = "ghost-step"
  static let summary =
    "SGD on clipped per-example gradients against plain SGD, one thread, batch 64"

  static func run(in session: Session) throws {
    for model in ["mlp", "cnn-431k"] {
      let clients = try Clients(model: model, count: 1, examples: 64)
      let steps = [Steps(clients, clips: true), Steps(clients, clips: false)]
      let own = steps.map { steps in
        Side("Rampart") { seconds in
          try Core.pin(to: 0)
          defer { Core.unpin() }
          return try steps.milliseconds(for: seconds)
        }
      }
      let peers = try ["clipped-step", "plain-step"].flatMap { task in
        try session.peers.sides(
          [.oneThread], PeerTask(task: task, model: model, batch: 64), measure: .cost)
      }
      let series = try session.effort.measure(own + peers)
      add("\(model)", series[0], series[1], target: .atMost(1.35), to: session)
      if series.count == 4 {
        add("\(model), Opacus", series[2], series[3], to: session)
      }
    }
  }

  private static func add(
    _ label: String, _ clipped: Series, _ plain: Series, target: Target? = nil,
    to session: Session
  ) {
    var record = Record(
      benchmark: session.name, label: label, unit: "ms/step", measure: .cost, ours: clipped,
      others: [.init(name: "plain step", series: plain)])
    record.titles = .init(ours: "clipped step", other: "plain step")
    record.target = target
    session.add(record)
  }
}

/// Repeated steps of one kind on one batch.
private final class Steps {
  private let clients: Clients
  private let clips: Bool
  private let workspace: Workspace
  private let batch: [Int]
  private var parameters: Vector
  private var velocity: Vector

  init(_ clients: Clients, clips: Bool) {
    self.clients = clients
    self.clips = clips
    batch = Array(0..<clients.data[0].count)
    workspace = Workspace(for: clients.network, batchSize: batch.count)
    parameters = clients.start
    velocity = Vector(zeros: parameters.count)
  }

  /// Milliseconds of a step, by repeating it for about `seconds`.
  func milliseconds(for seconds: Double) throws -> Double {
    parameters = clients.start
    return try 1000 / workRate(for: seconds) { try step() }
  }

  private func step() throws(LearningError) -> Int {
    let options = SGDOptions(learningRate: 0.01)
    let (network, data) = (clients.network, clients.data[0])
    if clips {
      try network.clippedStep(
        parameters: &parameters, velocity: &velocity, examples: data, batch: batch,
        clippingNorm: 1, options: options, workspace: workspace)
    } else {
      try sgdStep(
        network: network, parameters: &parameters, velocity: &velocity, examples: data,
        batch: batch, options: options, workspace: workspace)
    }
    return 1
  }
}
