internal import Components
internal import CryptoCore
internal import Datasets
internal import FileFormats
internal import Learning

extension Scenario {
  /// The SHA-256 of everything that determines the run: data, clients, model, training, threat, seed,
  /// every component with its revision and parameters, and the round's own revision.
  ///
  /// - Complexity: O(number of the clients' examples).
  var fingerprint: String {
    get throws {
      var lines = [
        "round \(Self.revision)", "seed \(seed)", "data \(data.digest)",
        "training \(try ParameterCoding.node(of: training).canonicalJSON)",
        "threat \(try ParameterCoding.node(of: threat).canonicalJSON)",
        "model \(network.inputShape) \(network.layers) \(network.loss)",
        "shifts \(shares.shifts)",
      ]
      for (position, components) in pipeline.positions {
        for component in components {
          lines.append("\(position) \(try component.fingerprint)")
        }
      }
      var hash = SHA256()
      hash.update(lines.joined(separator: "\n"))
      hash.update(try BinaryEncoder().encode(shares.indices))
      if !heldOut.isEmpty { hash.update(try BinaryEncoder().encode(heldOut)) }
      return hash.finalize().hexadecimal
    }
  }
}

extension Component {
  /// Name, revision and parameters.
  fileprivate var fingerprint: String {
    get throws {
      let card = Self.card
      let parameters = try ParameterCoding.node(of: parameters).canonicalJSON
      return "\(card.name) \(card.revision) \(parameters)"
    }
  }
}

extension RoundPipeline {
  /// Who stands at each position, in a fixed order.
  fileprivate var positions: [(name: String, components: [any Component])] {
    [
      ("devices", devices), ("sampler", [sampler]), ("broadcast", [broadcast]),
      ("data views", dataViews), ("trainer", [trainer]), ("descent", descent.map { [$0] } ?? []),
      ("objectives", objectives), ("inspections", inspections), ("step views", stepViews),
      ("releases", releases),
      ("transforms", transforms), ("transport", [transport]), ("arrival", [arrival]),
      ("admissions", admissions), ("pre-aggregators", preAggregators),
      ("aggregator", [aggregator]), ("noise", [noise]),
      ("privacy", privacy.map { [$0] } ?? []), ("optimizer", [optimizer]),
      ("personalizer", [personalizer]), ("corruption", attack.corruption.map { [$0] } ?? []),
      ("attack's data views", attack.dataViews), ("attack's transforms", attack.transforms),
      ("observers", attack.observers),
    ]
  }
}
