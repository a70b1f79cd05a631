public import Learning

/// What an observer is to be asked about: whether examples were among a client's own.
///
/// The round draws the examples, mixes them and keeps to itself what each of them is. Nothing is
/// drawn unless the threat model grants `candidates`.
public struct Inquiry: Codable, Sendable, Hashable {
  /// How many clients are asked about, drawn by the seed among the honest; all if there are fewer.
  public var clients: Int
  /// How many of a client's own training examples are among the candidates, at most.
  public var members: Int
  /// How many examples that nobody trains on, at most: drawn to have the members' classes, and as the
  /// client would meet them, so that members are not told apart by where they come from.
  public var nonMembers: Int
  /// How many of other clients' training examples, at most, as these have them.
  public var otherMembers: Int
  /// Of how many members, and of as many non-members, the observer is told what they are: what an
  /// attack that learns from examples has to learn from. They are not to be judged.
  public var known: Int

  /// An inquiry.
  ///
  /// - Precondition: No number is negative.
  public init(
    clients: Int = 1, members: Int, nonMembers: Int, otherMembers: Int = 0,
    known: Int = 0
  ) {
    precondition(
      clients >= 0 && members >= 0 && nonMembers >= 0 && otherMembers >= 0 && known >= 0,
      "an inquiry counts examples")
    self.clients = clients
    self.members = members
    self.nonMembers = nonMembers
    self.otherMembers = otherMembers
    self.known = known
  }
}

/// What an observer is asked: which of these examples did the client train on?
public struct Candidates: Sendable {
  /// The client that is asked about.
  public let client: Int
  /// Examples in random order; a copy of its own, which leads to no others.
  public let examples: LabeledExamples
  /// Whether an example is a member, of those that the inquiry asked to be told about.
  public let known: [Int: Bool]
}

/// What a candidate really is.
public enum Standing: Codable, Sendable, Hashable {
  /// The client trains on it.
  case member
  /// Nobody trains on it.
  case nonMember
  /// This other client trains on it.
  case memberOf(Int)

  /// Whether the client that was asked about trains on it.
  public var isMember: Bool { self == .member }
}

/// An observer whose conclusion holds a tensor `membership scores`: a row for each candidate that is
/// to be judged, with its score, its standing (1 member, 0 non-member, 2 another client's member) and
/// the client that was asked about.
public protocol MembershipAttacker: Observer {}
