public import Components
public import Federation
public import Randomness
internal import Tensors

/// Nobody attacks: the null twin of every poisoning attack and the base line of every defense.
public struct NoAttack: Corruption {
  /// Name and meaning.
  public static let card = Card(
    name: "none", summary: "Nobody attacks: every client is honest, the clean twin of every cell.")

  /// No attack.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Nobody colludes.
  public var corrupts: Bool { false }

  /// The colluders' own clean updates.
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) -> [CraftedUpdate] {
    view.colluders.indices.map { CraftedUpdate(view.own.row($0)) }
  }
}
