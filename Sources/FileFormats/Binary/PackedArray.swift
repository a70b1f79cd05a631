/// An array type that is written as one block of numbers.
struct PackedArray: Sendable {
  /// What its elements are in a file.
  let element: ElementType
  private let wrap: @Sendable (Any) -> TensorValues?
  private let unwrap: @Sendable (TensorValues) -> Any?

  /// The kind of `type`; nil if it is no array of plain numbers.
  static func of<Value>(_ type: Value.Type) -> PackedArray? { kinds[ObjectIdentifier(type)] }

  /// The numbers of an array of this kind.
  func values(of array: Any) -> TensorValues? { wrap(array) }

  /// The array of these numbers.
  func array<Value>(of values: TensorValues, as type: Value.Type) -> Value? {
    unwrap(values) as? Value
  }

  private static let kinds: [ObjectIdentifier: PackedArray] = Dictionary(
    uniqueKeysWithValues: [
      kind([UInt8].self, .uint8, TensorValues.uint8) {
        if case .uint8(let array) = $0 { array } else { nil }
      },
      kind([Int8].self, .int8, TensorValues.int8) {
        if case .int8(let array) = $0 { array } else { nil }
      },
      kind([UInt16].self, .uint16, TensorValues.uint16) {
        if case .uint16(let array) = $0 { array } else { nil }
      },
      kind([Int16].self, .int16, TensorValues.int16) {
        if case .int16(let array) = $0 { array } else { nil }
      },
      kind([UInt32].self, .uint32, TensorValues.uint32) {
        if case .uint32(let array) = $0 { array } else { nil }
      },
      kind([Int32].self, .int32, TensorValues.int32) {
        if case .int32(let array) = $0 { array } else { nil }
      },
      kind([UInt64].self, .uint64, TensorValues.uint64) {
        if case .uint64(let array) = $0 { array } else { nil }
      },
      kind([Int64].self, .int64, TensorValues.int64) {
        if case .int64(let array) = $0 { array } else { nil }
      },
      kind([Float16].self, .float16, TensorValues.float16) {
        if case .float16(let array) = $0 { array } else { nil }
      },
      kind([Float].self, .float32, TensorValues.float32) {
        if case .float32(let array) = $0 { array } else { nil }
      },
      kind([Double].self, .float64, TensorValues.float64) {
        if case .float64(let array) = $0 { array } else { nil }
      },
      kind([Bool].self, .bool, TensorValues.bool) {
        if case .bool(let array) = $0 { array } else { nil }
      },
      kind([Int].self, .int64, { .int64($0.map(Int64.init)) }) {
        if case .int64(let array) = $0 { array.map { Int($0) } } else { nil }
      },
    ])

  private static func kind<Element>(
    _ type: [Element].Type, _ element: ElementType,
    _ wrap: @escaping @Sendable ([Element]) -> TensorValues,
    _ unwrap: @escaping @Sendable (TensorValues) -> [Element]?
  ) -> (ObjectIdentifier, PackedArray) {
    let kind = PackedArray(
      element: element, wrap: { ($0 as? [Element]).map(wrap) }, unwrap: { unwrap($0) })
    return (ObjectIdentifier(type), kind)
  }
}
