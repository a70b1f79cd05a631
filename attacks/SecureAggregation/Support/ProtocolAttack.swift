public import Components

/// An attack on the protocol of a masked sum: somebody who wants an input, or to bend the sum, and
/// who sends and hears messages as its role allows.
///
/// It runs against the same state machines as users do, once for each cell of its sheet: with the
/// defense, without it, and on both sides of every bound. What theory says of a cell stands beside
/// what was measured, and neither is computed from the other.
///
///     let findings = try DropoutEquivocation().run(ProtocolAttackSetting(clients: 10, seed: 1))
///     findings.allSatisfy(\.isAsExpected)
public protocol ProtocolAttack: Sendable {
  /// Name, meaning and source.
  static var card: Card { get }

  /// The attack; it has no parameters.
  init()

  /// All cells of its sheet.
  ///
  /// - Throws: What the protocol throws where it should not.
  func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding]
}

/// Under what circumstances attacks are tried.
public struct ProtocolAttackSetting: Sendable, Hashable {
  /// The fewest clients with which every attack has its cells.
  public static let minimumClients = 8
  /// The most.
  public static let maximumClients = 64

  /// How many clients take part.
  public var clients: Int
  /// How many coordinates an update has.
  public var dimension: Int
  /// Of updates, keys and secrets: the same seed gives the same measurements. Never use keys that
  /// come from a seed for anything but trying attacks.
  public var seed: UInt64
  /// How many threads an exhaustive search uses.
  public var workers: Int
  /// Bits of the largest space of seeds that is searched to the end.
  public var searchBits: Int

  /// What is left out is what `rampart secagg attack` takes.
  ///
  /// - Precondition: At least ``minimumClients`` clients, 1 coordinate, 1 worker, and 8...24 bits.
  public init(
    clients: Int = 10, dimension: Int = 256, seed: UInt64 = 1, workers: Int = 1,
    searchBits: Int = 20
  ) {
    precondition(clients >= Self.minimumClients && dimension >= 1 && workers >= 1)
    precondition((8...24).contains(searchBits), "a search of 2^\(searchBits) seeds")
    self.clients = clients
    self.dimension = dimension
    self.seed = seed
    self.workers = workers
    self.searchBits = searchBits
  }
}

/// One cell of the sheet: what one variant of an attack came to.
public struct ProtocolFinding: Sendable, Hashable {
  /// How an attack can end.
  public enum Verdict: String, Sendable, Hashable {
    /// The attacker gets what it wants.
    case succeeds
    /// It does not.
    case fails
  }

  /// The attack's name.
  public var attack: String
  /// Against what: "active, 2 colluders".
  public var variant: String
  /// Who attacks and what it may do.
  public var adversary: String
  /// What `value` is.
  public var metric: String
  /// How far the attack got.
  public var value: Double
  /// What guessing, or keeping to the rules, gives in the same metric; nil where that has no
  /// meaning.
  public var control: Double?
  /// Whether it got there, measured.
  public var succeeded: Bool
  /// Whether it should, by theory alone.
  public var expected: Verdict
  /// What the measurement rests on: what was recovered, or the reason of a refusal.
  public var evidence: String

  /// One cell.
  public init(
    attack: String, variant: String, adversary: String, metric: String, value: Double,
    control: Double?, succeeded: Bool, expected: Verdict, evidence: String
  ) {
    self.attack = attack
    self.variant = variant
    self.adversary = adversary
    self.metric = metric
    self.value = value
    self.control = control
    self.succeeded = succeeded
    self.expected = expected
    self.evidence = evidence
  }

  /// Whether measurement and theory agree.
  public var isAsExpected: Bool { succeeded == (expected == .succeeds) }
}
