public import Components
public import Randomness
public import Tensors

/// Position *transport*: how the updates travel, and what of them the server gets to see.
public protocol Transport: RoundComponent {
  /// What the server, or anyone who reads along with it, learns.
  var reveals: Set<Capability> { get }

  /// The server's view of the uploads.
  func deliver(_ uploads: Uploads, using generator: inout Generator) throws -> Delivery

  /// The fewest clients it works for.
  var minimumClients: Int { get }

  /// How many rows the server sees of `clients` uploads.
  func visibleRows(of clients: Int) -> Int

  /// How far a coordinate of what arrives may be from the exact one, where uploads keep to the
  /// transport's range: 0 but for the rounding of `Float`.
  var resolution: Double { get }

  /// Whether every update arrives as it was sent, with its sender and its claims, and takes no more
  /// bytes than its own.
  var deliversUnchanged: Bool { get }
}

extension Transport {
  /// No.
  public var deliversUnchanged: Bool { false }
  /// One.
  public var minimumClients: Int { 1 }
  /// As many as there are clients where it reveals them one by one; else one, their sum.
  public func visibleRows(of clients: Int) -> Int {
    reveals.contains(.individualUpdates) ? clients : 1
  }
  /// The rounding of `Float`.
  public var resolution: Double { 0 }
}

/// Everything a round's clients hand to the transport.
public struct Uploads: Sendable {
  /// One row a client.
  public let updates: UpdateMatrix
  /// The client of each row.
  public let clients: [Int]
  /// The weight each client claims.
  public let weights: [Double]
  /// The effective steps each client claims, `Update.effectiveSteps`.
  public let steps: [Double]
  /// The round whose model each client started from.
  public let startedRounds: [Int]
  /// What each update takes on the wire, in the clear.
  public let bytes: [Int]
  /// How many threads may carry them.
  public let workers: Int

  /// - Precondition: One row, weight, … a client; left out are steps of 1, from round 0, and whole
  ///   updates.
  package init(
    updates: UpdateMatrix, clients: [Int], weights: [Double], steps: [Double]? = nil,
    startedRounds: [Int]? = nil, bytes: [Int]? = nil, workers: Int = 1
  ) {
    self.updates = updates
    self.clients = clients
    self.weights = weights
    self.steps = steps ?? clients.map { _ in 1 }
    self.startedRounds = startedRounds ?? clients.map { _ in 0 }
    self.bytes = bytes ?? clients.map { _ in 4 * updates.columns }
    self.workers = workers
  }
}

/// What arrives at the server.
public struct Delivery: Sendable {
  /// One visible thing: a client's update, or the mean of a group's.
  public struct Item: Sendable, Hashable {
    /// The clients behind it, if the transport tells; nil otherwise.
    public var clients: [Int]?
    /// How many clients are behind it.
    public var count: Int
    /// The total weight they claim.
    public var weight: Double
    /// The effective steps its client claims; nil for groups and where the transport does not tell.
    public var steps: Double?
    /// The round whose model its client started from; nil likewise.
    public var startedRound: Int?

    /// An item.
    public init(
      clients: [Int]?, count: Int, weight: Double, steps: Double? = nil, startedRound: Int? = nil
    ) {
      self.clients = clients
      self.count = count
      self.weight = weight
      self.steps = steps
      self.startedRound = startedRound
    }
  }

  /// One row an item: the weighted mean of the updates behind it.
  public var updates: UpdateMatrix
  /// What is known of each row.
  public var items: [Item]
  /// Bytes from all clients to the server.
  public var bytesUp: Int
  /// Bytes from the server to all clients, beyond the model.
  public var bytesDown: Int
  /// What each side spent in each round of the protocol; empty where there is no protocol.
  public var costs: [RoundCost]
  /// What the run should say of this round.
  public var notes: [String]
  /// Why clients that can check what the server tells them do not accept this round: the model is
  /// held. Nil if they do, and where nobody checks.
  public var refusal: String?

  /// A delivery.
  public init(
    updates: UpdateMatrix, items: [Item], bytesUp: Int, bytesDown: Int = 0,
    costs: [RoundCost] = [], notes: [String] = []
  ) {
    self.updates = updates
    self.items = items
    self.bytesUp = bytesUp
    self.bytesDown = bytesDown
    self.costs = costs
    self.notes = notes
  }

  /// Counts the bytes of both directions from what each round of the protocol cost.
  public mutating func countBytes() {
    (bytesUp, bytesDown) = (0, 0)
    for cost in costs {
      if cost.role == .client { bytesUp += cost.bytes } else { bytesDown += cost.bytes }
    }
  }
}

/// The null transport: every update in the clear, 4 bytes a value.
public struct Plain: Transport {
  /// Name and meaning.
  public static let card = Card(
    name: "plain", summary: "Every update reaches the server in the clear, with its sender.")

  /// In the clear.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Yes.
  public var deliversUnchanged: Bool { true }

  /// Everything.
  public var reveals: Set<Capability> {
    [.individualUpdates, .sum, .clientIdentity, .globalModel, .claims]
  }

  /// The uploads, one item each.
  public func deliver(_ uploads: Uploads, using generator: inout Generator) -> Delivery {
    Delivery(
      updates: uploads.updates,
      items: uploads.clients.indices.map { row in
        .init(
          clients: [uploads.clients[row]], count: 1, weight: uploads.weights[row],
          steps: uploads.steps[row], startedRound: uploads.startedRounds[row])
      },
      bytesUp: uploads.bytes.reduce(0, +))
  }
}
