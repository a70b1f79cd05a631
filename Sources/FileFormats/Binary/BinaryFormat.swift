/// The bytes that `BinaryEncoder` writes.
///
/// A document is one value. A value is a mark of one byte and what the mark asks for; all counts are
/// unsigned numbers of seven bits a byte, the least significant first (LEB128), all fixed-size
/// numbers little-endian.
///
///     null | false | true
///     integer     its zigzag code as a count
///     unsigned    a count, for what no signed 64 bits hold
///     float       4 bytes of its bits;      double      8 bytes
///     text        a count of bytes, UTF-8
///     list        a count, the values
///     map         a count, then key and value by turns
///     array of T  (mark 16 + T) a count, the elements side by side
///
/// A key is 0 and a text where it is met for the first time, after that the place of its first
/// meeting, from 1: the thousandth record of a list names its fields in one byte each.
enum BinaryFormat {
  static let null: UInt8 = 0
  static let no: UInt8 = 1
  static let yes: UInt8 = 2
  static let integer: UInt8 = 3
  static let unsigned: UInt8 = 4
  static let float: UInt8 = 5
  static let double: UInt8 = 6
  static let text: UInt8 = 7
  static let list: UInt8 = 8
  static let map: UInt8 = 9
  /// The mark of an array whose elements are the first of `elements`.
  static let array: UInt8 = 16
  /// The types whose arrays are written as one block, in the order of their marks.
  static let elements: [ElementType] = [
    .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64, .float16, .float32, .float64,
    .bool,
  ]
  /// How deep values may nest.
  static let depth = 64
}
