/// A component made from a configuration, with the text that identifies it in results.
public struct ConfiguredComponent: Sendable {
  /// The component.
  public let component: any Component
  /// What it is for.
  public let role: Role
  /// The parameters in force, defaults included.
  public let effective: ConfigurationNode
  /// The name with the parameters that differ from the defaults: `krum(f=3)`.
  public let label: String
  /// What the configuration set, as written.
  public let patch: ConfigurationNode
  /// Where its name was written.
  public let position: SourcePosition?

  /// The type's name in configurations.
  public var name: String { type(of: component).card.name }
  /// The component's card.
  public var card: Card { type(of: component).card }

  /// Makes a component of `type` from a patch on its defaults.
  public init(
    _ type: any Component.Type, patch: ConfigurationNode, role: Role, position: SourcePosition?
  ) throws {
    func open<C: Component>(_ type: C.Type) throws -> ConfiguredComponent {
      let parameters = try ParameterCoding.overlay(
        patch, on: C.defaults, owner: "\(role) '\(C.card.name)'"
      ) { _ = try C($0) }
      return try ConfiguredComponent(C(parameters), role: role, patch: patch, position: position)
    }
    self = try open(type)
  }

  /// Describes a component made in code.
  public init<C: Component>(
    _ component: C, role: Role, patch: ConfigurationNode = ConfigurationNode(.null),
    position: SourcePosition? = nil
  ) throws {
    let effective = try ParameterCoding.node(of: component.parameters)
    let defaults = try ParameterCoding.node(of: C.defaults)
    // A key may be in one of them only: an optional parameter that is nil has none.
    let keys = Set([effective, defaults].flatMap { ($0.entries ?? []).map(\.key) })
    let changes = keys.sorted().filter { effective[$0] != defaults[$0] }
      .map { "\($0)=\(effective[$0]?.labelText ?? "null")" }
    self.component = component
    self.role = role
    self.effective = effective
    self.patch = patch
    self.position = position
    self.label =
      C.card.name + (changes.isEmpty ? "" : "(\(changes.joined(separator: ", ")))")
  }

  /// Where the value of `key` was written; the name's place when it was not.
  public func position(of key: String) -> SourcePosition? {
    patch[key]?.position ?? position
  }

  /// What identifies this component's behaviour: name, revision and every parameter.
  public var identity: ConfigurationNode {
    ConfigurationNode(
      .map([
        .init(key: "name", node: ConfigurationNode(.text(name))),
        .init(key: "parameters", node: effective),
        .init(key: "revision", node: ConfigurationNode(.integer(card.revision))),
      ]))
  }
}

extension ConfigurationNode {
  /// The value as a person would write it: text without quotes, the rest as JSON.
  public var plainText: String { text ?? canonicalJSON }

  /// The value in a label: plain, or if it is long the number of its items and a mark that tells it
  /// from another of as many.
  var labelText: String {
    let count: Int
    switch value {
    case .list(let items): count = items.count
    case .map(let entries): count = entries.count
    default: return plainText
    }
    let text = canonicalJSON
    guard text.count > 40 else { return plainText }
    // FNV-1a, folded to 16 bits: it need not resist anybody, it must never change.
    let hash = text.utf8.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    let mark = String((hash >> 16) ^ (hash & 0xFFFF), radix: 16)
    return "\(count) items #" + String(repeating: "0", count: 4 - mark.count) + mark
  }
}
