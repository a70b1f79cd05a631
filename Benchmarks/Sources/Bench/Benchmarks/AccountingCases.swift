import Accounting
import Foundation
import Harness

/// A training by DP-SGD that an accountant is asked about.
struct TrainingCase {
  /// What the table calls it.
  var label: String
  var noise: Double
  var rate: Double
  var steps: Int

  /// The delta of every question.
  static let delta = 1e-5

  /// The seven trainings over which accountants are compared.
  static let panel = [
    TrainingCase(label: "mnist", noise: 1.1, rate: 256.0 / 60_000, steps: 14_062),
    TrainingCase(label: "small", noise: 1, rate: 0.01, steps: 1_000),
    TrainingCase(label: "large rate", noise: 2, rate: 0.2, steps: 200),
    TrainingCase(label: "large batch", noise: 3, rate: 0.08192, steps: 875),
    TrainingCase(label: "long", noise: 0.8, rate: 0.001, steps: 100_000),
    TrainingCase(label: "little noise", noise: 0.6, rate: 0.004, steps: 5_000),
    TrainingCase(label: "federated", noise: 1, rate: 0.05, steps: 500),
  ]

  /// The training as the accountant sees it.
  func events() throws(AccountingError) -> [PrivacyEvent] { try events(noise: noise) }

  /// The same with another noise.
  func events(noise: Double) throws(AccountingError) -> [PrivacyEvent] {
    [
      try PrivacyEvent(
        .gaussian(noiseMultiplier: noise), sampling: .poisson(rate: rate), count: steps)
    ]
  }

  /// What the peer's delta may be wrong by: its rounding in every step, which it does not charge.
  var floatNoise: Double { Double(steps) * 2e-16 }
}

/// A question to the peer: a task of `peers/accountants.py`.
struct AccountingTask: Encodable {
  let `do` = "prepare"
  let task = "accounting"
  var question: String
  var noise: Double?
  var epsilon: Double?
  var rate: Double
  var steps: Int
  var delta = TrainingCase.delta
  var grid: Double?
  var epsilonError: Double?
  var deltaError: Double?

  private enum CodingKeys: String, CodingKey {
    case `do`, task, question, noise, epsilon, rate, steps, delta, grid
    case epsilonError = "epsilon_error"
    case deltaError = "delta_error"
  }

  /// A question about `training` as it is.
  init(_ question: String, _ training: TrainingCase) {
    self.question = question
    noise = training.noise
    rate = training.rate
    steps = training.steps
  }
}

/// A question that is the first one of its process: nothing is planned, no memory is warm.
///
/// The program starts itself with the question as arguments, and the new process tells the time
/// between asking and knowing, so that neither side is charged for starting a process.
struct FirstQuery {
  private static let word = "first-query"
  var grid: Double
  var training: TrainingCase

  init(grid: Double, _ training: TrainingCase) {
    self.grid = grid
    self.training = training
  }

  /// The question in a command line of `arguments`; nil if they are a person's.
  init?(_ arguments: [String]) {
    guard arguments.count == 5, arguments[0] == Self.word, let grid = Double(arguments[1]),
      let noise = Double(arguments[2]), let rate = Double(arguments[3]),
      let steps = Int(arguments[4])
    else { return nil }
    self.grid = grid
    training = TrainingCase(label: "", noise: noise, rate: rate, steps: steps)
  }

  /// The command line of the question.
  var arguments: [String] {
    [Self.word, "\(grid)", "\(training.noise)", "\(training.rate)", "\(training.steps)"]
  }

  /// Milliseconds it takes a new process.
  func milliseconds() throws(BenchError) -> Double { try FreshProcess.number(arguments) }

  /// Milliseconds it takes in this process, as text.
  func answer() throws -> String {
    let clock = ContinuousClock()
    let start = clock.now
    let bound = try PLDAccountant(gridSpacing: grid).epsilon(
      delta: TrainingCase.delta, of: training.events())
    let taken = start.duration(to: clock.now) / .milliseconds(1)
    guard bound.upper.isFinite else { throw BenchError.failure("no bound in a fresh process") }
    return "\(taken)"
  }
}
