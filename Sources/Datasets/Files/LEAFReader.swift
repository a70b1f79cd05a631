import Components
import FileFormats

/// Reads LEAF's JSON from its bytes: numbers go straight to where they are kept, nothing else is built.
///
///     {"users": ["f00"], "num_samples": [2],
///      "user_data": {"f00": {"x": [[0.1, 0.2], [0.3, 0.4]], "y": [0, 1]}}}
///
/// Source: Caldas, Duddu, Wu, Li, Konečný, McMahan, Smith, Talwalkar: LEAF: A Benchmark for Federated
/// Settings, 2018. Other keys, such as `hierarchies`, are skipped.
struct LEAFReader {
  /// What one file holds.
  struct Content {
    var users: [String] = []
    var counts: [Int] = []
    var data: [User] = []
    var features: [Float] = []
    var labels: [Int32] = []
    var width: Int?
  }

  /// The part of one user.
  struct User {
    var name: String
    var examples = 0
    var labels = 0
  }

  private let bytes: [UInt8]
  private let file: String
  private var offset = 0
  private var content = Content()
  private static let depth = 32

  init(_ bytes: [UInt8], file: String) { (self.bytes, self.file) = (bytes, file) }

  /// Everything in the file.
  mutating func read() throws(DataError) -> Content {
    guard !bytes.isEmpty else { throw error("there is nothing in it; expected LEAF's JSON") }
    var seen: Set<String> = []
    try object { (self, key) throws(DataError) in
      guard seen.insert(key).inserted else { throw self.error("the key '\(key)' is there twice") }
      switch key {
      case "users":
        try self.list { (self) throws(DataError) in self.content.users.append(try self.text()) }
      case "num_samples":
        try self.list { (self) throws(DataError) in
          let count = try self.number()
          guard count >= 0, count < 1e15, count == count.rounded() else {
            throw self.error("expected a number of examples")
          }
          self.content.counts.append(Int(count))
        }
      case "user_data": try self.userData()
      default: try self.skip(depth: Self.depth)
      }
    }
    skipSpace()
    guard offset == bytes.count else { throw error("something follows the value") }
    for key in ["users", "num_samples", "user_data"] where !seen.contains(key) {
      throw .unusable(source: file, problem: "the key '\(key)' is missing")
    }
    return content
  }

  private mutating func userData() throws(DataError) {
    var names: Set<String> = []
    try object { (self, name) throws(DataError) in
      guard names.insert(name).inserted else { throw self.error("user '\(name)' is there twice") }
      var user = User(name: name)
      var seen: Set<String> = []
      try self.object { (self, key) throws(DataError) in
        guard seen.insert(key).inserted else { throw self.error("the key '\(key)' is there twice") }
        switch key {
        case "x":
          try self.list { (self) throws(DataError) in
            try self.example(user)
            user.examples += 1
          }
        case "y":
          try self.list { (self) throws(DataError) in
            try self.label()
            user.labels += 1
          }
        default: try self.skip(depth: Self.depth)
        }
      }
      guard user.examples == user.labels else {
        throw self.error(
          "user '\(name)' has \(user.examples) examples in x and \(user.labels) labels in y")
      }
      self.content.data.append(user)
    }
  }

  /// One example: a number, or lists of numbers, flattened.
  private mutating func example(_ user: User) throws(DataError) {
    let before = content.features.count
    try values(depth: 4)
    let width = content.features.count - before
    let expected = content.width ?? width
    content.width = expected
    guard width == expected else {
      throw error(
        "user '\(user.name)', example \(user.examples + 1) has \(width) values, the first has "
          + "\(expected)")
    }
  }

  private mutating func values(depth: Int) throws(DataError) {
    skipSpace()
    guard next == UInt8(ascii: "[") else {
      if next == UInt8(ascii: "\"") {
        throw error("an example holds text; only examples of numbers can be read")
      }
      let single = Float(try number())
      guard single.isFinite else { throw error("the number is too large for a feature") }
      return content.features.append(single)
    }
    guard depth > 0 else { throw error("an example has too many levels of lists") }
    try list { (self) throws(DataError) in try self.values(depth: depth - 1) }
  }

  private mutating func label() throws(DataError) {
    skipSpace()
    guard next != UInt8(ascii: "\"") else {
      throw error("a label is a text; only whole numbers can be read")
    }
    let value = try number()
    guard value == value.rounded(), (0..<Double(LabelRange.classLimit)).contains(value) else {
      throw error(
        "the label \(value) is out of range; expected a whole number from 0 to "
          + "\(LabelRange.classLimit - 1)")
    }
    content.labels.append(Int32(value))
  }
}

extension LEAFReader {
  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func error(_ problem: String) -> DataError {
    let line = bytes[..<min(offset, bytes.count)].reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
    return .malformed(source: file, row: line, problem: "\(problem) (at byte \(offset))")
  }

  private mutating func skipSpace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x0A, 0x0D, 0x09: offset += 1
      default: return
      }
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  /// An object; `body` reads the value of each key.
  private mutating func object(
    _ body: (inout LEAFReader, String) throws(DataError) -> Void
  ) throws(DataError) {
    guard take("{") else { throw error("expected an object, '{'") }
    if take("}") { return }
    repeat {
      let key = try text()
      guard take(":") else { throw error("expected ':' after the key") }
      try body(&self, key)
    } while take(",")
    guard take("}") else { throw error("expected ',' or '}'") }
  }

  /// A list; `body` reads each item.
  private mutating func list(
    _ body: (inout LEAFReader) throws(DataError) -> Void
  ) throws(DataError) {
    guard take("[") else { throw error("expected a list, '['") }
    if take("]") { return }
    repeat { try body(&self) } while take(",")
    guard take("]") else { throw error("expected ',' or ']'") }
  }

  /// A finite number.
  private mutating func number() throws(DataError) -> Double {
    skipSpace()
    let start = offset
    while let byte = next, Self.isNumberByte(byte) { offset += 1 }
    guard let value = DecimalText.number(bytes, start..<offset), value.isFinite else {
      offset = start
      throw error("expected a finite number")
    }
    return value
  }

  /// Digits, signs, the point, and letters: words such as `NaN` are read whole to be refused.
  private static func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }

  /// A text; escapes are those of JSON.
  private mutating func text() throws(DataError) -> String {
    skipSpace()
    let start = offset
    guard next == UInt8(ascii: "\"") else { throw error("expected a text in double quotes") }
    offset += 1
    while let byte = next, byte != UInt8(ascii: "\"") {
      offset += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    guard offset < bytes.count else {
      offset = start
      throw error("a text opened here is never closed")
    }
    offset += 1
    // Names are few: the reader of whole JSON texts checks and unescapes them.
    do {
      return try JSON.parse(Array(bytes[start..<offset]), file: file).text ?? ""
    } catch {
      offset = start
      throw self.error("this is no text as JSON has it")
    }
  }

  /// Any value, which is not kept.
  private mutating func skip(depth: Int) throws(DataError) {
    skipSpace()
    switch next {
    case UInt8(ascii: "{") where depth > 0:
      try object { (self, _) throws(DataError) in try self.skip(depth: depth - 1) }
    case UInt8(ascii: "[") where depth > 0:
      try list { (self) throws(DataError) in try self.skip(depth: depth - 1) }
    case UInt8(ascii: "{"), UInt8(ascii: "["): throw error("too many levels of lists and objects")
    case UInt8(ascii: "\""): _ = try text()
    default:
      for word in ["null", "true", "false"] where bytes[offset...].starts(with: word.utf8) {
        offset += word.utf8.count
        return
      }
      _ = try number()
    }
  }
}
