public import Components
public import Federation
internal import Foundation
internal import Learning
public import Randomness
internal import Tensors

/// Trusts clients less the more alike what they have sent over all rounds is: sybils share a goal,
/// honest clients have data of their own.
///
///     h_i = Σ_t x_i(t);   c_ij = cos(h_i, h_j);   v_i = max_{j ≠ i} c_ij, at least 0
///     pardon: c_ij ← c_ij v_i / v_j where v_i < v_j
///     α_i = 1 - max_{j ≠ i} c_ij;   α ← α / max α;   α_i ← κ (ln(α_i / (1 - α_i)) + 1/2) in [0, 1]
///     foolsgold(x) = Σ α_i x_i / Σ α_i
///
/// No guarantee, and no bound on the number of sybils: it needs colluders to be alike and honest
/// clients not to be. One attacker alone is always trusted, honest clients with much the same data
/// lose their weight as sybils do, and colluders who add differing noise pass. Where every client is
/// like another, published code divides 0 by 0; here the model is held. A client that is like nobody
/// has v = 0, so negative cosines never pardon.
///
/// The paper adds up Σ α_i x_i (`output: sum`), which of whole local updates rather than single
/// gradients moves the model up to n times too far; the default divides by Σ α_i. Published code of
/// AlignIns divides by n and compares single rounds only.
///
/// Indicative features are all coordinates, or with `features: output-layer` those of the last layer,
/// which label flips and backdoors must change; published code that ranks coordinates by the model's
/// weights is not imitated. Memory: one vector of these coordinates for each client ever seen.
///
/// Example: (1, 0), (1, 0), (0, 1) in the first round: the first two are identical and get weight 0,
/// so the result is (0, 1).
///
/// Source: Fung, Yoon, Beschastnikh 2020, *The Limitations of Federated Learning in Sybil Settings*,
/// algorithm 1.
public struct FoolsGold: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// κ: how steeply trust rises with being unlike.
    public var confidence = 1.0
    /// What is made of the trusted updates.
    public var output = Output.mean
    /// Which coordinates are compared.
    public var features = Features.all
  }

  /// Which coordinates are compared.
  public enum Features: String, CaseIterable, Codable, Hashable, Sendable {
    /// All of them.
    case all
    /// Those of the model's last layer; all where the layers are unknown.
    case outputLayer = "output-layer"
  }

  /// What is made of the trusted updates.
  public enum Output: String, CaseIterable, Codable, Hashable, Sendable {
    /// Σ α_i x_i / Σ α_i.
    case mean
    /// Σ α_i x_i, as in the paper.
    case sum
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "foolsgold",
    summary: "A mean weighted by how unlike others a client's updates of all rounds are.",
    formula: "Σ α_i x_i / Σ α_i, α = logit(1 - max_j cos(h_i, h_j)), h_i = Σ_t x_i(t)",
    citation: "Fung et al. 2020, algorithm 1",
    needs: [.individualUpdates, .clientIdentity],
    claims: [.permutationInvariant, .scaleEquivariant, .inCoordinateHull],
    parameters: [
      .init("confidence", "how steeply trust rises (κ)", range: "greater than 0"),
      .init("output", "mean of the trusted updates, or the paper's sum", range: "mean or sum"),
      .init("features", "coordinates that are compared", range: "all or output-layer"),
    ])

  /// κ = 1, the mean.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The rule with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("confidence", parameters.confidence)
    try check.finish()
    self.parameters = parameters
  }

  /// The rule with this confidence, output and features.
  public init(
    confidence: Double = 1, output: Output = .mean, features: Features = .all
  ) throws {
    try self.init(Parameters(confidence: confidence, output: output, features: features))
  }

  /// What each client has sent so far.
  private struct History: Codable {
    var sums: [Int: Vector] = [:]
  }

  /// Weights the rows by their histories. O(n² d) for the histories' Gram matrix.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) throws -> Aggregation {
    let n = view.updates.count
    var history = memory[History.self] ?? History()
    let head =
      parameters.features == .outputLayer
      ? view.segments.filter { $0.role == .head }.map(\.range) : []
    // Rows of one client share its history; a row without a name has only itself.
    var sums: [Vector] = []
    var owner: [Int] = []
    var place: [Int: Int] = [:]
    for row in 0..<n {
      let whole = view.updates.row(row)
      let update = head.isEmpty ? whole : Vector(head.flatMap { whole.array[$0] })
      if let client = view.clients[row] {
        if let known = place[client] {
          sums[known].add(update)
          owner.append(known)
          continue
        }
        place[client] = sums.count
        sums.append(history.sums[client].map { $0 + update } ?? update)
      } else {
        sums.append(update)
      }
      owner.append(sums.count - 1)
    }
    for (client, index) in place { history.sums[client] = sums[index] }
    memory[History.self] = history

    // A client that overflowed its own history is like nobody and trusted by nobody.
    let isUsable = sums.map(\.isFinite)
    let usable = sums.indices.filter { isUsable[$0] }
    if usable.isEmpty { return Aggregation(.hold("found no finite history")) }
    let matrix = try UpdateMatrix(rows: usable.map { sums[$0] })
    guard let trusted = weights(of: UpdateView(matrix)) else {
      return Aggregation(.hold("found every client's history to be like another's"))
    }
    var trust = [Double](repeating: 0, count: sums.count)
    for (index, weight) in zip(usable, trusted) { trust[index] = weight }
    let weights = owner.map { trust[$0] }
    var reasons: [Int: String] = [:]
    for row in 0..<n where weights[row] == 0 {
      reasons[row] =
        isUsable[owner[row]] ? "its history is like another client's" : "its history overflowed"
    }
    var aggregation = Aggregation(
      parameters.output == .mean ? .weightedMean(weights) : .combination(weights),
      kept: weights.map { $0 > 0 }, scores: weights.map { 1 - $0 })
    aggregation.reasons = reasons
    return aggregation
  }

  /// α of each history; nil where all of them are alike.
  private func weights(of histories: UpdateView) -> [Double]? {
    let n = histories.count
    var likeness = histories.cosineDistances
    for i in 0..<n {
      for j in 0..<n { likeness[i, j] = 1 - likeness[i, j] }
    }
    let nearest = (0..<n).map { i in (0..<n).reduce(0) { max($0, i == $1 ? 0 : likeness[i, $1]) } }
    for i in 0..<n {
      for j in 0..<n where nearest[i] < nearest[j] { likeness[i, j] *= nearest[i] / nearest[j] }
    }
    let unlike = (0..<n).map { i in
      1 - (0..<n).reduce(0) { max($0, i == $1 ? 0 : likeness[i, $1]) }
    }
    guard let most = unlike.max(), most > 1e-12 else { return nil }
    return unlike.map { value in
      let share = max(0, value / most)
      if share == 0 || share == 1 { return share }
      return min(1, max(0, parameters.confidence * (log(share / (1 - share)) + 0.5)))
    }
  }
}
