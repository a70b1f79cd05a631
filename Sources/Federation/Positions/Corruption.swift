public import Components
public import Learning
public import Randomness
public import Tensors

/// Position *collusion*: the updates that colluding clients send in place of their own.
///
/// Everything is in delta space (local minus global, the server adds): an attack that wants to
/// undo progress points against the mean of the honest deltas. The null component of this position
/// is the catalogue's `none`.
public protocol Corruption: RoundComponent {
  /// Where the crafted updates enter.
  var tap: Tap { get }
  /// False for the null attack only: nobody colludes.
  var corrupts: Bool { get }

  /// One update for each of `view.colluders`, in that order.
  func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate]
}

extension Corruption {
  /// A controlled device need not follow the protocol.
  public var tap: Tap { .afterTransforms }
  /// An attack attacks.
  public var corrupts: Bool { true }
}

/// Where crafted updates enter the client chain.
public enum Tap: String, Sendable, Hashable, Codable {
  /// Before the clients' transforms: the device clips, adds noise and so on as it should.
  case beforeTransforms
  /// After them: the device sends what it likes.
  case afterTransforms
}

/// An update made by a colluder.
public struct CraftedUpdate: Sendable {
  /// The delta to send.
  public var delta: Vector
  /// The weight to claim; nil keeps the honest claim.
  public var weight: Double?

  /// An update to send; without a weight the honest claim stands.
  public init(_ delta: Vector, weight: Double? = nil) {
    self.delta = delta
    self.weight = weight
  }
}

/// What the colluders of a round can see: no more than their threat model grants.
///
/// Only the round can make one. It holds no data, no seed and no other party's randomness.
public struct CorruptionView: Sendable {
  /// The round, from 0.
  public let round: Int
  /// The colluding clients of this round, in increasing order.
  public let colluders: [Int]
  /// How many updates the server will receive, the colluders' included.
  public let received: Int
  /// The global model the round started from.
  public let globalModel: Vector
  /// The clean updates the colluders would have sent, one row each.
  public let own: UpdateView
  /// The weights the colluders would claim if they were honest.
  public let ownWeights: [Double]
  /// The model's structure, as clients train it; nil where only updates are known.
  public let network: Network?
  /// What an attack that also observes is asked about; empty where the threat model hides it.
  public let candidates: [Candidates]

  private let seen: SeenUpdates
  private let component: String

  init(
    round: Int, colluders: [Int], received: Int, globalModel: Vector, own: UpdateView,
    ownWeights: [Double], network: Network? = nil, candidates: [Candidates] = [],
    seen: SeenUpdates, component: String
  ) {
    self.round = round
    self.colluders = colluders
    self.received = received
    self.globalModel = globalModel
    self.own = own
    self.ownWeights = ownWeights
    self.network = network
    self.candidates = candidates
    self.seen = seen
    self.component = component
  }

  /// The benign updates an attack estimates its statistics from: the honest clients' for an
  /// omniscient attacker; those of some honest clients and the colluders' own clean ones for one with
  /// partial knowledge; the colluders' own clean ones otherwise.
  ///
  /// - Throws: `FederationError.notGranted` when the threat model hides these updates.
  public func benign(_ knowledge: ThreatModel.Knowledge) throws -> UpdateView {
    switch knowledge {
    case .own: return own
    case .partial: return try granted(seen.some, as: .someHonestUpdates)
    case .omniscient: return try granted(seen.honest, as: .honestUpdates)
    }
  }

  /// The server's chain to try crafted updates on, among the benign ones that `knowledge` shows.
  ///
  /// - Throws: `FederationError.notGranted` when the threat model hides the rule or these updates.
  public func rule(_ knowledge: ThreatModel.Knowledge) throws -> RuleOracle {
    try granted(seen.rule, as: .aggregationRule)(try benign(knowledge), knowledge == .omniscient)
  }

  private func granted<Value>(
    _ value: Value?, as capability: Capability
  ) throws(FederationError) -> Value {
    guard let value else {
      throw .notGranted(component: component, what: capability.rawValue)
    }
    return value
  }
}

/// What a threat model shows the colluders beyond their own; nil is hidden.
struct SeenUpdates: Sendable {
  /// The honest clients' updates.
  var honest: UpdateView?
  /// Some of them, and the colluders' own.
  var some: UpdateView?
  /// Makes the server's chain answer about benign updates, given whether these are all of them.
  var rule: (@Sendable (_ benign: UpdateView, _ areAll: Bool) throws -> RuleOracle)?
}

extension ThreatModel.Knowledge {
  /// What an attack needs to take its statistics over the benign updates that this knowledge shows.
  public var needs: Set<Capability> {
    switch self {
    case .own: [.ownUpdates]
    case .partial: [.ownUpdates, .someHonestUpdates]
    case .omniscient: [.ownUpdates, .honestUpdates]
    }
  }
}
