internal import Components

/// Why a combination cannot exist, and the nearest one that can.
public struct Refusal: Sendable, Hashable, CustomStringConvertible {
  /// The component whose needs are not met.
  public var component: String
  /// What is missing, as a table shows it: `needs individual updates; sum-only reveals only …`.
  public var reason: String
  /// What would work.
  public var suggestion: String

  /// A refusal.
  public init(component: String, reason: String, suggestion: String) {
    (self.component, self.reason, self.suggestion) = (component, reason, suggestion)
  }

  /// The reason and what would work, in one line.
  public var description: String { "\(component) \(reason); \(suggestion)" }
}

/// Joins what components need with what the transport reveals and the threat model grants, before
/// anything runs.
public enum Planner {
  /// Why `pipeline` cannot run under `threat`; empty when it can.
  ///
  /// - Parameters:
  ///   - clients: How many clients there are; rules are checked against the smallest cohort the
  ///     sampler guarantees of them.
  ///   - areDisjoint: Whether no example belongs to two clients.
  public static func refusals(
    of pipeline: RoundPipeline, threat: ThreatModel, clients: Int, areDisjoint: Bool = true
  ) -> [Refusal] {
    visibilityRefusals(of: pipeline, threat: threat)
      + overlapRefusals(of: pipeline, areDisjoint: areDisjoint)
      + sizeRefusals(of: pipeline, threat: threat, clients: clients)
  }

  /// Components that would have to see what nobody shows them.
  public static func visibilityRefusals(
    of pipeline: RoundPipeline, threat: ThreatModel
  ) -> [Refusal] {
    let transport = pipeline.transport
    let revealed = transport.reveals
    var refusals: [Refusal] = []

    var server: [any RoundComponent] = pipeline.admissions
    server += pipeline.preAggregators
    server += [pipeline.aggregator, pipeline.noise, pipeline.optimizer]
    for component in server {
      // Root data is the server's own, whatever the transport.
      var needs = component.needs.subtracting([.disjointClients, .rootData])
      if isServed(component, byGroupsOf: revealed) { needs.remove(.individualUpdates) }
      for missing in needs.subtracting(revealed).sorted() {
        let refusal = Refusal(
          component: component.cardName,
          reason: "needs \(missing); \(transport.cardName) reveals only \(list(revealed))",
          suggestion: suggestion(missing, for: component))
        // A component with two positions lacks it once.
        if !refusals.contains(refusal) { refusals.append(refusal) }
      }
    }

    refusals += observerRefusals(of: pipeline, threat: threat)

    let granted = threat.granted(over: revealed)
    var colluders: [any RoundComponent] = pipeline.attack.dataViews
    colluders += pipeline.attack.transforms
    if let corruption = pipeline.attack.corruption { colluders.append(corruption) }
    for component in colluders {
      var needs = component.needs.subtracting([.disjointClients])
      // An attack that also observes knows what it is asked; if it must not, it was refused above.
      if component is any Observer { needs.remove(.candidates) }
      for missing in needs.subtracting(granted).sorted() {
        let why =
          threat.granted(over: [.individualUpdates]).contains(missing)
          ? "\(transport.cardName) hides them from everybody"
          : "the threat model grants only \(list(granted))"
        refusals.append(
          Refusal(
            component: component.cardName, reason: "needs \(missing); \(why)",
            suggestion: suggestion(missing)))
      }
    }
    if let corruption = pipeline.attack.corruption, corruption.needs.contains(.aggregationRule),
      !granted.contains(.rootData)
    {
      var stages: [any RoundComponent] = pipeline.admissions
      stages += pipeline.preAggregators
      stages.append(pipeline.aggregator)
      for stage in stages where stage.needs.contains(.rootData) {
        refusals.append(
          Refusal(
            component: corruption.cardName,
            reason: "needs \(Capability.rootData) to try out \(stage.cardName); the threat model "
              + "hides it",
            suggestion: "give the threat 'knows-root: true'"))
      }
    }
    return refusals
  }

  /// Observers that would have to see what neither transport nor threat model shows.
  private static func observerRefusals(
    of pipeline: RoundPipeline, threat: ThreatModel
  ) -> [Refusal] {
    let transport = pipeline.transport
    let granted = threat.grantedToObservers
    var refusals: [Refusal] = []
    for observer in pipeline.attack.observers {
      var needs = observer.needs.subtracting([.disjointClients])
      if observer is any ServerTampering { needs.insert(.weightModification) }
      for missing in needs.subtracting(transport.reveals).subtracting(granted).sorted() {
        let refusal: Refusal
        if let fact = ServerFact(missing) {
          refusal = Refusal(
            component: observer.cardName,
            reason: "needs \(missing); the threat model grants the server only \(list(granted))",
            suggestion: "add \(fact.rawValue) to the threat's 'server-knows'")
        } else {
          refusal = Refusal(
            component: observer.cardName,
            reason: "needs \(missing); \(transport.cardName) reveals only "
              + list(transport.reveals),
            suggestion: suggestion(missing, for: observer))
        }
        if !refusals.contains(refusal) { refusals.append(refusal) }
      }
    }
    return refusals
  }

  /// The stages of `pipeline` that would work on single updates and get the sums of groups instead:
  /// legal, but weaker, since one colluder spoils its whole group.
  public static func stagesOnGroups(of pipeline: RoundPipeline) -> [String] {
    var stages: [any RoundComponent] = pipeline.admissions
    stages += pipeline.preAggregators
    stages.append(pipeline.aggregator)
    var names: [String] = []
    for stage in stages
    where stage.needs.contains(.individualUpdates)
      && isServed(stage, byGroupsOf: pipeline.transport.reveals)
      && !names.contains(stage.cardName)
    {
      names.append(stage.cardName)
    }
    return names
  }

  /// Whether the component can work on groups' sums in place of updates: stages between arrival and
  /// aggregate can, unless they promise privacy to single clients.
  private static func isServed(
    _ component: any RoundComponent, byGroupsOf revealed: Set<Capability>
  ) -> Bool {
    revealed.contains(.groupSums) && !(component is any ServerNoise)
      && (component is any Admission || component is any PreAggregator
        || component is any Aggregator)
  }

  /// What lets a stage of the server see what it is not shown.
  private static func suggestion(
    _ missing: Capability, for component: any RoundComponent
  ) -> String {
    var ways = ["use a transport that reveals \(missing), such as plain"]
    if missing == .individualUpdates, component.needs.isDisjoint(with: [.clientIdentity, .claims]),
      isServed(component, byGroupsOf: [.groupSums])
    {
      ways.append("or group sums, such as double-masking with groups")
    }
    return ways.joined(separator: ", ")
      + ", or a rule that needs only the sum, such as mean"
  }

  private static func suggestion(_ missing: Capability) -> String {
    switch missing {
    case .aggregationRule: "give the threat 'knows-rule: true'"
    case .someHonestUpdates: "give the attack 'knowledge: own', or the threat 'knowledge: partial'"
    default: "give the attack 'knowledge: own'"
    }
  }

  /// Attacks whose figures mean nothing where clients share examples.
  public static func overlapRefusals(
    of pipeline: RoundPipeline, areDisjoint: Bool
  ) -> [Refusal] {
    if areDisjoint { return [] }
    var attackers: [any RoundComponent] = pipeline.attack.observers
    attackers += pipeline.attack.dataViews
    attackers += pipeline.attack.transforms
    if let corruption = pipeline.attack.corruption { attackers.append(corruption) }
    return attackers.filter { $0.needs.contains(.disjointClients) }.map {
      Refusal(
        component: $0.cardName,
        reason: "needs \(Capability.disjointClients); the partition gives examples to several",
        suggestion: "use a partition without overlap, such as dirichlet")
    }
  }

  /// Stages that cannot withstand the faults they must at this cohort size.
  public static func sizeRefusals(
    of pipeline: RoundPipeline, threat: ThreatModel, clients: Int
  ) -> [Refusal] {
    guard let cohort = pipeline.sampler.guaranteedCohort(of: clients) else { return [] }
    let transport = pipeline.transport
    if cohort < transport.minimumClients {
      return [
        Refusal(
          component: transport.cardName,
          reason: "needs at least \(transport.minimumClients) clients a round, but it gets "
            + "\(cohort)",
          suggestion: "let more clients take part, or make fewer groups")
      ]
    }
    // Whatever needs rows and sees only the sum is refused for that.
    guard !transport.reveals.isDisjoint(with: [.individualUpdates, .groupSums]) else { return [] }
    return sizeRefusals(of: pipeline, threat: threat, rows: transport.visibleRows(of: cohort))
  }

  /// Stages that cannot withstand the faults they must on as few rows as there are groups; empty for
  /// transports without.
  public static func groupRefusals(of pipeline: RoundPipeline, threat: ThreatModel) -> [Refusal] {
    let transport = pipeline.transport
    guard transport.reveals.contains(.groupSums) else { return [] }
    return sizeRefusals(
      of: pipeline, threat: threat, rows: transport.visibleRows(of: transport.minimumClients))
  }

  private static func sizeRefusals(
    of pipeline: RoundPipeline, threat: ThreatModel, rows: Int
  ) -> [Refusal] {
    var rows = rows
    var refusals: [Refusal] = []
    func check(_ stage: any FaultTolerant) {
      let faults = stage.faults(assumed: threat.assumedFaults)
      let required = stage.minimumUpdates(faults: faults)
      guard rows < required else { return }
      let largest = (0...max(0, faults)).last { stage.minimumUpdates(faults: $0) <= rows }
      refusals.append(
        Refusal(
          component: stage.cardName,
          reason: "with f = \(faults) needs at least \(required) updates a round, but it gets "
            + "\(rows)",
          suggestion: largest.map { "at \(rows) updates f may be at most \($0)" }
            ?? "even at f = 0 it needs \(stage.minimumUpdates(faults: 0)) updates"))
    }
    for stage in pipeline.preAggregators {
      check(stage)
      rows = stage.preparedCount(from: rows)
    }
    check(pipeline.aggregator)
    return refusals
  }

  private static func list(_ capabilities: Set<Capability>) -> String {
    let shown = capabilities.subtracting([.globalModel])
    return shown.sorted().map(\.rawValue).joined(separator: ", ")
  }
}
