public import Components

/// Who attacks, how many, and what they can see: declared before the run, enforced by the views.
public struct ThreatModel: Codable, Hashable, Sendable {
  /// What the colluders learn beyond their own data and the global model.
  public enum Knowledge: String, CaseIterable, Codable, Hashable, Sendable {
    /// The updates of the round's honest clients too, as far as the transport lets anybody see
    /// them: the worst case that robustness papers assume.
    case omniscient
    /// The updates of some honest clients, the same ones throughout: the share `seenShare` of all
    /// clients, drawn by the seed.
    case partial
    /// Only what the colluders themselves hold.
    case own
  }

  /// Which clients collude.
  public enum Selection: String, CaseIterable, Codable, Hashable, Sendable {
    /// The same ones in every round.
    case fixed
    /// Others in every round: what compromising devices for a moment would look like. Most papers
    /// assume `fixed`.
    case resampled
  }

  /// How many clients collude (the real f); at random positions fixed by the seed.
  public var attackers: Int
  /// How many faults the defenses assume; `attackers` means the real number.
  public var assumedF: AssumedFaults
  /// What the colluders can see.
  public var knowledge: Knowledge
  /// The share of all clients whose updates partial knowledge shows.
  public var seenShare: Double
  /// Whether the colluders know the defense and may try it out on what they see.
  public var knowsRule: Bool
  /// Whether trying it out includes what the server makes of its own root data.
  public var knowsRoot: Bool
  /// Which clients collude.
  public var selection: Selection
  /// The first round, from 1, in which the colluders attack; before it they are honest.
  public var attackFrom: Int
  /// The last one.
  public var attackUntil: LastRound
  /// Of the rounds between, every how manieth.
  public var attackEvery: Int
  /// What a party that reads along with the server is granted beside what the transport reveals; nil
  /// is `ServerFact.usual`.
  public var serverKnows: [ServerFact]?

  /// A threat model; by default four omniscient colluders that attack in every round, and defenses
  /// that know their number and that they know.
  public init(
    attackers: Int = 4, assumedF: AssumedFaults = .attackers, knowledge: Knowledge = .omniscient,
    seenShare: Double = 0.5, knowsRule: Bool = true, knowsRoot: Bool = false,
    selection: Selection = .fixed, attackFrom: Int = 1, attackUntil: LastRound = .end,
    attackEvery: Int = 1, serverKnows: [ServerFact]? = nil
  ) {
    self.attackers = attackers
    self.assumedF = assumedF
    self.knowledge = knowledge
    self.seenShare = seenShare
    self.knowsRule = knowsRule
    self.knowsRoot = knowsRoot
    self.selection = selection
    self.attackFrom = attackFrom
    self.attackUntil = attackUntil
    self.attackEvery = attackEvery
    self.serverKnows = serverKnows
  }

  /// Whether the colluders attack in `round`, from 0.
  public func attacks(inRound round: Int) -> Bool {
    let number = round + 1
    if case .exactly(let last) = attackUntil, number > last { return false }
    return number >= attackFrom && (number - attackFrom) % attackEvery == 0
  }

  /// Throws `ParameterError` naming every value out of range.
  public func validate() throws(ParameterError) {
    var check = ParameterCheck()
    check("attackers", attackers >= 0, "must be 0 or more", got: attackers)
    if case .exactly(let count) = assumedF {
      check("assumed-f", count >= 0, "must be 0 or more, or 'attackers'", got: count)
    }
    check(
      "seen-share", seenShare > 0 && seenShare <= 1, "must be above 0 and at most 1",
      got: seenShare)
    check.oneOrMore("attack-from", attackFrom)
    if case .exactly(let last) = attackUntil {
      check("attack-until", last >= attackFrom, "must not be below attack-from", got: last)
    }
    check.oneOrMore("attack-every", attackEvery)
    let facts = serverKnows ?? []
    check(
      "server-knows", Set(facts).count == facts.count, "must not name a fact twice",
      got: facts.map(\.rawValue).joined(separator: ", "))
    try check.finish()
  }

  /// The number of faults the defenses are told to assume.
  public var assumedFaults: Int {
    switch assumedF {
    case .attackers: attackers
    case .exactly(let count): count
    }
  }

  /// What an observer is granted beside what the transport reveals to it.
  public var grantedToObservers: Set<Capability> {
    Set((serverKnows ?? ServerFact.usual).map(\.capability))
  }

  /// What the colluders may use over a transport that reveals `revealed` to an observer of it.
  ///
  /// Omniscience cannot see through a transport that hides individual updates from everybody.
  public func granted(over revealed: Set<Capability>) -> Set<Capability> {
    var granted: Set<Capability> = [.ownUpdates, .ownData, .globalModel]
    if knowledge != .own, revealed.contains(.individualUpdates) {
      granted.insert(.someHonestUpdates)
      if knowledge == .omniscient { granted.insert(.honestUpdates) }
    }
    if knowsRule { granted.insert(.aggregationRule) }
    if knowsRoot { granted.insert(.rootData) }
    return granted
  }
}

/// Something that a party reading along with the server may be told, or may do.
public enum ServerFact: String, CaseIterable, Codable, Hashable, Sendable {
  /// How many examples each local step takes.
  case batchSize = "batch-size"
  /// Learning rate, epochs, batch size and so on: who runs the federation sets them.
  case hyperParameters = "hyper-parameters"
  /// What is done to the data's values before training.
  case normalisation
  /// Examples about which it is asked whether a client has them.
  case candidates
  /// How often each class occurs in a client's batch.
  case labelCounts = "label-counts"
  /// The labels themselves.
  case labels
  /// In which order local steps took the examples.
  case batchOrder = "batch-order"
  /// Examples like the clients': the test data.
  case publicData = "public-data"
  /// It may send clients other weights than the model's.
  case modifyWeights = "modify-weights"
  /// It may send clients another architecture.
  case modifyArchitecture = "modify-architecture"

  /// What whoever sets up the federation knows: how clients train and what on, nothing of their data.
  public static let usual: [ServerFact] = [
    .batchSize, .hyperParameters, .normalisation, .candidates,
  ]

  /// As components declare it.
  public var capability: Capability {
    switch self {
    case .batchSize: .batchSize
    case .hyperParameters: .trainingParameters
    case .normalisation: .inputNormalisation
    case .candidates: .candidates
    case .labelCounts: .labelCounts
    case .labels: .exampleLabels
    case .batchOrder: .batchOrder
    case .publicData: .publicData
    case .modifyWeights: .weightModification
    case .modifyArchitecture: .architectureModification
    }
  }

  /// The fact behind a capability; nil if no threat model can grant it.
  public init?(_ capability: Capability) {
    guard let fact = Self.allCases.first(where: { $0.capability == capability }) else { return nil }
    self = fact
  }
}

/// The end of an attack.
public enum LastRound: WordOrNumber {
  /// With the run.
  case end
  /// After this round, counted from 1.
  case exactly(Int)

  /// `end`.
  public static let word = "end"

  /// The value for this number; nil is `end`.
  public init(_ number: Int?) { self = number.map(Self.exactly) ?? .end }

  /// The number, unless it is `end`.
  public var number: Int? {
    if case .exactly(let number) = self { number } else { nil }
  }
}

/// The number of faulty clients a threat model tells defenses to assume.
public enum AssumedFaults: WordOrNumber {
  /// As many as there really are.
  case attackers
  /// A fixed number, right or wrong.
  case exactly(Int)

  /// `attackers`.
  public static let word = "attackers"

  /// The value for this number; nil is `attackers`.
  public init(_ number: Int?) { self = number.map(Self.exactly) ?? .attackers }

  /// The number, unless it is `attackers`.
  public var number: Int? {
    if case .exactly(let number) = self { number } else { nil }
  }
}

/// The `f` of a robust rule: how many of the updates it must withstand.
public enum FaultBound: WordOrNumber, ExpressibleByIntegerLiteral {
  /// What the threat model says to assume.
  case assumed
  /// This many.
  case exactly(Int)

  /// `f: 3` in code.
  public init(integerLiteral value: Int) { self = .exactly(value) }

  /// The bound in force when the threat model says `assumed`.
  public func resolved(assumed: Int) -> Int { number ?? assumed }

  /// `assumed`.
  public static let word = "assumed"

  /// The value for this number; nil is `assumed`.
  public init(_ number: Int?) { self = number.map(Self.exactly) ?? .assumed }

  /// The number, unless it is `assumed`.
  public var number: Int? {
    if case .exactly(let number) = self { number } else { nil }
  }

  /// Notes a problem with `f` unless it is at least 0.
  public func check(_ check: inout ParameterCheck) {
    if case .exactly(let count) = self {
      check("f", count >= 0, "must be 0 or more, or 'assumed'", got: count)
    }
  }
}
