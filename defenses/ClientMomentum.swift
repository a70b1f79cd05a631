public import Components
public import Federation
public import Randomness
internal import Tensors

/// Clients send an exponential average of their updates instead of the last one.
///
///     dampened:    m ← β m + (1 - β) Δ        undampened:  m ← β m + Δ        send m; m starts at 0
///
/// Averaging over rounds shrinks the variance of honest updates by up to (1 - β)/(1 + β), so that
/// attacks have less room to hide in, whatever rule the server has. The undampened form is 1/(1 - β)
/// times as long in the long run, which acts as a larger server learning rate. A client that misses
/// rounds sends old directions; an update that is not finite is sent as it is, for the round to
/// judge, and not remembered.
///
/// Example: β = 0.5, dampened, on the updates (4), (8): the client sends (2), then (5).
///
/// Sources: El Mhamdi, Guerraoui, Rouault 2021, *Distributed Momentum for Byzantine-resilient
/// Stochastic Gradient Descent*; Karimireddy, He, Jaggi 2021, *Learning from History for Byzantine
/// Robust Optimization*, section 5.
public struct ClientMomentum: UpdateTransform {
  /// How a new update enters.
  public enum Variant: String, Codable, Hashable, Sendable, CaseIterable {
    /// With weight 1 - β.
    case dampened
    /// With weight 1.
    case undampened
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share of the old momentum that stays.
    public var beta = 0.9
    /// How a new update enters.
    public var variant = Variant.dampened
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "client-momentum",
    summary: "Clients send an exponential average of their updates: less variance to hide in.",
    formula: "m ← β m + (1 - β) Δ; undampened: m ← β m + Δ",
    citation: "El Mhamdi et al. 2021; Karimireddy et al. 2021, section 5",
    parameters: [
      .init("beta", "share of the old momentum that stays", range: "in [0, 1)"),
      .init("variant", "how a new update enters", range: "'dampened' or 'undampened'"),
    ])

  /// β = 0.9, dampened.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A transform with these parameters.
  ///
  /// - Throws: `ParameterError` if beta is out of its range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.belowOne("beta", parameters.beta)
    try check.finish()
    self.parameters = parameters
  }

  /// A transform with this share of the old momentum.
  public init(beta: Double, variant: Variant = .dampened) throws {
    try self.init(Parameters(beta: beta, variant: variant))
  }

  /// O(d).
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) {
    guard update.delta.isFinite else { return }
    var momentum = memory[Momentum.self]?.value ?? Vector(zeros: update.delta.count)
    memory[Momentum.self] = nil
    momentum.scale(by: Float(parameters.beta))
    let weight = parameters.variant == .dampened ? 1 - parameters.beta : 1
    momentum.add(update.delta, scale: Float(weight))
    memory[Momentum.self] = Momentum(value: momentum)
    update.delta = momentum
  }

  /// What a client has averaged so far.
  private struct Momentum: Codable { var value: Vector }
}
