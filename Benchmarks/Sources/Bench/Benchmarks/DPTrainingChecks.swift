import Accounting
import Foundation
import Harness
import Learning
import PrivateTraining
import Randomness
import Tensors

/// Without noise, the sum of clipped gradients that a step takes is the one Opacus takes.
enum DPStepCheck {
  /// So long a step that the new weights are the sum, but for rounding.
  private static let rate = 1024.0
  private static let batch = 64
  /// Clips most gradients of a fresh model, but not all.
  private static let norm = 2.0

  static func run(_ model: String, in session: Session) throws {
    let clients = try Clients(model: model, count: 1, examples: batch)
    let label = "\(model), sum of clipped gradients without noise"
    var trainer = try PrivateTrainer(
      network: clients.network, examples: clients.data[0],
      options: PrivateTrainingOptions(
        batchSize: batch, sampling: .shuffled, clipping: .flat(norm: norm), noiseMultiplier: 0,
        optimizer: OptimizerOptions(learningRate: rate)),
      filter: PrivacyFilter(epsilon: .infinity, delta: 1e-5),
      randomness: .seeded(Generator(seed: 3)))
    var weights = clients.start
    _ = try trainer.step(&weights)
    let scale = Double(batch) / rate
    let ours = zip(clients.start.array, weights.array).map {
      (Double($0) - Double($1)) * scale
    }
    guard session.peers.absence == nil else {
      return session.check(label, outcome: .absent, session.peers.absence ?? "")
    }
    let exchange = try ReferenceExchange(
      model: model, network: clients.network, parameters: clients.start,
      examples: clients.data[0])
    defer { exchange.remove() }
    var worst = 0.0
    for mode in ["hooks", "ghost"] {
      var question = exchange.question("clipped_sum", in: .float64)
      question.mode = mode
      question.norm = norm
      let _: [String: Double] = try session.peers.ask(question, for: [String: Double].self)
      let theirs = try exchange.read("sum")
      let largest = theirs.reduce(0) { max($0, abs($1)) }
      worst = zip(ours, theirs).reduce(worst) { max($0, abs($1.0 - $1.1) / largest) }
    }
    session.check(
      label, outcome: worst < 1e-5 ? .passed : .failed,
      "largest difference from either mode \(Figure.exponent(worst))", values: ["error": worst])
  }
}

/// Peak memory of a training of its own process.
struct StepMemory {
  private static let word = "step-memory"
  var model: String
  var batch: Int
  var isPrivate: Bool

  init(model: String, batch: Int, isPrivate: Bool) {
    (self.model, self.batch, self.isPrivate) = (model, batch, isPrivate)
  }

  /// The question in a command line of `arguments`; nil if they are a person's.
  init?(_ arguments: [String]) {
    guard arguments.count == 4, arguments[0] == Self.word, let batch = Int(arguments[2]) else {
      return nil
    }
    self.init(model: arguments[1], batch: batch, isPrivate: arguments[3] == "private")
  }

  /// Megabytes that a training takes beyond its data, in a new process.
  func megabytes() throws(BenchError) -> Double {
    try FreshProcess.number([Self.word, model, "\(batch)", isPrivate ? "private" : "plain"])
  }

  /// The answer in this process, as text.
  func answer() throws -> String {
    let clients = try Clients(model: model, count: 1, examples: 4 * batch)
    let grown = try Memory.grown {
      let job = try StepJob(clients, 0, batch: batch, isPrivate: isPrivate)
      for _ in 0..<6 { _ = try job.step() }
    }
    return "\(grown)"
  }
}

/// This program, started anew.
enum FreshProcess {
  /// The number that it prints for `arguments`.
  static func number(_ arguments: [String]) throws(BenchError) -> Double {
    let process = Process()
    let output = Pipe()
    process.executableURL = Bundle.main.executableURL
    process.arguments = arguments
    process.standardOutput = output
    do { try process.run() } catch { throw .failure("cannot start a fresh process: \(error)") }
    let answer = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: answer, as: UTF8.self)
    guard process.terminationStatus == 0,
      let number = Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
    else { throw .failure("a fresh process gave no number but '\(text)'") }
    return number
  }
}
