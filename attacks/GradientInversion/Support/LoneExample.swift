internal import Components
internal import Federation
internal import GradientInversion
internal import Learning
internal import Randomness
internal import Tensors

extension InversionObserver {
  /// Whether the model begins with a dense layer, so that its input comes by division.
  static func beginsDense(_ network: Network) -> Bool {
    if case .dense = network.layers.first(where: { $0 != .flatten }) { return true }
    return false
  }

  /// The one example of a class that planted weights let through: divided where the model begins
  /// with a dense layer, else searched for.
  static func loneExample(
    _ row: Int, of observation: Observation, planted: Vector, claim: Int32, steps: Int,
    using generator: Generator
  ) throws -> InvertedBatch {
    let network = observation.network
    if beginsDense(network) {
      let found = try DenseInversion(
        observation.gradientUpToAFactor(ofRow: row), of: network
      ).examples(atMost: 1, of: network)
      return InvertedBatch(
        row: row, of: observation, images: try observation.pixels(found), claim: claim)
    }
    let (settings, problem) = try loneProblem(
      row, of: observation, planted: planted, claim: claim, steps: steps)
    return try search(settings, row, of: observation, on: problem, claim: claim, using: generator)
  }

  /// The search for that one example, by the gradient's direction without the planted layer.
  static func loneProblem(
    _ row: Int, of observation: Observation, planted: Vector, claim: Int32, steps: Int
  ) throws -> (AttackSettings, InversionProblem) {
    let network = observation.network
    var settings = InversionPreset.invertingGradients.settings
    settings.steps = steps
    settings.labels = .known
    settings.objective.mask = .without(
      tensors: network.layout.segments(of: .head).map(\.name))
    let problem = try observation.problem(ofRow: row, planted: planted)
    var knowledge = problem.knowledge
    // One example of the class; its direction is what the cosine looks at, so its share is none.
    knowledge.batchSize = 1
    knowledge.labels = .known([claim])
    knowledge.training = nil
    let lone = try InversionProblem(
      network: network, parameters: planted,
      observed: ObservedUpdate(
        observation.gradientUpToAFactor(ofRow: row), unit: .gradient),
      knowledge: knowledge, mode: problem.mode)
    return (settings, lone)
  }
}
