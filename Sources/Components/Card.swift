/// What a component is, in data: the help, the documentation table, the planner, the law tests and
/// the captions of reports all read it.
public struct Card: Sendable, Hashable {
  /// One parameter, for `rampart describe`.
  public struct Parameter: Sendable, Hashable {
    /// The key as configurations write it.
    public var key: String
    /// What it does, with unit.
    public var meaning: String
    /// What it may be.
    public var range: String
    /// Where `range` is too short for it: what may be written there, a line each.
    public var choices: [String]

    /// The parameter `key`.
    public init(_ key: String, _ meaning: String, range: String, choices: [String] = []) {
      self.key = key
      self.meaning = meaning
      self.range = range
      self.choices = choices
    }
  }

  /// Whether an independent oracle and the paper's qualitative claim have been reproduced.
  public enum Verification: String, Sendable, Hashable {
    /// Both tests pass.
    case verified
    /// At least one is missing: the matrix leaves the component out.
    case unverified
  }

  /// The name that experiments use, in kebab case.
  public var name: String
  /// What it does, in one sentence of at most 150 characters.
  public var summary: String
  /// The definition, in text mathematics.
  public var formula: String
  /// The paper it comes from, with section where that helps.
  public var citation: String
  /// What it must be able to see or use.
  public var needs: Set<Capability>
  /// Promises that the law tests hold it to.
  public var claims: Set<Claim>
  /// What its success must reach undefended before any of its results counts (attacks only).
  public var control: PositiveControl?
  /// The parameters, in the order to show them.
  public var parameters: [Parameter]
  /// Raised whenever results for the same parameters may change: part of every stored cell's key.
  public var revision: Int
  /// Whether the matrix may use it.
  public var verification: Verification

  /// A card; what is left out is empty.
  public init(
    name: String, summary: String, formula: String = "", citation: String = "",
    needs: Set<Capability> = [], claims: Set<Claim> = [], control: PositiveControl? = nil,
    parameters: [Parameter] = [], revision: Int = 1, verification: Verification = .verified
  ) {
    self.name = name
    self.summary = summary
    self.formula = formula
    self.citation = citation
    self.needs = needs
    self.claims = claims
    self.control = control
    self.parameters = parameters
    self.revision = revision
    self.verification = verification
  }
}

/// Something that a party can see or use, such as individual updates or data held by the server.
///
/// An open set: each module adds its own as static members. The planner compares what components
/// need with what the transport reveals and the threat model grants.
public struct Capability: RawRepresentable, Sendable, Hashable, Comparable, CustomStringConvertible
{
  /// The words an error message uses: `individual updates`.
  public let rawValue: String
  /// A capability of this name.
  public init(rawValue: String) { self.rawValue = rawValue }
  /// The name.
  public var description: String { rawValue }
  /// Alphabetical order of names.
  public static func < (left: Capability, right: Capability) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// A law that a component promises to obey and that a test over the whole catalogue checks.
public struct Claim: RawRepresentable, Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The law's name: `permutation invariant`.
  public let rawValue: String
  /// A claim of this name.
  public init(rawValue: String) { self.rawValue = rawValue }
  /// The name.
  public var description: String { rawValue }
  /// Alphabetical order of names.
  public static func < (left: Claim, right: Claim) -> Bool { left.rawValue < right.rawValue }
}
