public import Components
public import Federation
public import Randomness
internal import Tensors

/// Fake clients drag the global model to a fixed bad one.
///
///     m_i = λ (w' - w_t)
///
/// Needs neither data nor any update, only the model that everybody receives: the weakest attacker of
/// the literature, and the one a service with open registration faces. The mean is lost at once;
/// median and trimmed mean drift, since all colluders pull the same way in every coordinate.
///
/// w' has independent normal weights, drawn once. With `base: initial` it is the first model that
/// the colluders received, as in the authors' later code: training is undone.
///
/// Example: λ = 10 on w_t = (1, 0) and w' = (0, 2) sends (-10, 20).
///
/// Source: Cao, Gong 2022, *MPAF: Model Poisoning Attacks to Federated Learning based on Fake
/// Clients*, section 4, where λ is 10⁶.
public struct MPAF: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How much longer than the way to the base model the update is.
    public var lambda = 1e6
    /// The model to drag to.
    public var base = Base.random
    /// Standard deviation of the weights of a random base model.
    public var deviation = 1.0
  }

  /// The model to drag to.
  public enum Base: String, CaseIterable, Codable, Hashable, Sendable {
    /// Normal weights.
    case random
    /// The first model received.
    case initial
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "mpaf",
    summary: "Fake clients without data drag the global model to a fixed bad model.",
    formula: "m = λ (w' - w_t)",
    citation: "Cao and Gong 2022, section 4",
    needs: [.globalModel],
    control: .accuracyLoss(),
    parameters: [
      .init("lambda", "length in units of the way to the base model", range: "greater than 0"),
      .init("base", "model to drag to", range: "random or initial"),
      .init("deviation", "standard deviation of a random base", range: "greater than 0"),
    ])

  /// The paper's λ and a random base.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    for (key, value) in [("lambda", parameters.lambda), ("deviation", parameters.deviation)] {
      check.positive(key, value)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// The attack with this λ and base.
  public init(lambda: Double = 1e6, base: Base = .random, deviation: Double = 1) throws {
    try self.init(Parameters(lambda: lambda, base: base, deviation: deviation))
  }

  /// The model to drag to.
  private struct Aim: Codable {
    var model: Vector
  }

  /// The same vector for every colluder. O(d).
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) -> [CraftedUpdate] {
    let aim = memory[Aim.self]?.model ?? newAim(view, using: &generator)
    memory[Aim.self] = Aim(model: aim)
    var delta = aim - view.globalModel
    delta.scale(by: Float(parameters.lambda))
    return view.colluders.map { _ in CraftedUpdate(delta) }
  }

  private func newAim(_ view: CorruptionView, using generator: inout Generator) -> Vector {
    switch parameters.base {
    case .initial: view.globalModel
    case .random:
      Vector(
        generator.normals(
          view.globalModel.count, standardDeviation: Float(parameters.deviation)))
    }
  }
}
