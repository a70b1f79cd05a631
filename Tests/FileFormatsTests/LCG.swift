import Components

/// A seeded source of test inputs (Knuth's MMIX multiplier); nothing statistical rests on it.
struct LCG: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 32
  }

  mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }

  mutating func element<Element>(of items: [Element]) -> Element { items[below(items.count)] }
}

extension ConfigurationNode {
  /// The items of a list; empty for anything else.
  var items: [ConfigurationNode] {
    if case .list(let items) = value { items } else { [] }
  }

  /// Equal in kind, order and bits, which `==` does not ask for.
  func isIdentical(to other: ConfigurationNode) -> Bool {
    switch (value, other.value) {
    case (.null, .null): true
    case (.boolean(let a), .boolean(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a.isNaN && b.isNaN || a.bitPattern == b.bitPattern
    case (.text(let a), .text(let b)): Array(a.utf8) == Array(b.utf8)
    case (.list(let a), .list(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.isIdentical(to: $1) }
    case (.map(let a), .map(let b)):
      a.count == b.count
        && zip(a, b).allSatisfy { $0.key == $1.key && $0.node.isIdentical(to: $1.node) }
    default: false
    }
  }
}
