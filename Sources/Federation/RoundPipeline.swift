public import Components
public import Learning

/// Who stands at each position of the round.
///
/// Made from named components: each takes every position it conforms to. Positions that one
/// component can hold refuse a second; the others keep the order of naming.
public struct RoundPipeline: Sendable {
  /// What everybody trains in place of the model that was named.
  public var extensions: [any ModelExtension] = []
  /// How clients' devices behave.
  public var devices: [any DeviceModel] = []
  /// Who takes part.
  public var sampler: any ClientSampler = FullParticipation()
  /// What clients receive.
  public var broadcast: any Broadcast = FullBroadcast()
  /// What everybody trains on.
  public var dataViews: [any DataView] = []
  /// How clients train.
  public var trainer: any LocalTrainer
  /// How clients' steps are taken; nil takes gradient steps on the mean loss.
  public var descent: (any LocalDescent)?
  /// Terms added to the loss.
  public var objectives: [any Objective] = []
  /// What clients check before they train.
  public var inspections: [any ModelInspection] = []
  /// What clients do within each step of their training.
  public var stepViews: [any StepView] = []
  /// What clients do to their updates.
  public var transforms: [any UpdateTransform] = []
  /// How updates travel.
  public var transport: any Transport = Plain()
  /// When the server stops waiting.
  public var arrival: any Arrival = Synchronous()
  /// What is let in.
  public var admissions: [any Admission] = []
  /// What happens before the rule.
  public var preAggregators: [any PreAggregator] = []
  /// The rule.
  public var aggregator: any Aggregator
  /// What the server adds.
  public var noise: any ServerNoise = NoNoise()
  /// What a trusted server promises clients; nil promises nothing.
  public var privacy: (any CentralPrivacy)?
  /// Whether its server or its clients together make a promise that must be calibrated before a run.
  public var promisesPrivacy: Bool { privacy != nil || transport is any DistributedPrivacy }
  /// How the model moves.
  public var optimizer: any ServerOptimizer = AddAggregate()
  /// What whoever asks the trained model is answered.
  public var releases: [any PredictionRelease] = []
  /// What clients use.
  public var personalizer: any Personalizer = GlobalModelOnly()
  /// What the colluders do.
  public var attack = AttackPositions()

  /// The model that is trained where `network` was named, if nobody tampers with it.
  public func network(extending network: Network) throws -> Network {
    try extensions.reduce(network) { try $1.network(extending: $0) }
  }

  /// What every client does before the server sees anything: the model it trains, inspections, data
  /// views, step views, the descent and transforms, first to last.
  var clientMeasures: [any RoundComponent] {
    var measures: [any RoundComponent] = extensions
    measures += inspections
    measures += dataViews
    measures += stepViews
    if let descent { measures.append(descent) }
    return measures + transforms
  }

  /// The positions an attack can take. Data views and transforms among them touch the colluders
  /// only.
  public struct AttackPositions: Sendable {
    /// What the colluders send; nil sends their own updates.
    public var corruption: (any Corruption)?
    /// What the colluders train on.
    public var dataViews: [any DataView] = []
    /// What the colluders do to their updates after everybody's transforms.
    public var transforms: [any UpdateTransform] = []
    /// Who reads along; at most one of them tampers with what clients are sent.
    public var observers: [any Observer] = []

    /// Nobody attacks.
    public init() {}

    /// The architecture that clients get in place of `network`.
    public func network(replacing network: Network) throws -> Network {
      var network = network
      for case let server as any ServerTampering in observers {
        network = try server.network(replacing: network)
      }
      return network
    }

    /// Whether any client behaves other than the protocol says.
    public var corrupts: Bool {
      (corruption?.corrupts ?? false) || !dataViews.isEmpty || !transforms.isEmpty
    }
  }

  /// A pipeline of null components around a trainer and a rule.
  public init(trainer: any LocalTrainer, aggregator: any Aggregator) {
    self.trainer = trainer
    self.aggregator = aggregator
  }

  /// A pipeline of named components; without `population`, devices are ideal.
  ///
  /// - Throws: `FederationError.positionTaken` when two components want the same single position,
  ///   `.noPosition` when one fits nowhere.
  public init(
    population: [any Component] = [], algorithm: [any Component], transport: any Component,
    attack: [any Component], defense: [any Component]
  ) throws {
    var seats = Seats()
    for component in population { try seats.seat(component, role: .population) }
    for component in algorithm { try seats.seat(component, role: .algorithm) }
    try seats.seat(transport, role: .transport)
    for component in defense { try seats.seat(component, role: .defense) }
    guard let trainer = seats.trainer.holder else {
      throw FederationError.noPosition(component: "nobody", role: "local trainer")
    }
    guard let aggregator = seats.aggregator.holder else {
      throw FederationError.noPosition(component: "nobody", role: "aggregator")
    }
    if let descent = seats.descent.holder, !trainer.followsDescent {
      throw FederationError.withoutEffect(component: descent.cardName, beside: trainer.cardName)
    }
    if let descent = seats.descent.holder, let view = seats.stepViews.first {
      throw FederationError.withoutEffect(component: view.cardName, beside: descent.cardName)
    }
    self.init(trainer: trainer, aggregator: aggregator)
    sampler = seats.sampler.holder ?? sampler
    broadcast = seats.broadcast.holder ?? broadcast
    self.transport = seats.transport.holder ?? self.transport
    arrival = seats.arrival.holder ?? arrival
    noise = seats.noise.holder ?? noise
    privacy = seats.privacy.holder
    optimizer = seats.optimizer.holder ?? optimizer
    personalizer = seats.personalizer.holder ?? personalizer
    extensions = seats.extensions
    devices = seats.devices
    dataViews = seats.dataViews
    objectives = seats.objectives
    inspections = seats.inspections
    stepViews = seats.stepViews
    descent = seats.descent.holder
    releases = seats.releases
    transforms = seats.transforms
    admissions = seats.admissions
    preAggregators = seats.preAggregators
    self.attack = try Self.attackPositions(attack)
  }

  private static func attackPositions(_ components: [any Component]) throws -> AttackPositions {
    var attack = AttackPositions()
    var corruption = Seat<any Corruption>(position: "corruption")
    var tampering = Seat<any ServerTampering>(position: "malicious server")
    for component in components {
      var seated = try corruption.offer(component as? any Corruption, from: component)
      seated =
        try tampering.offer(component as? any ServerTampering, from: component) || seated
      if let view = component as? any DataView {
        attack.dataViews.append(view)
        seated = true
      }
      if let transform = component as? any UpdateTransform {
        attack.transforms.append(transform)
        seated = true
      }
      if let observer = component as? any Observer {
        attack.observers.append(observer)
        seated = true
      }
      if !seated {
        throw FederationError.noPosition(component: component.cardName, role: "an attack")
      }
    }
    attack.corruption = corruption.holder
    return attack
  }
}

/// A position one component can hold.
private struct Seat<Holder> {
  let position: String
  private(set) var holder: Holder?
  private var holderName = ""

  init(position: String) { self.position = position }

  /// Seats `candidate` if it fits; true when it did.
  mutating func offer(_ candidate: Holder?, from component: any Component) throws -> Bool {
    guard let candidate else { return false }
    if holder != nil {
      throw FederationError.positionTaken(
        position: position, first: holderName, second: component.cardName)
    }
    holder = candidate
    holderName = component.cardName
    return true
  }
}

/// Every position outside the attack while a pipeline is put together.
private struct Seats {
  var sampler = Seat<any ClientSampler>(position: "client sampler")
  var broadcast = Seat<any Broadcast>(position: "broadcast")
  var trainer = Seat<any LocalTrainer>(position: "local trainer")
  var descent = Seat<any LocalDescent>(position: "local descent")
  var transport = Seat<any Transport>(position: "transport")
  var arrival = Seat<any Arrival>(position: "arrival policy")
  var aggregator = Seat<any Aggregator>(position: "aggregator")
  var noise = Seat<any ServerNoise>(position: "server noise")
  var privacy = Seat<any CentralPrivacy>(position: "central privacy")
  var optimizer = Seat<any ServerOptimizer>(position: "server optimizer")
  var personalizer = Seat<any Personalizer>(position: "personalizer")
  var extensions: [any ModelExtension] = []
  var devices: [any DeviceModel] = []
  var dataViews: [any DataView] = []
  var objectives: [any Objective] = []
  var inspections: [any ModelInspection] = []
  var stepViews: [any StepView] = []
  var releases: [any PredictionRelease] = []
  var transforms: [any UpdateTransform] = []
  var admissions: [any Admission] = []
  var preAggregators: [any PreAggregator] = []

  mutating func seat(_ component: any Component, role: Role) throws {
    var seated = try sampler.offer(component as? any ClientSampler, from: component)
    seated = try broadcast.offer(component as? any Broadcast, from: component) || seated
    seated = try trainer.offer(component as? any LocalTrainer, from: component) || seated
    seated = try transport.offer(component as? any Transport, from: component) || seated
    seated = try arrival.offer(component as? any Arrival, from: component) || seated
    seated = try descent.offer(component as? any LocalDescent, from: component) || seated
    seated = try aggregator.offer(component as? any Aggregator, from: component) || seated
    seated = try noise.offer(component as? any ServerNoise, from: component) || seated
    seated = try privacy.offer(component as? any CentralPrivacy, from: component) || seated
    seated = try optimizer.offer(component as? any ServerOptimizer, from: component) || seated
    seated = try personalizer.offer(component as? any Personalizer, from: component) || seated
    seated = append(component as? any ModelExtension, to: &extensions) || seated
    seated = append(component as? any DeviceModel, to: &devices) || seated
    seated = append(component as? any DataView, to: &dataViews) || seated
    seated = append(component as? any Objective, to: &objectives) || seated
    seated = append(component as? any ModelInspection, to: &inspections) || seated
    seated = append(component as? any StepView, to: &stepViews) || seated
    seated = append(component as? any PredictionRelease, to: &releases) || seated
    seated = append(component as? any UpdateTransform, to: &transforms) || seated
    seated = append(component as? any Admission, to: &admissions) || seated
    seated = append(component as? any PreAggregator, to: &preAggregators) || seated
    if !seated {
      throw FederationError.noPosition(component: component.cardName, role: role.rawValue)
    }
  }

  private func append<Holder>(_ candidate: Holder?, to list: inout [Holder]) -> Bool {
    guard let candidate else { return false }
    list.append(candidate)
    return true
  }
}

extension Component {
  /// The name on the card of this component's type.
  public var cardName: String { Self.card.name }
}
