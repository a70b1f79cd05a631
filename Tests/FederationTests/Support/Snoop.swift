import Federation
import Randomness
import Tensors

/// Everything that reflection reaches from a value: what a hostile component could dig out of its
/// view without unsafe casts.
struct Snoop {
  private(set) var typeNames: Set<String> = []
  private(set) var floats: Set<Float> = []
  private(set) var integers: Set<UInt64> = []
  /// Everything that `dump`, `String(reflecting:)` and `String(describing:)` print.
  private(set) var text = ""
  private var visited: Set<ObjectIdentifier> = []

  init(_ values: Any...) {
    for value in values {
      walk(value)
      dump(value, to: &text)
      text += String(reflecting: value) + String(describing: value)
    }
  }

  private mutating func walk(_ value: Any) {
    typeNames.insert(String(reflecting: type(of: value)))
    switch value {
    case let number as Float: floats.insert(number)
    case let number as UInt64: integers.insert(number)
    case let number as Int: integers.insert(UInt64(bitPattern: Int64(number)))
    case let vector as Vector: floats.formUnion(vector.array)
    case let view as UpdateView:
      for row in 0..<view.count { floats.formUnion(view.row(row).array) }
    default: break
    }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .class, !visited.insert(ObjectIdentifier(value as AnyObject)).inserted
    {
      return
    }
    readStorage(mirror)
    var current: Mirror? = mirror
    while let level = current {
      for child in level.children { walk(child.value) }
      current = level.superclassMirror
    }
  }

  /// Reads what lies behind a pointer of a storage class, hidden rows included.
  private mutating func readStorage(_ mirror: Mirror) {
    let children = Dictionary(mirror.children.map { ($0.label ?? "", $0.value) }) { first, _ in
      first
    }
    guard let base = children["base"] as? UnsafeMutablePointer<Float>,
      let count = children["count"] as? Int
    else { return }
    floats.formUnion(UnsafeBufferPointer(start: base, count: count))
  }

  /// Types that hold what nobody but the loop may have.
  static let secretTypes = [
    "DataSplit", "LabeledExamples", "FeatureStorage", "Scenario", "Streams", "Simulation",
    "ClientStage", "ServerStage", "Workspace", "RoundPipeline", "ThreatModel",
  ]

  var secretTypesFound: [String] {
    Self.secretTypes.filter { secret in
      text.contains(secret) || typeNames.contains { $0.contains(secret) }
    }
  }

  func knows(seed: UInt64) -> Bool {
    integers.contains(seed) || text.contains(String(seed))
      || text.lowercased().contains(String(seed, radix: 16))
  }
}
