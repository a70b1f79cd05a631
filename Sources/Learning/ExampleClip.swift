/// How an example's gradient `g` is scaled before it joins a private sum.
///
/// Whatever the gradient is, what joins the sum is no longer than `sensitivity`.
public enum ExampleClip: Sendable, Hashable {
  /// `g min(1, C / |g|)`: Abadi et al., Deep Learning with Differential Privacy, CCS 2016,
  /// algorithm 1.
  case flat(Double)
  /// Each layer's part `g_l` by itself, `g_l min(1, C_l / |g_l|)`, with one `C_l` for each of
  /// ``Network/parameterLayers``: McMahan et al., A General Approach to Adding Differential Privacy
  /// to Iterative Training Procedures, 2018, section 3.
  case perLayer([Double])
  /// `C g / (|g| + stability)`: every gradient about equally long, so that `C` only scales the
  /// learning rate. Bu, Wang, Zha and Karypis, Automatic Clipping, NeurIPS 2023, AUTO-S, where the
  /// stability is 0.01.
  case automatic(Double, stability: Double)

  /// The longest that a scaled gradient can be.
  public var sensitivity: Double {
    switch self {
    case .flat(let norm), .automatic(let norm, _): norm
    case .perLayer(let norms): norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
  }

  /// What a gradient, or for ``perLayer(_:)`` the part of layer `layer`, of this norm is multiplied
  /// by.
  package func factor(norm: Double, layer: Int = 0) -> Double {
    switch self {
    case .flat(let limit): norm > limit ? limit / norm : 1
    case .perLayer(let limits): norm > limits[layer] ? limits[layer] / norm : 1
    case .automatic(let limit, let stability): limit / (norm + stability)
    }
  }

  func check(layers: Int, place: String) throws(LearningError) {
    func require(_ condition: Bool, _ what: String, _ got: Double) throws(LearningError) {
      guard condition else {
        throw .invalid(place: place, what: what, got: "\(got)", requirement: "must be positive")
      }
    }
    switch self {
    case .flat(let norm):
      try require(norm > 0 && norm.isFinite, "the clipping norm", norm)
    case .perLayer(let norms):
      guard norms.count == layers else {
        throw .sizeMismatch(
          place: place, what: "clipping norms, one for each layer with parameters",
          got: norms.count, expected: layers)
      }
      for norm in norms { try require(norm > 0 && norm.isFinite, "a layer's clipping norm", norm) }
    case .automatic(let norm, let stability):
      try require(norm > 0 && norm.isFinite, "the clipping norm", norm)
      try require(stability > 0 && stability.isFinite, "the stability", stability)
    }
  }
}

/// What a private sum was made of. All of it depends on the data and is covered by no guarantee.
public struct ClippedBatch: Sendable {
  /// The norm of every row's gradient before it was scaled; not finite for those left out.
  public let norms: [Double]
  /// Rows whose gradient is not finite: each adds zero to the sum.
  public let excluded: [Int]
  /// The sum of the losses of the other rows.
  public let loss: Double
}

extension Network {
  /// Where the parameters of each layer that has any lie, with the layer's name, such as `fc1`.
  public var parameterLayers: [(name: String, range: Range<Int>)] {
    var layers: [(name: String, range: Range<Int>)] = []
    for case .run(let run) in steps where run.hasParameters {
      let range =
        run.offset..<run.offset + run.operation.operation.tensors.reduce(0) { $0 + $1.count }
      let name = layout.segments.first { $0.range.lowerBound == run.offset }?.name ?? ""
      layers.append((String(name.prefix { $0 != "." }), range))
    }
    return layers
  }
}
