/// What an optimiser carries from step to step: velocity or moments, and how many steps it took.
///
/// A value: a copy is a checkpoint. Fresh state is all zero and belongs to one network and one kind
/// of optimiser; rates, weight decay and clipping may change from step to step.
public struct OptimizerState<Value: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
  /// Steps taken.
  public internal(set) var steps = 0
  /// SGD's velocity or Adam's mean gradient; empty where the optimiser has none.
  public internal(set) var first: [Value]
  /// Adam's mean squared gradient; empty where the optimiser has none.
  public internal(set) var second: [Value]

  /// The state before the first step of `options` on the parameters of `network`.
  public init(for network: Network, options: OptimizerOptions) {
    let moments = options.moments
    first = [Value](repeating: 0, count: moments >= 1 ? network.parameterCount : 0)
    second = [Value](repeating: 0, count: moments >= 2 ? network.parameterCount : 0)
  }

  func check(
    for network: Network, options: OptimizerOptions, place: String
  ) throws(LearningError) {
    let expected = options.moments * network.parameterCount
    guard first.count + second.count == expected, options.moments < 2 || !second.isEmpty else {
      throw .sizeMismatch(
        place: place, what: "values of optimizer state", got: first.count + second.count,
        expected: expected)
    }
  }
}

extension OptimizerState where Value: Scalar {
  /// Hands the state to `body` as pointers and keeps the steps that it counted.
  mutating func withMemory<Result>(
    _ body: (inout OptimizerMemory<Value>) -> Result
  ) -> Result {
    var steps = self.steps
    defer { self.steps = steps }
    return first.withUnsafeMutableBufferPointer { first in
      second.withUnsafeMutableBufferPointer { second in
        var memory = OptimizerMemory(
          first: first.baseAddress, second: second.baseAddress, steps: steps)
        defer { steps = memory.steps }
        return body(&memory)
      }
    }
  }
}

/// Where an optimiser's state lies during steps.
struct OptimizerMemory<S: Scalar> {
  /// SGD's velocity or Adam's first moment.
  var first: UnsafeMutablePointer<S>?
  /// Adam's second moment.
  var second: UnsafeMutablePointer<S>?
  /// Steps taken.
  var steps: Int
}

extension Scratch {
  /// Fresh optimiser state in the workspace's own vectors.
  func freshMemory(for options: OptimizerOptions) -> OptimizerMemory<S> {
    OptimizerMemory(
      first: options.moments >= 1 ? zeroedVector(.firstMoment) : nil,
      second: options.moments >= 2 ? zeroedVector(.secondMoment) : nil, steps: 0)
  }
}
