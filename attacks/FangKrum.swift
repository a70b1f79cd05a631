public import Components
public import Federation
public import Randomness
internal import Tensors

/// The largest step against the honest direction that Krum still picks.
///
///     m_1 = -λs,  s = sign of the benign mean
///     λ_0 = (√(min benign Krum score/(n-2f-1)) + max_i ‖x_i‖)/‖s‖, halved until Krum picks m_1
///     m_2, …, m_f within `spread` of m_1: its neighbours
///
/// In delta space the model that the paper starts from is 0. λ_0 is an upper bound of every λ that
/// Krum can pick. The attack runs Krum itself (n-f-2 nearest, squared distances) on what the server
/// will see, ties counted as lost; what the server really uses does not matter to it.
///
/// With knowledge of its own f updates only, these stand for the benign ones, and the search is done
/// with one crafted update beside them, then two, and so on until Krum picks one.
///
/// Example: benign (-6), (-2), (3), (7), (13), two colluders, spread 0: s = 1, λ_0 = √(122/2) + 13 =
/// 20.81. Krum (n = 7, three nearest) leaves 20.81 and 10.41 and picks the pair at -5.20, with score
/// 10.9 against 17.3.
///
/// Source: Fang, Cao, Jia, Gong 2020, *Local Model Poisoning Attacks to Byzantine-Robust Federated
/// Learning*, section 4.2. Published code scores by distances that are not squared.
public struct FangKrum: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How far the other colluders' updates are from the first, at most.
    public var spread = 0.01
    /// The λ at which the search gives up.
    public var threshold = 1e-5
    /// Whose updates count as benign.
    public var knowledge = ThreatModel.Knowledge.omniscient
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "fang-krum",
    summary:
      "The largest step against the honest direction that Krum still picks, with supporters.",
    formula: "m = -λ sign(μ), λ halved from its bound until Krum picks it, the others near it",
    citation: "Fang et al. 2020, section 4.2",
    needs: [.ownUpdates, .honestUpdates],
    control: .accuracyLoss().or(.displacement()),
    parameters: [
      .init("spread", "largest distance of the supporters", range: "0 or more"),
      .init("threshold", "least step of the search", range: "greater than 0"),
      .init("knowledge", "whose updates count as benign", range: "omniscient, partial or own"),
    ])

  /// The paper's values, omniscient.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.notNegative("spread", parameters.spread)
    check.positive("threshold", parameters.threshold)
    try check.finish()
    self.parameters = parameters
  }

  /// The attack with this spread and knowledge.
  public init(
    spread: Double = 0.01, knowledge: ThreatModel.Knowledge = .omniscient
  ) throws {
    var parameters = Parameters()
    parameters.spread = spread
    parameters.knowledge = knowledge
    try self.init(parameters)
  }

  /// The honest updates only when told to use them.
  public var needs: Set<Capability> { parameters.knowledge.needs }

  /// One Gram matrix of the benign updates and the crafted directions, then O(n³) a trial.
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate] {
    let benign = try view.benign(parameters.knowledge)
    let f = view.colluders.count
    let signs = benign.mean().signs
    let length = signs.norm
    let offsets = (1..<max(1, f)).map { _ in
      Self.offset(within: parameters.spread, dimension: benign.dimension, using: &generator)
    }
    guard length > 0 else { return view.colluders.map { _ in CraftedUpdate(-signs) } }

    // The benign rows, then s, then the offsets: every trial is a mix of these.
    let base = UpdateView(
      try UpdateMatrix(rows: (0..<benign.count).map { benign.row($0) } + [signs] + offsets))
    var lambda = 0.0
    let counts = parameters.knowledge == .own ? Array(1...max(1, f)) : [f]
    search: for crafted in counts {
      lambda = Self.bound(of: benign, crafted: crafted) / length
      while lambda > parameters.threshold {
        if Self.isPicked(lambda, crafted: crafted, benign: benign.count, base: base) {
          break search
        }
        lambda /= 2
      }
    }
    var first = signs
    first.scale(by: -Float(lambda))
    return (0..<f).map { CraftedUpdate($0 == 0 ? first : first + offsets[$0 - 1]) }
  }

  /// A vector in a random direction of a length uniform up to `spread`.
  private static func offset(
    within spread: Double, dimension: Int, using generator: inout Generator
  ) -> Vector {
    if spread == 0 { return Vector(zeros: dimension) }
    var vector = Vector(generator.normals(dimension))
    let norm = vector.norm
    if norm > 0 { vector.scale(by: Float(spread * generator.uniform() / norm)) }
    return vector
  }

  /// What λ‖s‖ cannot exceed if Krum is to pick one of `crafted` copies.
  private static func bound(of benign: UpdateView, crafted: Int) -> Double {
    let n = benign.count
    let least = krumScores(benign.squaredDistances, neighbors: n - 2).min() ?? 0
    let farthest = (0..<n).reduce(0) { max($0, benign.norm($1)) }
    return (least / Double(max(1, n - crafted - 1))).squareRoot() + farthest
  }

  private static func isPicked(
    _ lambda: Double, crafted: Int, benign: Int, base: UpdateView
  ) -> Bool {
    var weights = SmallMatrix(zeros: benign + crafted, columns: base.count)
    for row in 0..<benign { weights[row, row] = 1 }
    for index in 0..<crafted {
      weights[benign + index, benign] = -lambda
      if index > 0 { weights[benign + index, benign + index] = 1 }
    }
    let scores = krumScores(base.mixed(by: weights).squaredDistances, neighbors: benign - 2)
    guard let good = scores[..<benign].min(), let bad = scores[benign...].min() else {
      return false
    }
    return bad < good
  }

  /// The sum of each row's smallest squared distances to others; at least one counts.
  private static func krumScores(_ distances: SmallMatrix, neighbors: Int) -> [Double] {
    (0..<distances.rows).map { i in
      let others = (0..<distances.rows).filter { $0 != i }.map { distances[i, $0] }.sorted()
      return others.prefix(max(1, neighbors)).reduce(0, +)
    }
  }
}
