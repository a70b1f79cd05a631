/// A parameter that is a number, or one word that stands for a rule how to find it: `f: 3`,
/// `f: assumed`.
///
///     public enum FaultBound: WordOrNumber {
///       case assumed
///       case exactly(Int)
///
///       public static let word = "assumed"
///       public init(_ number: Int?) { self = number.map(Self.exactly) ?? .assumed }
///       public var number: Int? { if case .exactly(let count) = self { count } else { nil } }
///     }
///
/// It is read and written as that word or as a plain number.
public protocol WordOrNumber: Codable, Hashable, Sendable {
  /// `Int` or `Double`.
  associatedtype Number: Codable & Sendable

  /// The word.
  static var word: String { get }
  /// The value for this number; nil is the word.
  init(_ number: Number?)
  /// The number; nil for the word.
  var number: Number? { get }
}

extension WordOrNumber {
  /// Reads the word or a number.
  public init(from decoder: any Decoder) throws {
    let scalar = try decoder.singleValueContainer()
    if let number = try? scalar.decode(Number.self) {
      self.init(number)
    } else if let text = try? scalar.decode(String.self), text == Self.word {
      self.init(nil)
    } else {
      throw DecodingError.typeMismatch(
        Number.self,
        .init(codingPath: decoder.codingPath, debugDescription: "expected \(Self.possibilities)"))
    }
  }

  /// What can be written, for a message.
  static var possibilities: String {
    "\(Number.self is any BinaryInteger.Type ? "a whole number" : "a number") or '\(word)'"
  }

  /// Writes the word or the number.
  public func encode(to encoder: any Encoder) throws {
    var scalar = encoder.singleValueContainer()
    if let number { try scalar.encode(number) } else { try scalar.encode(Self.word) }
  }
}
