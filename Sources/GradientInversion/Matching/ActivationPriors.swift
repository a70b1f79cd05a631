internal import Learning

/// The priors on activations inside the network: batch-norm statistics and features.
struct ActivationPriors<S: AttackPrecision>: Sendable {
  private struct Norm: Sendable {
    let site: PullSite
    let means: [Double]
    let variances: [Double]
    let weight: Double
  }

  private struct Feature: Sendable {
    let site: PullSite
    /// The target features of each class; empty where the gradient says nothing of it.
    let targets: [[Double]]
    let weight: Double
  }

  private let norms: [Norm]
  private let feature: Feature?
  var isEmpty: Bool { norms.isEmpty && feature == nil }

  /// Room for the moments of the widest norm, one for each candidate.
  struct Scratch {
    fileprivate var means: [Double]
    fileprivate var variances: [Double]
  }

  /// Room for one candidate.
  func scratch() -> Scratch {
    let zeros = [Double](repeating: 0, count: norms.map(\.site.channels).max() ?? 0)
    return Scratch(means: zeros, variances: zeros)
  }

  /// - Throws: `InversionError` if a prior does not apply to the model, or statistics do not fit.
  init(
    _ priors: [AttackSettings.Prior], network: Network, parameters: S.Flat,
    knowledge: AttackerKnowledge,
    gradient: [Double]
  ) throws(InversionError) {
    var norms: [Norm] = []
    var feature: Feature?
    for prior in priors {
      switch prior {
      case .batchNorm(let weight, let firstFactor):
        norms += try Self.norms(
          network, parameters, knowledge, weight: weight, firstFactor: firstFactor)
      case .feature(let weight):
        feature = try Self.feature(network, gradient, weight: weight)
      default: continue
      }
    }
    self.norms = norms
    self.feature = feature
  }

  private static func norms(
    _ network: Network, _ parameters: S.Flat, _ knowledge: AttackerKnowledge, weight: Double,
    firstFactor: Double
  ) throws(InversionError) -> [Norm] {
    let sites = network.batchNormSites
    guard !sites.isEmpty else {
      throw .unsuitableModel(method: "the batch-norm prior", reason: "it has no batch norm")
    }
    if let known = knowledge.batchStatistics {
      let shape = sites.map(\.channels)
      guard known.means.map(\.count) == shape, known.variances.map(\.count) == shape else {
        throw .sizeMismatch(
          what: "channels of the batch statistics", got: known.means.reduce(0) { $0 + $1.count },
          expected: "\(shape), one list for each batch norm")
      }
    }
    let values = parameters.read { $0.map { Double($0) } }
    return sites.enumerated().map { index, site in
      let running = Array(values[site.statistics])
      return Norm(
        site: site,
        means: knowledge.batchStatistics?.means[index] ?? Array(running.prefix(site.channels)),
        variances: knowledge.batchStatistics?.variances[index]
          ?? Array(running.suffix(site.channels)),
        weight: weight * (index == 0 ? firstFactor : 1))
    }
  }

  private static func feature(
    _ network: Network, _ gradient: [Double], weight: Double
  ) throws(InversionError) -> Feature {
    guard let site = network.headSite else {
      throw .unsuitableModel(method: "the feature prior", reason: "its last layer is not dense")
    }
    let head = try HeadGradient(gradient, of: network)
    let bias = try head.requireBias("the feature prior")
    let targets = (0..<head.classes).map { c -> [Double] in
      // Classes that were in the batch have a negative entry; of the others nothing is known.
      guard bias[c] < 0 else { return [] }
      return (0..<head.features).map { head.weight[c * head.features + $0] / bias[c] }
    }
    return Feature(site: site, targets: targets, weight: weight)
  }

  /// Adds `scale` times the gradients at a step's input; the priors' value.
  func pull(
    step: Int, _ a: UnsafePointer<S>, _ gradient: UnsafeMutablePointer<S>, rows: Int,
    classes: [Int32], scale: Double, scratch: inout Scratch
  ) -> Double {
    var sum = 0.0
    for norm in norms where norm.site.step == step {
      sum += pull(norm, a, gradient, rows: rows, scale: scale, &scratch)
    }
    if let feature, feature.site.step == step {
      let width = feature.site.channels
      let factor = feature.weight / Double(rows * width)
      for row in 0..<min(rows, classes.count) {
        let target = feature.targets[Int(classes[row])]
        for index in target.indices {
          let difference = Double(a[row * width + index]) - target[index]
          sum += factor / 2 * difference * difference
          gradient[row * width + index] += S(scale * factor * difference)
        }
      }
    }
    return sum
  }

  /// `|mu - m| + |var - s|` with gradient
  /// `(1/n) [(mu - m) / |mu - m| + 2 (a - mu) (var - s) / |var - s|]`.
  private func pull(
    _ norm: Norm, _ a: UnsafePointer<S>, _ gradient: UnsafeMutablePointer<S>, rows: Int,
    scale: Double, _ scratch: inout Scratch
  ) -> Double {
    let (channels, places) = (norm.site.channels, rows * norm.site.positions)
    for c in 0..<channels { (scratch.means[c], scratch.variances[c]) = (0, 0) }
    for place in 0..<places {
      for c in 0..<channels { scratch.means[c] += Double(a[place * channels + c]) }
    }
    for c in 0..<channels { scratch.means[c] /= Double(places) }
    for place in 0..<places {
      for c in 0..<channels {
        let difference = Double(a[place * channels + c]) - scratch.means[c]
        scratch.variances[c] += difference * difference / Double(places)
      }
    }
    var (meanNorm, varianceNorm) = (0.0, 0.0)
    for c in 0..<channels {
      let mean = scratch.means[c] - norm.means[c]
      let variance = scratch.variances[c] - norm.variances[c]
      meanNorm += mean * mean
      varianceNorm += variance * variance
    }
    (meanNorm, varianceNorm) = (meanNorm.squareRoot(), varianceNorm.squareRoot())
    let factor = scale * norm.weight / Double(places)
    for place in 0..<places {
      for c in 0..<channels {
        let mean = scratch.means[c]
        var pull = 0.0
        if meanNorm > 0 { pull += (mean - norm.means[c]) / meanNorm }
        if varianceNorm > 0 {
          pull +=
            2 * (Double(a[place * channels + c]) - mean)
            * (scratch.variances[c] - norm.variances[c]) / varianceNorm
        }
        gradient[place * channels + c] += S(factor * pull)
      }
    }
    return norm.weight * (meanNorm + varianceNorm)
  }
}
