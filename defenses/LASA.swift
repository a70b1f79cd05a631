public import Components
public import Federation
internal import Learning
public import Randomness
internal import Tensors

/// Clips and sparsifies every update, then replaces each layer of it that is out of the ordinary by
/// the mean of the ordinary ones; place it before the mean.
///
///     x_i ← x_i min(1, M / ‖x_i‖), M the median norm;   s_i = the largest (1 - sparsity) d of x_i
///     by layer: size = ‖s_i‖;   purity = ½ (1 + Σ sign(s_i) / Σ |sign(s_i)|)
///     z(v)_i = |v_i - median(v)| / σ(v);   S = {i: z(size)_i < λ_n and z(purity)_i < λ_s}
///     y_i = s_i for i ∈ S, the mean over S otherwise
///
/// The plain mean of the y_i is, layer by layer, the mean of the ordinary updates: LASA's aggregate.
/// Sparsity takes the small entries in which an attack can hide, and layers are judged by themselves
/// because an attack rarely touches all alike. With λ near 1 a good part of the honest layers is
/// dropped too. σ divides by n; where all values are equal every z is 0. A layer in which nobody is
/// ordinary becomes zero; published code averages everybody there. Only weights of layers are
/// sparsified, all of them together; biases and other vectors stay whole, as in the authors' code.
///
/// The authors' code averages the sparsified updates; that in FLPoison decides on them but averages
/// the clipped ones (`values: clipped`).
///
/// Example: sparsity 0 and one layer, (3, 4), (3, 4), (3, 4), (-30, 40): M = 5, the last becomes
/// (-3, 4), of purity ½ instead of 1, and is replaced: the mean is (3, 4).
///
/// Source: Xu, Zhang, Hu 2025, *Achieving Byzantine-Resilient Federated Learning via Layer-Adaptive
/// Sparsified Model Aggregation*, and its published code.
public struct LASA: PreAggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share of the weights that becomes zero.
    public var sparsity = 0.3
    /// λ_n: how far from the median a layer's norm may be, in deviations.
    public var normRadius = 2.0
    /// λ_s: how far from the median a layer's purity of signs may be, in deviations.
    public var signRadius = 1.0
    /// Which values go on to the rule.
    public var values = Values.sparsified
  }

  /// Which values go on to the rule.
  public enum Values: String, CaseIterable, Codable, Hashable, Sendable {
    /// The clipped and sparsified ones.
    case sparsified
    /// The clipped ones.
    case clipped
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "lasa",
    summary:
      "Clips, sparsifies, and mends layers whose norm or signs stand out; place before mean.",
    formula: "y_i = s_i where z(‖s_i‖) < λ_n and z(purity s_i) < λ_s, else their mean, by layer",
    citation: "Xu et al. 2025 (WACV)",
    needs: [.individualUpdates],
    claims: [.permutationInvariant, .scaleEquivariant],
    parameters: [
      .init("sparsity", "share of the weights set to zero", range: "at least 0, below 1"),
      .init("norm-radius", "deviations of a layer's norm that pass", range: "greater than 0"),
      .init(
        "sign-radius", "deviations of a layer's sign purity that pass", range: "greater than 0"),
      .init("values", "what goes on to the rule", range: "sparsified or clipped"),
    ])

  /// 30% sparsity, λ_n = 2, λ_s = 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The stage with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "sparsity", parameters.sparsity >= 0 && parameters.sparsity < 1,
      "must be at least 0 and below 1", got: parameters.sparsity)
    check.positive("norm-radius", parameters.normRadius)
    check.positive("sign-radius", parameters.signRadius)
    try check.finish()
    self.parameters = parameters
  }

  /// The stage with this sparsity and these radii.
  public init(
    sparsity: Double = 0.3, normRadius: Double = 2, signRadius: Double = 1,
    values: Values = .sparsified
  ) throws {
    try self.init(
      Parameters(
        sparsity: sparsity, normRadius: normRadius, signRadius: signRadius, values: values))
  }

  /// Clips, sparsifies and mends. O(nd) time; the result is a matrix of its own.
  public func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    let n = view.updates.count
    let norms = view.updates.squaredNorms.map { $0.squareRoot() }
    let limit = MedianScore.median(of: norms)
    let clipped = view.updates.scaled(by: norms.map { $0 > limit ? limit / $0 : 1 }).materialized()

    // Of weights the largest entries; with nothing known of the layers, of everything.
    let weights = view.segments.filter { $0.kind == .weight && $0.shape.count > 1 }.map(\.range)
    let ranges = weights.isEmpty ? [0..<view.updates.dimension] : weights
    let total = ranges.reduce(0) { $0 + $1.count }
    let share = (1 - parameters.sparsity) * Double(total) * (1 + 1e-12)
    var sparse = clipped
    sparse.sparsify(
      keeping: min(total, Int(share.rounded(.down))), within: ranges,
      workers: view.updates.workers)

    var result = parameters.values == .sparsified ? sparse : clipped
    var mended = [Int](repeating: 0, count: n)
    for segment in view.segments {
      let moments = sparse.signMoments(of: segment.range)
      let sizes = MedianScore.deviations(
        // Clipped rows have one norm, to the rounding of their entries.
        of: moments.map { $0.squaredNorm.squareRoot() }, resolution: 1e-6)
      let purities = MedianScore.deviations(
        of: moments.map {
          Double($0.positive - $0.negative) / Double(max(1, $0.positive + $0.negative))
        })
      let isOrdinary = (0..<n).map {
        sizes[$0] < parameters.normRadius && purities[$0] < parameters.signRadius
      }
      for row in 0..<n where !isOrdinary[row] { mended[row] += 1 }
      result.replace(
        segment.range, ofRows: (0..<n).filter { !isOrdinary[$0] },
        byMeanOf: (0..<n).filter { isOrdinary[$0] })
    }
    var reasons: [Int: String] = [:]
    for row in 0..<n where mended[row] > 0 {
      reasons[row] = "\(mended[row]) of \(view.segments.count) layers out of the ordinary"
    }
    return Prepared(UpdateView(result, workers: view.updates.workers), reasons: reasons)
  }
}
