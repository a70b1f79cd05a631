import Components
import Federation
import Learning
import Randomness
import Tensors

/// Clients that send what a test says, whatever they hold.
struct SendingTrainer: LocalTrainer {
  static let card = Card(name: "sending-trainer", summary: "Clients send what a test says.")

  let script: @Sendable (_ client: Int, _ round: Int, _ dimension: Int) -> [Float]

  init(_ script: @escaping @Sendable (_ client: Int, _ round: Int, _ dimension: Int) -> [Float]) {
    self.script = script
  }

  init(_ parameters: NoParameters) {
    self.init { _, _, count in [Float](repeating: 0, count: count) }
  }

  var weighsAlike: Bool { true }

  func train(
    _ task: LocalTask, using generator: inout Generator, memory: inout Memory
  ) -> Update {
    Update(
      client: task.client, startedRound: task.round,
      delta: Vector(script(task.client, task.round, task.received.count)), weight: 1, steps: 1,
      loss: 0)
  }
}
