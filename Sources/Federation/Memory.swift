/// What a component remembers from round to round.
///
/// Components are values without state; the loop owns their memories, one a position and one a
/// client, and hands the right one in. Because a memory is a value, a probe of a stateful rule (an
/// attacker's oracle query, a clean twin) works on a copy and leaves no trace, and a checkpoint is
/// the memories written down.
///
///     var velocity = memory[Vector.self] ?? Vector(zeros: d)
public struct Memory: Sendable {
  private var values: [ObjectIdentifier: any Sendable] = [:]

  /// Nothing remembered.
  public init() {}

  /// The remembered value of this type; nil before the first.
  public subscript<Value: Sendable>(type: Value.Type) -> Value? {
    get { values[ObjectIdentifier(type)] as? Value }
    set { values[ObjectIdentifier(type)] = newValue }
  }
}
