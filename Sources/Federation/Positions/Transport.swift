public import Components
public import Randomness
public import Tensors

/// Position *transport*: how the updates travel, and what of them the server gets to see.
public protocol Transport: RoundComponent {
  /// What the server, or anyone who reads along with it, learns.
  var reveals: Set<Capability> { get }

  /// The server's view of the uploads.
  func deliver(_ uploads: Uploads, using generator: inout Generator) throws -> Delivery
}

/// Everything a round's clients hand to the transport.
public struct Uploads: Sendable {
  /// One row a client.
  public let updates: UpdateMatrix
  /// The client of each row.
  public let clients: [Int]
  /// The weight each client claims.
  public let weights: [Double]

  package init(updates: UpdateMatrix, clients: [Int], weights: [Double]) {
    self.updates = updates
    self.clients = clients
    self.weights = weights
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

    /// An item.
    public init(clients: [Int]?, count: Int, weight: Double) {
      self.clients = clients
      self.count = count
      self.weight = weight
    }
  }

  /// One row an item: the weighted mean of the updates behind it.
  public var updates: UpdateMatrix
  /// What is known of each row.
  public var items: [Item]
  /// Bytes from all clients to the server.
  public var bytesUp: Int

  /// A delivery.
  public init(updates: UpdateMatrix, items: [Item], bytesUp: Int) {
    self.updates = updates
    self.items = items
    self.bytesUp = bytesUp
  }
}

/// The null transport: every update in the clear, 4 bytes a parameter.
public struct Plain: Transport {
  /// Name and meaning.
  public static let card = Card(
    name: "plain", summary: "Every update reaches the server in the clear, with its sender.")

  /// In the clear.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Everything.
  public var reveals: Set<Capability> {
    [.individualUpdates, .sum, .clientIdentity, .globalModel]
  }

  /// The uploads, one item each.
  public func deliver(_ uploads: Uploads, using generator: inout Generator) -> Delivery {
    Delivery(
      updates: uploads.updates,
      items: zip(uploads.clients, uploads.weights).map { client, weight in
        .init(clients: [client], count: 1, weight: weight)
      },
      bytesUp: 4 * uploads.updates.rows * uploads.updates.columns)
  }
}
