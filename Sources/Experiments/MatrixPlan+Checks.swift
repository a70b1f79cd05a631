internal import Components
internal import Datasets
internal import Federation
internal import Learning

extension MatrixPlan {
  /// Finds what cannot work in any cell, and says it once, where it was written.
  static func check(_ cells: [Cell], seeds: [UInt64], workbench: Workbench) throws {
    var found = Findings()
    // A partition that cannot be drawn takes thousands of draws to say so: each is tried once.
    var clientCounts: [[ConfigurationNode]: Int] = [:]
    for cell in cells {
      let partition = cell.entry(.partition)
      let division = [cell.entry(.data).identity, partition.identity]
      if clientCounts[division] == nil {
        clientCounts[division] = 0
        found.attempt(at: partition.position(of: "clients"), prefix: nil) {
          for seed in seeds {
            clientCounts[division] = try workbench.shares(
              data: cell.entry(.data), partition: partition, seed: seed
            ).count
          }
        }
      }
      guard let seed = seeds.first, let clients = clientCounts[division], clients > 0 else {
        continue
      }

      var network: Network?
      found.attempt(at: cell.entry(.model).position, prefix: cell.entry(.model).label) {
        let data = try workbench.data(cell.entry(.data), for: cell.entry(.model), seed: seed)
        network = try workbench.network(cell.entry(.model), data: data)
      }

      let threat = cell.threat
      if 2 * threat.attackers >= clients {
        found.add(
          "threat: attackers: \(threat.attackers) of \(clients) clients are no minority; "
            + "at most \((clients - 1) / 2) work",
          at: cell.entry(.threat).position(of: "attackers")
            ?? partition.position(of: "clients"))
        continue
      }

      var pipeline: RoundPipeline?
      found.attempt(at: nil, prefix: nil) {
        do {
          pipeline = try workbench.pipeline(of: cell)
        } catch let error as FederationError {
          throw ConfigurationError("\(error)", at: cell.position(blamedBy: error))
        }
      }
      guard let pipeline else { continue }
      do {
        try pipeline.trainer.check(cell.training)
        try pipeline.descent?.check(cell.training)
      } catch {
        for problem in error.problems {
          found.add(
            "training: \(problem.key): \(problem.message)",
            at: cell.entry(.training).position(of: problem.key) ?? cell.entry(.training).position)
        }
      }
      if let network {
        found.attempt(at: cell.entry(.model).position, prefix: cell.entry(.model).label) {
          let extended = try pipeline.network(extending: network)
          _ = try pipeline.personalizer.keptRanges(of: extended)
        }
      }
      for refusal in Planner.sizeRefusals(of: pipeline, threat: threat, clients: clients) {
        let isTransport = refusal.component == pipeline.transport.cardName
        // What would work on updates but has too few groups to work on is a cell that cannot exist.
        if !isTransport, pipeline.transport.reveals.contains(.groupSums) { continue }
        let axis: Axis = isTransport ? .transport : .defense
        let component = cell.entry(axis).components.first { $0.name == refusal.component }
        found.add(
          "\(axis) '\(refusal.component)' \(refusal.reason); \(refusal.suggestion)",
          at: component?.position(of: isTransport ? "groups" : "f")
            ?? cell.entry(axis).position)
      }
    }
    try found.finish()
  }

  /// Mistakes found so far, each said once.
  private struct Findings {
    private var issues: [ConfigurationIssue] = []

    mutating func add(_ message: String, at position: SourcePosition?) {
      let issue = ConfigurationIssue(message, at: position)
      if !issues.contains(issue) { issues.append(issue) }
    }

    mutating func attempt(at position: SourcePosition?, prefix: String?, _ body: () throws -> Void)
    {
      do {
        try body()
      } catch let error as ConfigurationError {
        for issue in error.issues { add(issue.message, at: issue.position) }
      } catch {
        add(prefix.map { "\($0): \(error)" } ?? "\(error)", at: position)
      }
    }

    func finish() throws(ConfigurationError) {
      if !issues.isEmpty { throw ConfigurationError(issues) }
    }
  }
}

extension Cell {
  /// Where the component that `error` names was written.
  fileprivate func position(blamedBy error: FederationError) -> SourcePosition? {
    let name: String
    switch error {
    case .positionTaken(_, _, let second): name = second
    case .noPosition(let component, _): name = component
    default: return nil
    }
    for axis in [Axis.population, .algorithm, .transport, .attack, .defense] {
      if let component = entry(axis).components.first(where: { $0.name == name }) {
        return component.position
      }
    }
    return entry(.algorithm).position
  }
}
