/// What a component is for: the key under which an experiment names it.
///
/// An open set: `attack`, `defense`, `model`, …; each catalogue section has one.
public struct Role: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  /// The key in experiment files: `defense`.
  public let rawValue: String
  /// A role of this name.
  public init(rawValue: String) { self.rawValue = rawValue }
  /// The name.
  public var description: String { rawValue }
  /// The heading of a list: `defenses`.
  public var plural: String {
    switch rawValue {
    case "data": "data"
    case _ where rawValue.hasSuffix("y"): rawValue.dropLast() + "ies"
    default: rawValue + "s"
    }
  }
}

/// Every component there is, by role.
public struct Catalogue: Sendable {
  /// The components of one role, in the order to list them.
  public struct Section: Sendable {
    /// What they are for.
    public var role: Role
    /// The types.
    public var types: [any Component.Type]
    /// The components of one role.
    public init(_ role: Role, _ types: [any Component.Type]) {
      self.role = role
      self.types = types
    }
  }

  /// The sections in the order to list them.
  public let sections: [Section]

  /// A catalogue of these sections; names must be distinct within a role.
  public init(_ sections: [Section]) {
    self.sections = sections
    for section in sections {
      let names = section.types.map { $0.card.name }
      precondition(Set(names).count == names.count, "duplicate name among \(section.role.plural)")
    }
  }

  /// The types of `role`.
  public func types(_ role: Role) -> [any Component.Type] {
    sections.first { $0.role == role }?.types ?? []
  }

  /// The type of `role` with this name.
  public func type(named name: String, role: Role) -> (any Component.Type)? {
    types(role).first { $0.card.name == name }
  }

  /// Reads one component: `krum`, or `krum: {f: 3}`.
  ///
  /// - Throws: `ConfigurationError` with every mistake: unknown name, unknown keys, wrong types,
  ///   values out of range.
  public func component(_ node: ConfigurationNode, role: Role) throws -> ConfiguredComponent {
    let name: String
    let namePosition: SourcePosition?
    let patch: ConfigurationNode
    if let text = node.text {
      (name, namePosition, patch) = (text, node.position, ConfigurationNode(.null))
    } else if let entries = node.entries, entries.count == 1, let entry = entries.first {
      (name, namePosition, patch) = (entry.key, entry.keyPosition ?? node.position, entry.node)
    } else {
      throw ConfigurationError(
        "\(role): expected a name such as '\(example(role))' or a name with parameters "
          + "such as '\(example(role)): {…}', got \(node.summary)",
        at: node.position)
    }
    guard let type = type(named: name, role: role) else {
      let known = types(role).map { $0.card.name }
      throw ConfigurationError(
        NearestName.message(unknown: role.rawValue, name, known: known), at: namePosition)
    }
    return try ConfiguredComponent(type, patch: patch, role: role, position: namePosition)
  }

  private func example(_ role: Role) -> String { types(role).first?.card.name ?? "name" }
}
