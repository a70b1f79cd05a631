public import Learning
public import Tensors

extension AttackerKnowledge.BatchStatistics {
  /// The batch's statistics from what one training step did to the running ones, if the client sent
  /// those along: `m = (m_new - (1 - rho) m_old) / rho` for the mean, and the same for the
  /// variance, which a step takes without bias, so that it shrinks by `(n - 1) / n` here.
  ///
  /// - Parameters:
  ///   - before: The weights that the client received, running statistics included.
  ///   - after: The weights that it sent, after exactly one step.
  ///   - batchSize: Examples of the step.
  /// - Throws: `InversionError` if weights do not fit, or the model has no batch norm that moves.
  public init(
    inferredFrom before: Vector, _ after: Vector, network: Network, batchSize: Int
  ) throws(InversionError) {
    guard before.count == network.parameterCount, after.count == before.count else {
      throw .sizeMismatch(
        what: "weights after the step", got: after.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
    let sites = network.batchNormSites
    guard !sites.isEmpty, sites.allSatisfy({ $0.momentum > 0 }) else {
      throw .unsuitableModel(
        method: "reading batch statistics off running ones",
        reason: "it has no batch norm whose statistics move")
    }
    self.init(means: [], variances: [])
    for site in sites {
      let values = site.statistics.map { place in
        (Double(after[place]) - (1 - site.momentum) * Double(before[place])) / site.momentum
      }
      let count = Double(batchSize * site.positions)
      means.append(Array(values.prefix(site.channels)))
      variances.append(values.suffix(site.channels).map { $0 * (count - 1) / count })
    }
  }
}
