internal import Components
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

  private let honest: UpdateView?
  private let component: String

  init(
    round: Int, colluders: [Int], received: Int, globalModel: Vector, own: UpdateView,
    honest: UpdateView?, component: String
  ) {
    self.round = round
    self.colluders = colluders
    self.received = received
    self.globalModel = globalModel
    self.own = own
    self.honest = honest
    self.component = component
  }

  /// The benign updates an attack estimates its statistics from: the honest clients' for an
  /// omniscient attacker, the colluders' own clean ones otherwise.
  ///
  /// - Throws: `FederationError.notGranted` when the threat model hides the honest updates.
  public func benign(_ knowledge: ThreatModel.Knowledge) throws -> UpdateView {
    switch knowledge {
    case .own: return own
    case .omniscient:
      guard let honest else {
        throw FederationError.notGranted(
          component: component, what: Capability.honestUpdates.rawValue)
      }
      return honest
    }
  }
}
