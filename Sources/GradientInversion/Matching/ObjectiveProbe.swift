internal import Learning

/// The objective of an attack at points of one's choosing, in double precision: for checks against
/// finite differences and against definitions.
package final class ObjectiveProbe {
  private let engine: MatchingEngine<Double>

  /// The objective that an attack of these settings on this problem minimises; labels must be known
  /// or joint.
  package init(_ problem: InversionProblem, _ settings: AttackSettings) throws {
    let examples = try problem.examples(for: "the probe")
    var labels: [Int32]?
    if settings.labels != .joint, case .known(let known) = problem.knowledge.labels {
      labels = known
    }
    engine = try MatchingEngine(
      MatchingCore(problem, settings, examples: examples, labels: labels))
  }

  /// Length of a point.
  package var variableCount: Int { engine.variableCount }

  /// What a group of candidates agrees on.
  package var consensus: [Double]? {
    get { engine.consensus }
    set { engine.consensus = newValue }
  }

  /// Value and gradient at a point.
  package func evaluate(_ point: [Double]) throws -> (value: Double, gradient: [Double]) {
    var gradient = [Double](repeating: 0, count: point.count)
    let value = try point.withUnsafeBufferPointer { point in
      try gradient.withUnsafeMutableBufferPointer { gradient in
        guard let point = point.baseAddress, let gradient = gradient.baseAddress else { return 0.0 }
        return try engine.evaluate(point, into: gradient)
      }
    }
    return (value, gradient)
  }

  /// The model inputs that a point stands for.
  package func inputs(_ point: [Double]) -> [Float] {
    point.withUnsafeBufferPointer { point in
      point.baseAddress.map { engine.candidate($0).inputs } ?? []
    }
  }
}
