/// RFC 1951, written to be read: what a deflated stream holds. For tests, in place of the library that
/// wrote it.
struct Inflate {
  private let bytes: [UInt8]
  private var position = 0
  private(set) var output: [UInt8] = []

  struct Damaged: Error {}

  /// The content of a raw deflate stream.
  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    var isLast = false
    while !isLast {
      isLast = try bits(1) == 1
      switch try bits(2) {
      case 0: try stored()
      case 1:
        let lengths = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
        try block(Code(lengths), Code([Int](repeating: 5, count: 30)))
      case 2: try dynamic()
      default: throw Damaged()
      }
    }
  }

  /// Canonical Huffman code: symbols by length and first code of each.
  private struct Code {
    var symbols: [[Int]]
    init(_ lengths: [Int]) {
      symbols = (0...15).map { length in
        length == 0 ? [] : lengths.indices.filter { lengths[$0] == length }
      }
    }
  }

  private mutating func bits(_ count: Int) throws -> Int {
    var value = 0
    for bit in 0..<count {
      guard position >> 3 < bytes.count else { throw Damaged() }
      value |= Int(bytes[position >> 3] >> (position & 7) & 1) << bit
      position += 1
    }
    return value
  }

  private mutating func symbol(_ code: Code) throws -> Int {
    var (value, first) = (0, 0)
    for length in 1...15 {
      value = value << 1 | (try bits(1))
      let symbols = code.symbols[length]
      if value - first < symbols.count { return symbols[value - first] }
      first = (first + symbols.count) << 1
    }
    throw Damaged()
  }

  private mutating func stored() throws {
    position = (position + 7) & ~7
    let length = try bits(16)
    guard try bits(16) == length ^ 0xFFFF else { throw Damaged() }
    for _ in 0..<length { output.append(UInt8(try bits(8))) }
  }

  private mutating func dynamic() throws {
    let counts = (try bits(5) + 257, try bits(5) + 1, try bits(4) + 4)
    var lengths = [Int](repeating: 0, count: 19)
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    for place in order.prefix(counts.2) { lengths[place] = try bits(3) }
    let code = Code(lengths)
    var all: [Int] = []
    while all.count < counts.0 + counts.1 {
      switch try symbol(code) {
      case 16: all += [Int](repeating: all.last ?? 0, count: try bits(2) + 3)
      case 17: all += [Int](repeating: 0, count: try bits(3) + 3)
      case 18: all += [Int](repeating: 0, count: try bits(7) + 11)
      case let length: all.append(length)
      }
    }
    try block(Code(Array(all.prefix(counts.0))), Code(Array(all.dropFirst(counts.0))))
  }

  private mutating func block(_ literals: Code, _ distances: Code) throws {
    while true {
      let symbol = try symbol(literals)
      if symbol < 256 {
        output.append(UInt8(symbol))
        continue
      }
      if symbol == 256 { return }
      let place = symbol - 257
      let lengthBits = place < 8 || place == 28 ? 0 : place / 4 - 1
      let length =
        place == 28
        ? 258 : place < 8 ? place + 3 : (4 + place % 4) << lengthBits + 3 + (try bits(lengthBits))
      let step = try self.symbol(distances)
      let distanceBits = max(0, step / 2 - 1)
      let distance =
        step < 4 ? step + 1 : (2 + step % 2) << distanceBits + 1 + (try bits(distanceBits))
      guard distance <= output.count else { throw Damaged() }
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
  }
}
