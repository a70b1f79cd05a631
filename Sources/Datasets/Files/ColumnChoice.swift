/// A column of a table, by name or by place.
public enum ColumnChoice: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The column with this name in the header.
  case name(String)
  /// The column at this place: 1 is the first, -1 the last, 0 none.
  case place(Int)

  /// Reads a text or a whole number.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let place = try? value.decode(Int.self) {
      self = .place(place)
    } else {
      self = .name(try value.decode(String.self))
    }
  }

  /// Writes a text or a whole number.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .name(let name): try value.encode(name)
    case .place(let place): try value.encode(place)
    }
  }

  /// As configurations write it.
  public var description: String {
    switch self {
    case .name(let name): "'\(name)'"
    case .place(let place): "\(place)"
    }
  }

  var isName: Bool { if case .name = self { true } else { false } }

  /// The column's index, counting from 0, in a table of `width` columns; nil for none.
  ///
  /// - Throws: `DataError` that says which columns there are.
  func index(
    in header: [String]?, width: Int, source: String
  ) throws(DataError) -> Int? {
    switch self {
    case .place(0): return nil
    case .place(let place):
      let index = place > 0 ? place - 1 : width + place
      guard (0..<width).contains(index) else {
        throw .unusable(
          source: source, problem: "there is no column \(place); the first row has \(width)")
      }
      return index
    case .name(let name):
      let places = (header ?? []).indices.filter { header?[$0] == name }
      guard let index = places.first, places.count == 1 else {
        let known = (header ?? []).prefix(20).joined(separator: ", ")
        throw .unusable(
          source: source,
          problem: places.isEmpty
            ? "there is no column '\(name)'; the header has \(known)"
            : "\(places.count) columns are called '\(name)'; choose one by its place")
      }
      return index
    }
  }
}
