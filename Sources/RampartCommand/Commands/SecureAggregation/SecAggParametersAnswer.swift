internal import CommandLineTools
internal import Components
internal import Foundation
internal import SecureAggregation

/// What `rampart secagg parameters` tells.
struct SecAggParametersAnswer {
  let parameters: AggregationParameters
  /// The full graph under the same policy, if it has a threshold.
  let fullGraph: AggregationParameters?
  let ring: MaskRing
  let bits: Int
  let maxWeight: Int
  let dimension: Int?

  private var policy: SecureAggregationPolicy { parameters.policy }
  /// The weight rides along.
  private var elements: Int { dimension.map { $0 + 1 } ?? 0 }

  private func traffic(_ parameters: AggregationParameters) -> TrafficEstimate {
    TrafficEstimate(neighbourhood: parameters.neighbourhood, elements: elements, ring: ring)
  }

  // MARK: - Text

  /// The sentence, the table, the bytes.
  var lines: [String] {
    var table = PrivacyTable([
      ("what must not happen", .left), ("probability", .left), ("allowed", .left), ("", .left),
    ])
    for risk in parameters.risks {
      table.rows.append([
        Self.words(risk.constraint),
        risk.log2Probability == -.infinity ? "0" : "at most " + Self.power(risk.log2Probability),
        "2^-\(Int(-risk.log2Limit))", parameters.binding == risk.constraint ? "binding" : "",
      ])
    }
    return [sentence, ""] + table.lines + ["", binding, ""] + sizes
  }

  private var sentence: String {
    let (n, k, t) = (policy.clients, parameters.degree, parameters.threshold)
    let server = policy.adversary == .active ? "an active" : "a curious"
    let graph =
      parameters.topology == .full
      ? "All \(Words.grouped(n)) clients share secrets with each other (degree \(Words.grouped(k)))"
      : "Each of \(Words.grouped(n)) clients shares secrets with \(Words.grouped(k)) neighbours "
        + "(degree \(Words.grouped(k)))"
    let most = parameters.thresholds.upperBound
    let range = most > t ? ", any threshold up to \(Words.grouped(most)) would do" : ""
    return graph
      + ", and \(Words.grouped(t)) shares open one (threshold \(Words.grouped(t))\(range)): "
      + "\(server) server with \(Words.grouped(policy.corruptClients)) corrupt clients sees only "
      + "the sum, and the sum survives \(Words.grouped(policy.dropouts)) dropouts."
  }

  private var binding: String {
    switch (parameters.topology, parameters.binding) {
    case (.full, _):
      "Nothing is left to chance while no more clients are corrupt or drop out."
    case (.regular, nil): "No degree is smaller."
    case (.regular, let constraint?):
      "The binding constraint is \(Self.name(constraint)): with two neighbours fewer, "
        + Self.reason(constraint)
    }
  }

  private static func name(_ constraint: AggregationParameters.Constraint) -> String {
    switch constraint {
    case .connectivity: "connectivity"
    case .corruptNeighbourhood: "corrupt neighbourhoods"
    case .survivors: "survivors"
    }
  }

  private static func reason(_ constraint: AggregationParameters.Constraint) -> String {
    switch constraint {
    case .connectivity: "the honest survivors are too likely to fall into parts."
    case .corruptNeighbourhood:
      "corrupt neighbours are too likely to reach a threshold that survivors are sure to reach."
    case .survivors:
      "survivors are too likely to miss a threshold that corrupt neighbours cannot reach."
    }
  }

  private var sizes: [String] {
    let traffic = traffic(parameters)
    let weights = maxWeight == 1 ? "" : ", weights up to \(Words.grouped(maxWeight))"
    var lines = [
      "Sums are modulo 2^\(ring.bits): \(Words.grouped(policy.clients)) clients, "
        + "\(bits) bits a coordinate\(weights)."
    ]
    let overhead =
      "\(Words.grouped(traffic.keys)) bytes of keys and \(Words.grouped(traffic.shares)) of shares"
    if let dimension {
      lines.append(
        "A client sends and receives \(Words.grouped(traffic.total)) bytes (\(Self.size(traffic.total)))"
          + ": \(overhead), and \(Words.grouped(traffic.vector)) of masked vector for "
          + "\(Words.grouped(dimension)) coordinates and the weight.")
    } else {
      lines.append(
        "A client sends and receives \(overhead), and \(ring.bits) bits for each coordinate.")
    }
    if parameters.topology == .regular, let fullGraph {
      let usual =
        policy.clients <= SecureAggregationPolicy.fullGraphClients ? ", the usual choice here," : ""
      lines.append(
        "The full graph (--protocol secagg)\(usual) has the threshold "
          + "\(Words.grouped(fullGraph.threshold)) and takes "
          + "\(Self.size(self.traffic(fullGraph).total - traffic.total)) more.")
    }
    return lines
  }

  private static func words(_ constraint: AggregationParameters.Constraint) -> String {
    switch constraint {
    case .connectivity: "the honest survivors fall into parts"
    case .corruptNeighbourhood: "corrupt neighbours open somebody's secrets"
    case .survivors: "too few of somebody's neighbours survive"
    }
  }

  /// `2^-41.3`, rounded upwards.
  private static func power(_ exponent: Double) -> String {
    let tenths = (exponent * 10).rounded(.up) / 10
    return tenths == tenths.rounded() ? "2^\(Int(tenths))" : "2^\(tenths)"
  }

  private static func size(_ bytes: Int) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var (value, unit) = (Double(bytes), 0)
    while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
    return unit == 0 ? "\(bytes) bytes" : String(format: "%.3g %@", value, units[unit])
  }

  // MARK: - JSON

  /// What `--json` writes.
  var node: ConfigurationNode {
    let traffic = traffic(parameters)
    let risks = parameters.risks.map { risk in
      ReportNode.map([
        ("constraint", .text(risk.constraint.rawValue)),
        ("probability", .number(risk.probability)),
        ("log2Probability", ReportNode.number(risk.log2Probability)),
        ("log2Limit", .number(risk.log2Limit)),
      ])
    }
    return ConfigurationNode(
      ReportNode.map([
        ("protocol", .text(parameters.topology == .full ? "secagg" : "secagg-plus")),
        ("clients", .integer(policy.clients)), ("corrupt", .number(policy.corrupt)),
        ("dropout", .number(policy.dropout)), ("adversary", .text(policy.adversary.rawValue)),
        ("securityBits", .integer(policy.securityBits)),
        ("failureBits", .integer(policy.failureBits)),
        ("corruptClients", .integer(policy.corruptClients)),
        ("dropouts", .integer(policy.dropouts)), ("degree", .integer(parameters.degree)),
        ("threshold", .integer(parameters.threshold)),
        ("largestThreshold", .integer(parameters.thresholds.upperBound)),
        ("bindingConstraint", ReportNode.text(parameters.binding?.rawValue)),
        ("constraints", ReportNode.list(risks)), ("modulusBits", .integer(ring.bits)),
        ("bits", .integer(bits)), ("maxWeight", .integer(maxWeight)),
        ("dimension", dimension.map { .integer($0) } ?? .null),
        (
          "bytes",
          ReportNode.map([
            ("keys", .integer(traffic.keys)), ("shares", .integer(traffic.shares)),
            ("vector", dimension == nil ? .null : .integer(traffic.vector)),
            ("total", dimension == nil ? .null : .integer(traffic.total)),
          ])
        ),
        (
          "fullGraphThreshold", (fullGraph?.threshold).map { .integer($0) } ?? .null
        ),
      ]))
  }
}
