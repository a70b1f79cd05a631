import Foundation
import SecureAggregation
import TestSupport

/// One case of `Tests/Vectors/secagg/bad_*.json`: a run in which one message is not what it must
/// be, and what then must happen, in words. The README beside the files says how to read it.
struct BadCase: Decodable, Sendable {
  var what: String
  /// The variants of the protocol in which it must happen.
  var variants: [String]
  var clients: Int
  var threshold: Int
  /// Present in sessions whose clients mask with some others only: in a ring by number.
  var degree: Int?
  /// Before which message a client drops out of itself.
  var dropouts: [String: String]?
  /// Which message is changed: the first of its kind between these two.
  var message: String
  var from: String
  var to: String
  var tamperer: String
  var change: [Step]
  /// Whether the message arrives as it was, too, after what was made of it.
  var thenOriginal: Bool?
  /// Who says what, in the order in which it is said.
  var reasons: [String]
  var result: String
  var suspects: [Int]?

  /// One thing done to the message.
  struct Step: Decodable, Sendable {
    var `do`: String
    var bytes: Int?
    var hex: String?
    var field: String?
    var entry: Int?
    var other: Int?
    var at: Int?
    var message: String?
    var from: String?
    var to: String?
    var by: String?
    var session: String?
    var kind: String?
  }

  /// The kind a text names.
  static func kind(_ text: String) throws -> MessageKind {
    guard let kind = MessageKind.allCases.first(where: { $0.description == text }) else {
      throw BadCaseError(reason: "no message is called '\(text)'")
    }
    return kind
  }

  /// The party a text names.
  static func party(_ text: String) throws -> Party {
    if text == "the server" { return .server }
    guard text.hasPrefix("client "), let id = Int(text.dropFirst(7)) else {
      throw BadCaseError(reason: "nobody is called '\(text)'")
    }
    return .client(id)
  }

  /// The bytes a text of hexadecimal digits stands for.
  static func bytes(_ text: String) throws -> [UInt8] {
    let digits = Array(text)
    return try stride(from: 0, to: digits.count, by: 2).map { place in
      guard let byte = UInt8(String(digits[place..<min(place + 2, digits.count)]), radix: 16)
      else { throw BadCaseError(reason: "'\(text)' is not hexadecimal") }
      return byte
    }
  }
}

/// A case file that cannot be read or applied.
struct BadCaseError: Error, CustomStringConvertible {
  var reason: String
  var description: String { reason }
}

/// All case files, by name.
enum BadCases {
  static let files: [(name: String, cases: [BadCase])] = {
    let folder = testsDirectory.appending(path: "Vectors/secagg")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasPrefix("bad_") && $0.hasSuffix(".json") }.sorted().map { file in
      let name = String(file.dropLast(5))
      return (name, (try? VectorFile<BadCase>(named: "secagg/\(name)"))?.cases ?? [])
    }
  }()
}
