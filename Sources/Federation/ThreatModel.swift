public import Components

/// Who attacks, how many, and what they can see: declared before the run, enforced by the views.
public struct ThreatModel: Codable, Hashable, Sendable {
  /// What the colluders learn beyond their own data and the global model.
  public enum Knowledge: String, CaseIterable, Codable, Hashable, Sendable {
    /// The updates of the round's honest clients too, as far as the transport lets anybody see
    /// them: the worst case that robustness papers assume.
    case omniscient
    /// Only what the colluders themselves hold.
    case own
  }

  /// How many clients collude (the real f); at random positions fixed by the seed.
  public var attackers: Int
  /// How many faults the defenses assume; `attackers` means the real number.
  public var assumedF: AssumedFaults
  /// What the colluders can see.
  public var knowledge: Knowledge

  /// A threat model; by default four omniscient colluders and defenses that know their number.
  public init(
    attackers: Int = 4, assumedF: AssumedFaults = .attackers, knowledge: Knowledge = .omniscient
  ) {
    self.attackers = attackers
    self.assumedF = assumedF
    self.knowledge = knowledge
  }

  /// Throws `ParameterError` naming every value out of range.
  public func validate() throws(ParameterError) {
    var check = ParameterCheck()
    check("attackers", attackers >= 0, "must be 0 or more", got: attackers)
    if case .exactly(let count) = assumedF {
      check("assumed-f", count >= 0, "must be 0 or more, or 'attackers'", got: count)
    }
    try check.finish()
  }

  /// The number of faults the defenses are told to assume.
  public var assumedFaults: Int {
    switch assumedF {
    case .attackers: attackers
    case .exactly(let count): count
    }
  }

  /// What the colluders may use over a transport that reveals `revealed` to an observer of it.
  ///
  /// Omniscience cannot see through a transport that hides individual updates from everybody.
  public func granted(over revealed: Set<Capability>) -> Set<Capability> {
    var granted: Set<Capability> = [.ownUpdates, .ownData, .globalModel]
    if knowledge == .omniscient, revealed.contains(.individualUpdates) {
      granted.insert(.honestUpdates)
    }
    return granted
  }
}

/// The number of faulty clients a threat model tells defenses to assume.
public enum AssumedFaults: Codable, Hashable, Sendable {
  /// As many as there really are.
  case attackers
  /// A fixed number, right or wrong.
  case exactly(Int)

  /// Reads `attackers` or a whole number.
  public init(from decoder: any Decoder) throws {
    self = try decodeWordOrCount(decoder, word: "attackers").map(Self.exactly) ?? .attackers
  }

  /// Writes `attackers` or the number.
  public func encode(to encoder: any Encoder) throws {
    var scalar = encoder.singleValueContainer()
    switch self {
    case .attackers: try scalar.encode("attackers")
    case .exactly(let count): try scalar.encode(count)
    }
  }
}

/// The `f` of a robust rule: how many of the updates it must withstand.
public enum FaultBound: Codable, Hashable, Sendable, ExpressibleByIntegerLiteral {
  /// What the threat model says to assume.
  case assumed
  /// This many.
  case exactly(Int)

  /// `f: 3` in code.
  public init(integerLiteral value: Int) { self = .exactly(value) }

  /// The bound in force when the threat model says `assumed`.
  public func resolved(assumed: Int) -> Int {
    switch self {
    case .assumed: assumed
    case .exactly(let count): count
    }
  }

  /// Reads `assumed` or a whole number.
  public init(from decoder: any Decoder) throws {
    self = try decodeWordOrCount(decoder, word: "assumed").map(Self.exactly) ?? .assumed
  }

  /// Writes `assumed` or the number.
  public func encode(to encoder: any Encoder) throws {
    var scalar = encoder.singleValueContainer()
    switch self {
    case .assumed: try scalar.encode("assumed")
    case .exactly(let count): try scalar.encode(count)
    }
  }

  /// Notes a problem with `f` unless it is at least 0.
  public func check(_ check: inout ParameterCheck) {
    if case .exactly(let count) = self {
      check("f", count >= 0, "must be 0 or more, or 'assumed'", got: count)
    }
  }
}

/// Nil for `word`, the count for a whole number, an error for anything else.
private func decodeWordOrCount(_ decoder: any Decoder, word: String) throws -> Int? {
  let scalar = try decoder.singleValueContainer()
  if let count = try? scalar.decode(Int.self) { return count }
  if let text = try? scalar.decode(String.self), text == word { return nil }
  throw DecodingError.typeMismatch(
    Int.self,
    .init(codingPath: decoder.codingPath, debugDescription: "expected a count or '\(word)'"))
}
